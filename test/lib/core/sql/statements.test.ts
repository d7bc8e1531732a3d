import { describe, expect, test } from 'vitest'
import { readSqlFiles } from '../../../../src/lib/adapters/files/sql-files.js'
import {
  CHANGED_BY_TABLE,
  curatedStatements,
  incrementalText,
  viewStatement,
} from '../../../../src/lib/core/sql/statements.js'
import { emptyWarehouse } from '../../../support/memory-database.js'

const TEXT = [
  'select booking_id',
  'from raw_data.stg_bookings',
  '  -- incremental: where booking_id in (1)',
  '-- a remark',
].join('\n')

test('the incremental lines become part of a text, and nothing else does', () => {
  expect(incrementalText(TEXT)).toBe(
    'select booking_id\nfrom raw_data.stg_bookings\n  where booking_id in (1)\n-- a remark',
  )
  expect(incrementalText("select '-- incremental: x'")).toBe("select '-- incremental: x'")
})

describe('curatedStatements', () => {
  const columns = '"user_id", "listing_id", "viewed_at", "viewed_timestamp", "is_wishlisted", "call_to_action"'
  const into = `insert into curated.fact_user_views (${columns})`

  test('all rows are replaced', () => {
    expect(curatedStatements('fact_user_views', TEXT, 'full')).toEqual({
      takeOut: 'delete from curated.fact_user_views',
      putIn: `${into}\n${TEXT}`,
    })
  })

  test('or those of the changed keys', () => {
    expect(curatedStatements('fact_user_views', TEXT, 'incremental')).toEqual({
      prepare: `create temp table new_fact_user_views as\n${incrementalText(TEXT)}`,
      takeOut:
        'delete from curated.fact_user_views where exists (select 1 from curated.changed_views where curated.changed_views."user_id" = curated.fact_user_views."user_id" and curated.changed_views."listing_id" = curated.fact_user_views."listing_id" and curated.changed_views."viewed_timestamp" = curated.fact_user_views."viewed_timestamp")',
      putIn: `${into} select ${columns} from new_fact_user_views`,
    })
  })

  test('of a table that there is', () => {
    expect(() => curatedStatements('dim_cats', TEXT, 'full')).toThrow(new RangeError('no curated table dim_cats'))
  })

  test('the files of the project bind as full and as incremental, and each incremental one has its line', async () => {
    const db = await emptyWarehouse()
    const files = await readSqlFiles('curated')
    expect(files.map(({ name }) => name).sort()).toEqual(['dim_dates', ...Object.keys(CHANGED_BY_TABLE)].sort())
    for (const { name, text } of files) {
      const modes = name === 'dim_dates' ? (['full'] as const) : (['full', 'incremental'] as const)
      for (const mode of modes)
        for (const statement of Object.values(curatedStatements(name, text, mode))) await db.run(statement)
      expect({ [name]: incrementalText(text) !== text }).toEqual({ [name]: name !== 'dim_dates' })
    }
  })
})

test('a view is made, and made anew', async () => {
  const db = await emptyWarehouse()
  await db.run(viewStatement('v', 'select 1 as a -- one'))
  await db.run(viewStatement('v', 'select 2 as b -- two'))
  expect(await db.all('select * from presentation.v')).toEqual([{ b: 2 }])
})

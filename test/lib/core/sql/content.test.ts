import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Database } from '../../../../src/lib/adapters/local/engine/database.js'
import { type CuratedTable, sourceTable } from '../../../../src/lib/core/model.js'
import { curatedQuery, type LakePart, lakeRawQuery, rawHashQuery } from '../../../../src/lib/core/sql/content.js'
import { rowHash } from '../../../../src/lib/core/sql/row-hash.js'
import { emptyWarehouse, memoryDatabase } from '../../../support/memory-database.js'
import { temporaryFolder } from '../../../support/temporary.js'

const VIEWS = sourceTable('user_viewing')

/** Rows by user: [user, call, position, superseded, run, deleted]. */
type Row = [user: number, call: string, position: number, superseded: number, run: string, deleted?: boolean]

const typedRow = ([user, call, position, superseded, run, deleted = false]: Row): string =>
  `select cast(${user} as bigint) as user_id, cast(7 as bigint) as apartment_id, timestamp '2024-01-01' as viewed_at, true as is_wishlisted,
    cast('${call}' as varchar) as call_to_action, cast(${position} as bigint) as _position, cast(${superseded} as bigint) as _superseded, '${run}' as _run_id, ${deleted} as _deleted`

async function load(db: Database, rows: Row[]): Promise<void> {
  await db.run('delete from raw_data.stg_user_viewing')
  for (const row of rows) {
    await db.run(
      `insert into raw_data.stg_user_viewing (user_id, apartment_id, viewed_at, is_wishlisted, call_to_action, _row_hash, _load_seq, _run_id, _position, _superseded)
        select user_id, apartment_id, viewed_at, is_wishlisted, call_to_action, ${rowHash(VIEWS.columns)}, 1, _run_id, _position, _superseded from (${typedRow(row)}) t`,
    )
  }
}

async function extract(db: Database, runs: Record<string, Row[]>): Promise<LakePart[]> {
  const folder = await temporaryFolder()
  const parts: LakePart[] = []
  for (const [at, [runId, rows]] of Object.entries(runs).entries()) {
    const file = join(folder, `it's ${runId}.parquet`)
    await db.run(
      `copy (select user_id, apartment_id, viewed_at, is_wishlisted, call_to_action, ${rowHash(VIEWS.columns)} as _row_hash, _position, cast(null as varchar) as _nullified, _deleted
        from (${rows.map(typedRow).join(' union all ')}) t) to '${file.replaceAll("'", "''")}' (format parquet)`,
    )
    parts.push({ runId, rank: at + 1, files: [file] })
  }
  return parts
}

describe('lakeRawQuery', () => {
  const runs: Record<string, Row[]> = {
    'r-1': [
      [1, 'a', 0, 0, 'r-1'],
      [2, 'a', 1, 0, 'r-1'],
      [2, 'b', 2, 0, 'r-1'],
      [3, 'a', 0, 0, 'r-1'],
      [4, 'a', 0, 0, 'r-1'],
    ],
    'r-2': [
      [3, 'c', 0, 0, 'r-2'],
      [4, '', 0, 0, 'r-2', true],
    ],
  }
  const raw: Row[] = [
    [1, 'a', 0, 0, 'r-1'],
    [2, 'b', 2, 1, 'r-1'],
    [3, 'c', 0, 0, 'r-2'],
  ]
  const differences = async (rows: Row[], lake = runs, spoil?: string): Promise<string[]> => {
    const db = await emptyWarehouse()
    await load(db, rows)
    const parts = await extract(db, lake)
    if (spoil) await db.run(spoil)
    const found = await db.all<Record<string, string>>(lakeRawQuery(VIEWS, parts))
    return found.map(({ user_id, difference, run_id }) => `${user_id} ${difference} ${run_id}`).sort()
  }

  test('changed, deleted and superseded rows balance, over several loads and over one', async () => {
    expect(await differences(raw)).toEqual([])
    expect(await differences([[1, 'a', 0, 0, 'r-1']], { 'r-1': [[1, 'a', 0, 0, 'r-1']] })).toEqual([])
  })

  test.each<[string, Row[], string[]]>([
    ['a row less in raw', raw.slice(1), ['1 in the lake, but not in raw r-1']],
    ['a row more in raw', [...raw, [9, 'x', 0, 0, 'r-2']], ['9 not in the lake as it is in raw r-2']],
    ['another cell', [[1, 'z', 0, 0, 'r-1'], ...raw.slice(1)], ['1 not in the lake as it is in raw r-1']],
    [
      'the state before the last load',
      [...raw.slice(0, 2), [3, 'a', 0, 0, 'r-2']],
      ['3 not in the lake as it is in raw r-2'],
    ],
    ['a row that was deleted', [...raw, [4, 'a', 0, 0, 'r-1']], ['4 deleted in the lake, but in raw r-2']],
    [
      'fewer copies',
      [raw[0] as Row, [2, 'b', 2, 2, 'r-1'], raw[2] as Row],
      ['2 more or fewer copies in the lake than raw counts r-1'],
    ],
  ])('%s', async (_, rows, expected) => {
    expect(await differences(rows)).toEqual(expected)
  })

  test('a cell that was changed together with its place in raw is found by the lake', async () => {
    expect(
      await differences(
        raw,
        runs,
        `update raw_data.stg_user_viewing set call_to_action = 'z', _row_hash = 5 where user_id = 1`,
      ),
    ).toEqual(['1 not in the lake as it is in raw r-1'])
  })
})

test('rawHashQuery names the rows whose cells are not what was loaded', async () => {
  const db = await emptyWarehouse()
  await load(db, [
    [1, 'a', 0, 0, 'r-1'],
    [2, 'a', 0, 0, 'r-1'],
    [3, 'a', 0, 0, 'r-2'],
  ])
  expect(await db.all(rawHashQuery(VIEWS))).toEqual([])
  await db.run('update raw_data.stg_user_viewing set is_wishlisted = null where user_id = 3')
  expect(await db.all(rawHashQuery(VIEWS))).toEqual([
    { user_id: '3', apartment_id: '7', viewed_at: '2024-01-01T00:00:00Z', _run_id: 'r-2' },
  ])
})

describe('curatedQuery', () => {
  const table: CuratedTable = {
    name: 't',
    key: ['a', 'b'],
    columns: ['a', 'b', 'c', 'd'].map((name) => ({ name, type: 'INTEGER', required: false })),
  }
  const keyOnly: CuratedTable = { ...table, columns: table.columns.slice(0, 2) }

  test('missing, too many, and differing rows, NULLs too', async () => {
    const db = await memoryDatabase()
    await db.run('create schema curated')
    await db.run(
      'create table curated.t as select * from (values (1, 1, 1, 1), (1, 2, null, 1), (1, 3, 1, null), (9, 9, 1, 1)) t(a, b, c, d)',
    )
    const expected = 'select * from (values (1, 1, 1, 1), (1, 2, null, 1), (1, 3, 1, 1), (2, 2, 2, 2)) t(a, b, c, d)'
    expect(await db.all(`${curatedQuery(table, expected)} order by a, b`)).toEqual([
      { a: 1, b: 3, difference: 'differs from raw' },
      { a: 2, b: 2, difference: 'missing' },
      { a: 9, b: 9, difference: 'not in raw' },
    ])
    expect(await db.all(`${curatedQuery(keyOnly, 'select a, b from curated.t where a < 9')} order by a`)).toEqual([
      { a: 9, b: 9, difference: 'not in raw' },
    ])
  })
})

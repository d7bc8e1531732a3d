import { describe, expect, test } from 'vitest'
import type { CuratedTable } from '../../../../src/lib/core/model.js'
import { curatedQuery } from '../../../../src/lib/core/sql/content.js'
import { memoryDatabase } from '../../../support/memory-database.js'

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
    expect(await db.all(`${curatedQuery(table, expected, 'a < 2')} order by a, b`)).toEqual([
      { a: 1, b: 3, difference: 'differs from raw' },
    ])
    expect(await db.all(`${curatedQuery(table, expected, 'a >= 2')} order by a, b`)).toHaveLength(2)
    expect(await db.all(`${curatedQuery(keyOnly, 'select a, b from curated.t where a < 9')} order by a`)).toEqual([
      { a: 9, b: 9, difference: 'not in raw' },
    ])
  })
})

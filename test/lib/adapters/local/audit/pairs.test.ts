import { join } from 'node:path'
import { expect, test } from 'vitest'
import { areAlike, pairsQuery, sameRow } from '../../../../../src/lib/adapters/local/audit/pairs.js'
import { memoryDatabase } from '../../../../support/memory-database.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const table = {
  key: ['id'],
  columns: [
    { name: 'id', type: 'BIGINT' as const, required: true },
    { name: 'text', type: 'VARCHAR' as const, required: false },
  ],
}
const ROWS = `select i as id, case when i % 3 = 0 then null else 't' || i end as text from range(5000) r(i)`
const ALL_NULL = 'select null, null'

test.each<[string, string, string, boolean]>([
  ['the same rows', ROWS, ROWS, true],
  ['no rows', `${ROWS} where false`, `${ROWS} where false`, true],
  ['the same in another order', ROWS, `from (${ROWS}) order by id desc`, false],
  ['the last row less on the left', `${ROWS} where i < 4999`, ROWS, false],
  ['the last row less on the right', ROWS, `${ROWS} where i < 4999`, false],
  ['a vector less on the left', `${ROWS} where i < 2904`, ROWS, false],
  ['none on the right', ROWS, `${ROWS} where false`, false],
  ['the first row less on the right', ROWS, `${ROWS} where i > 0`, false],
  ['a row of NULLs more on the left', `${ROWS} union all ${ALL_NULL}`, ROWS, false],
  ['a row of NULLs more on the right', ROWS, `${ROWS} union all ${ALL_NULL}`, false],
  [
    'a row of NULLs more on both: the key is none',
    `${ROWS} union all ${ALL_NULL}`,
    `${ROWS} union all ${ALL_NULL}`,
    false,
  ],
  [
    'a value that is NULL on the left',
    `from (${ROWS}) union all select 9999, null`,
    `from (${ROWS}) union all select 9999, 'x'`,
    false,
  ],
  [
    'a value that is NULL on the right',
    `from (${ROWS}) union all select 9999, 'x'`,
    `from (${ROWS}) union all select 9999, null`,
    false,
  ],
  ['another value', ROWS, `from (${ROWS}) select id, case when id = 2050 then 't' else text end as text`, false],
])('%s', async (_, left, right, expected) => {
  const db = await memoryDatabase()
  await db.run(`create table a as ${left}`)
  await db.run(`create table b as ${right}`)
  expect(await areAlike(db, 'a', 'b', sameRow(table))).toBe(expected)
  // Of queries the engine holds one side; what they say is the same.
  const query = (name: string): string => `(select * from (select id + 0 as id, text from ${name}) q where true)`
  expect(await areAlike(db, query('a'), query('b'), sameRow(table))).toBe(expected)
})

test('files and a table of some row groups are read at once, and neither is held', async () => {
  const db = await memoryDatabase()
  const folder = await temporaryFolder()
  const [one, two] = [join(folder, '1.parquet'), join(folder, '2.parquet')]
  const rows = (from: number, to: number): string =>
    `select i as id, 't' || i as text, 0 as unread from range(${from}, ${to}) r(i)`
  await db.run(`copy (${rows(0, 200_000)}) to '${one}' (row_group_size 50000)`)
  await db.run(`copy (${rows(200_000, 300_000)}) to '${two}' (row_group_size 70000)`)
  await db.run(`create table t as select id, text from (${rows(0, 300_000)})`)
  const files = `(select id, text from read_parquet(['${one}', '${two}'], hive_partitioning = false))`
  const plan = JSON.stringify(await db.all(`explain ${pairsQuery(files, 't', sameRow(table))}`))
  expect(plan).toContain('POSITIONAL_SCAN')
  expect(plan).not.toContain('POSITIONAL_JOIN')
  expect(await areAlike(db, files, 't', sameRow(table))).toBe(true)
  await db.run('update t set text = null where id = 299999')
  expect(await areAlike(db, files, 't', sameRow(table))).toBe(false)
  await db.run(`update t set text = 't299999' where id = 299999`)
  expect(await areAlike(db, files, 't', sameRow(table))).toBe(true)
  // A hole in the table, and the row at its end.
  await db.run('delete from t where id = 100000')
  await db.run(`insert into t values (100000, 't100000')`)
  expect(await areAlike(db, files, 't', sameRow(table))).toBe(false)
})

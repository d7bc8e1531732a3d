import { expect, test } from 'vitest'
import { cellChunks, resultColumns } from '../../../../../src/lib/adapters/local/engine/cells.js'
import type { Cell } from '../../../../../src/lib/ports/warehouse.js'
import { memoryDatabase } from '../../../../support/memory-database.js'

/** Each SQL value with its type and cell by cli.md §3. */
const CASES: [sql: string, type: string, cell: Cell][] = [
  ['cast(5508654087 as bigint)', 'BIGINT', '5508654087'],
  ['cast(-9223372036854775808 as bigint)', 'BIGINT', '-9223372036854775808'],
  ['cast(7 as ubigint)', 'BIGINT', '7'],
  ['cast(170141183460469231731687303715884105727 as hugeint)', 'BIGINT', '170141183460469231731687303715884105727'],
  ['count(*)', 'BIGINT', '1'],
  ['sum(cast(3 as bigint))', 'BIGINT', '3'],
  ['cast(-7 as integer)', 'INTEGER', -7],
  ['cast(7 as tinyint)', 'INTEGER', 7],
  ['cast(7 as usmallint)', 'INTEGER', 7],
  ['cast(1.5 as double)', 'DOUBLE', 1.5],
  ['cast(0.5 as float)', 'DOUBLE', 0.5],
  [`cast('nan' as double)`, 'DOUBLE', 'NaN'],
  [`cast('-infinity' as double)`, 'DOUBLE', '-Infinity'],
  ['cast(5 as decimal(10,2))', 'DECIMAL(10,2)', '5.00'],
  ['cast(-0.5 as decimal(4,1))', 'DECIMAL(4,1)', '-0.5'],
  ['cast(12345678901234567890.123456 as decimal(38,6))', 'DECIMAL(38,6)', '12345678901234567890.123456'],
  ['true', 'BOOLEAN', true],
  ['false', 'BOOLEAN', false],
  [`'é😀'`, 'VARCHAR', 'é😀'],
  [`chr(65279) || 'x'`, 'VARCHAR', '\ufeffx'],
  [`''`, 'VARCHAR', ''],
  [`date '2024-02-29'`, 'DATE', '2024-02-29'],
  [`timestamp '2024-02-29 10:00:00'`, 'TIMESTAMP', '2024-02-29T10:00:00Z'],
  [`timestamp '2024-02-29 10:00:00.500'`, 'TIMESTAMP', '2024-02-29T10:00:00.5Z'],
  [`timestamp '2024-02-29 10:00:00.000001'`, 'TIMESTAMP', '2024-02-29T10:00:00.000001Z'],
  [`timestamp '2024-02-29 00:00:10'`, 'TIMESTAMP', '2024-02-29T00:00:10Z'],
  [`cast(timestamp '2024-02-29 10:00:00.120' as timestamp_ms)`, 'TIMESTAMP', '2024-02-29T10:00:00.12Z'],
  [`cast(timestamp '2024-02-29 10:00:00' as timestamp_s)`, 'TIMESTAMP', '2024-02-29T10:00:00Z'],
  [`timestamp 'infinity'`, 'TIMESTAMP', 'infinity'],
  [`timestamptz '2024-02-29 10:00:00+02'`, 'TIMESTAMP WITH TIME ZONE', '2024-02-29T08:00:00Z'],
  [`timestamptz '2024-02-29 10:00:00.25+00'`, 'TIMESTAMP WITH TIME ZONE', '2024-02-29T10:00:00.25Z'],
  [`time '10:00:00'`, 'TIME', '10:00:00'],
  ['[1, 2]', 'INTEGER[]', '[1, 2]'],
]

test('every type, and NULL in each', async () => {
  const db = await memoryDatabase()
  const values = CASES.map(([sql], at) => `${sql} as c${at}`).join(', ')
  const result = await db.stream(
    `select * from (select ${values}) union all (select ${CASES.map(() => 'null').join(', ')})`,
  )
  expect(resultColumns(result)).toEqual(CASES.map(([, type], at) => ({ name: `c${at}`, type })))
  const rows: Cell[][] = []
  for await (const chunk of cellChunks(result)) rows.push(...chunk)
  expect(rows.map((row) => row.map((cell, at) => [CASES[at]?.[0], cell]))).toEqual([
    CASES.map(([sql, , cell]) => [sql, cell]),
    CASES.map(([sql]) => [sql, null]),
  ])
})

test('all rows of all chunks, in their order', async () => {
  const db = await memoryDatabase()
  const sizes: number[] = []
  let next = 0
  for await (const chunk of cellChunks(await db.stream('select cast(n as integer) from range(5000) t(n)'))) {
    sizes.push(chunk.length)
    for (const [cell] of chunk) if (cell !== next++) expect(cell).toBe(next - 1)
  }
  expect([next, sizes.length > 1]).toEqual([5000, true])
})

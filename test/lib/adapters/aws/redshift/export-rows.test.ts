import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exportRows } from '../../../../../src/lib/adapters/aws/redshift/export-rows.js'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { exportFile } from '../../../../../src/lib/adapters/local/warehouse/export-file.js'
import type { Cell, FileFormat, ResultStream } from '../../../../../src/lib/ports/warehouse.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const COLUMNS = [
  ['big', 'BIGINT'],
  ['exact', 'DECIMAL(12,2)'],
  ['small', 'INTEGER'],
  ['near', 'DOUBLE'],
  ['day', 'DATE'],
  ['moment', 'TIMESTAMP'],
  ['a "name"', 'VARCHAR'],
  ['yes', 'BOOLEAN'],
] as const
const ROWS: Cell[][] = [
  ['9007199254740993', '1.50', 7, 0.25, '2024-05-01', '2024-05-01T10:00:00.5Z', 'x, "y"\nü', true],
  [null, null, null, null, null, null, '', false],
  ['-1', '-0.05', -7, 1e300, '1999-12-31', '2024-05-01T00:00:00Z', null, null],
]
/** The same rows, as the local engine has them itself. */
const LOCAL = `select * from (values
  (9007199254740993::bigint, 1.50::decimal(12,2), 7::integer, 0.25::double, date '2024-05-01', timestamp '2024-05-01 10:00:00.5', 'x, "y"\nü', true),
  (null, null, null, null, null, null, '', false),
  (-1, -0.05, -7, 1e300, date '1999-12-31', timestamp '2024-05-01', null, null)) as t(big, exact, small, near, day, moment, "a ""name""", yes)`

const { signal } = new AbortController()

function streamed(rows: Cell[][]): ResultStream {
  async function* chunks(): AsyncGenerator<Cell[][], void> {
    for (const row of rows) yield [row]
  }
  return { columns: COLUMNS.map(([name, type]) => ({ name, type })), chunks: chunks() }
}

test.each<FileFormat>(['csv', 'jsonl', 'parquet'])(
  'a file of %s is the one that a local home gives, cell for cell',
  async (format) => {
    const folder = await temporaryFolder()
    const [own, local] = [join(folder, `own.${format}`), join(folder, `local.${format}`)]
    expect(await exportRows(streamed(ROWS), own, format, signal)).toBe(3)
    const db = await Database.open(':memory:', { spillTo: folder })
    await exportFile(db, LOCAL, local, format)
    if (format === 'parquet') {
      const read = (file: string): Promise<unknown> => db.all(`select * from read_parquet('${file}')`)
      const types = (file: string): Promise<unknown> => db.all(`describe select * from read_parquet('${file}')`)
      expect([await read(own), await types(own)]).toEqual([await read(local), await types(local)])
    } else expect(await readFile(own, 'utf8')).toBe(await readFile(local, 'utf8'))
    db.close()
  },
)

test('a type that the local engine does not know goes as text', async () => {
  const file = join(await temporaryFolder(), 'x.jsonl')
  const rows = { columns: [{ name: 'x', type: 'SUPER' }], chunks: streamed([['{"a":1}']]).chunks }
  expect(await exportRows(rows, file, 'jsonl', signal)).toBe(1)
  expect(await readFile(file, 'utf8')).toBe(`${JSON.stringify({ x: '{"a":1}' })}\n`)
})

test('a moment of a time zone is one', async () => {
  const file = join(await temporaryFolder(), 'x.csv')
  const rows = {
    columns: [{ name: 'x', type: 'TIMESTAMP WITH TIME ZONE' }],
    chunks: streamed([['2024-05-01T10:00:00.5Z']]).chunks,
  }
  expect(await exportRows(rows, file, 'csv', signal)).toBe(1)
  expect(await readFile(file, 'utf8')).toMatch(/^x\n2024-05-01 10:00:00\.5\+00/)
})

test('what fails while rows are read leaves no file, and nothing in the folder for temporary files', async () => {
  const folder = await temporaryFolder()
  const mine = async (): Promise<string[]> =>
    (await readdir(tmpdir())).filter((name) => name.includes(`-${process.pid}-`))
  const before = await mine()
  async function* broken(): AsyncGenerator<Cell[][], void> {
    yield ROWS
    throw new Error('the reading stopped')
  }
  const rows = { columns: streamed([]).columns, chunks: broken() }
  await expect(exportRows(rows, join(folder, 'x.csv'), 'csv', signal)).rejects.toThrow('the reading stopped')
  expect(await readdir(folder)).toEqual([])
  expect(await mine()).toEqual(before)
})

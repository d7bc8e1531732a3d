import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { typedSelect } from '../../../../../src/lib/adapters/local/engine/typing.js'
import { openCsv } from '../../../../../src/lib/adapters/source/csv/open-csv.js'
import { PlainValues } from '../../../../../src/lib/adapters/source/csv/plain-values.js'
import { statSource } from '../../../../../src/lib/adapters/source/csv/source-file.js'
import { type Column, type SourceTable, sourceTable } from '../../../../../src/lib/core/model.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const { signal } = new AbortController()

function isPlain(type: Column['type'], value: string): boolean {
  const bytes = Buffer.from(`x,${value}\n`)
  const plain = new PlainValues(['other', 'v'], [{ name: 'v', type, required: false }])
  const record = { bytes, start: 0, end: bytes.length - 1, offset: 0, line: 1, quoted: false, quoteInText: false }
  return plain.hold({ ...record, linesInQuotes: false })
}

const CASES: Record<string, { plain: string[]; other: string[] }> = {
  BIGINT: {
    plain: ['0', '7', '-7', '999999999999999999'],
    other: ['', '-', '-0', '07', '+7', '7.0', '1e3', '1_000', '0x1F', ' 7', '7 ', '1000000000000000000', '٣'],
  },
  INTEGER: { plain: ['0', '999999999'], other: ['1000000000', '4.'] },
  'DECIMAL(10,2)': {
    plain: ['0', '0.5', '12.34', '-0.01', '99999999.99'],
    other: ['', '.5', '5.', '12.345', '123456789', '1,5', '00.1', '$5', '1e2', 'NaN', 'inf'],
  },
  'DECIMAL(9,6)': { plain: ['-90.123456', '123'], other: ['1234', '1.1234567'] },
  DATE: {
    plain: ['1900-01-01', '2024-02-29', '2199-12-31'],
    other: [
      '1899-12-31',
      '2200-01-01',
      '2023-02-29',
      '2024-04-31',
      '2024-13-01',
      '2024-00-10',
      '2024-1-5',
      '2024/01/05',
      '2024-01-05x',
      'epoch',
      '2024-01-00',
    ],
  },
  TIMESTAMP: {
    plain: ['2024-01-05 00:00:00', '2024-01-05 23:59:59.9', '2024-01-05 12:00:00.123456'],
    other: [
      '2024-01-05',
      '2024-01-05T00:00:00',
      '2024-01-05 24:00:00',
      '2024-01-05 00:60:00',
      '2024-01-05 00:00:60',
      '2024-01-05 00:00:00Z',
      '2024-01-05 00:00:00.',
      '2024-01-05 00:00:00.1234567',
      '2024-01-05 00:00:00+02',
    ],
  },
  BOOLEAN: { plain: ['true', 'false', '1', '0'], other: ['', 'True', 'tru', 'truex', 't', 'yes', '2', '10'] },
}

describe.each(Object.entries(CASES))('%s', (type, { plain, other }) => {
  test.each(plain)('"%s" is plain', (value) => expect(isPlain(type as Column['type'], value)).toBe(true))
  test.each(other)('"%s" is not', (value) => expect(isPlain(type as Column['type'], value)).toBe(false))
})

test('a record of another number of fields, or with quotes, is not plain', () => {
  const hold = (line: string, quoted = false): boolean => {
    const bytes = Buffer.from(line)
    const record = { bytes, start: 0, end: bytes.length, offset: 0, line: 1, quoted, quoteInText: false }
    return new PlainValues(['a', 'n'], [{ name: 'n', type: 'INTEGER', required: false }]).hold({
      ...record,
      linesInQuotes: false,
    })
  }
  expect(['a,1', ',1', 'a', 'a,1,', 'a,1,2', ''].map((line) => hold(line))).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ])
  expect(hold('a,1', true)).toBe(false)
})

const number = fc.integer({ min: -2000, max: 200_000 }).map(String)
const day = fc.oneof(
  fc
    .date({ min: new Date('1898-01-01'), max: new Date('2202-01-01'), noInvalidDate: true })
    .map((at) => at.toISOString().slice(0, 10)),
  fc.stringMatching(/^20[0-3][0-9]-[01][0-9]-[0-3][0-9]$/),
)
const money = fc.oneof(number, fc.stringMatching(/^-?[0-9]{1,9}(\.[0-9]{0,3})?$/))
const moment = fc
  .tuple(day, fc.stringMatching(/^ [0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,7})?$/))
  .map((parts) => parts.join(''))
const flag = fc.constantFrom('true', 'false', '1', '0')
const text = fc.constantFrom('a', '', 'null', 'NULL', '\\N', ' b', 'c ', 'é', 'None')
const VALUES: Record<string, fc.Arbitrary<string>> = {
  BIGINT: number,
  INTEGER: number,
  DATE: day,
  TIMESTAMP: moment,
  BOOLEAN: flag,
  VARCHAR: text,
}

function rowsOf(table: SourceTable): fc.Arbitrary<string[][]> {
  const values = table.columns.map(({ type }) =>
    (VALUES[type] ?? money).filter((value) => type === 'VARCHAR' || isPlain(type, value)),
  )
  return fc.array(fc.tuple(...values), { minLength: 5, maxLength: 40 })
}

describe('where all values are plain, the engine reads what the rules give', () => {
  test.each(['apartments', 'apartment_attributes', 'bookings', 'user_viewing'] as const)('%s', async (name) => {
    const table = sourceTable(name)
    const folder = await temporaryFolder()
    const db = await Database.open(':memory:')
    try {
      await fc.assert(
        fc.asyncProperty(rowsOf(table), async (rows) => {
          const path = join(folder, 'a.csv')
          await writeFile(
            path,
            `${table.columns.map((column) => column.name).join(',')}\n${rows.map((row) => `${row.join(',')}\n`).join('')}`,
          )
          const csv = await openCsv(await statSource(path), folder, { signal, columns: table.columns })
          expect(csv.plain).toBeDefined()
          const { plain: _, ...byRules } = csv
          const values = async (source: typeof byRules): Promise<unknown> => {
            const { sql } = typedSelect(table, source)
            const names = [...table.columns.map((column) => `"${column.name}"`), '_rule', '_nullified']
            return db.all(`select ${names.join(', ')} from (${sql}) order by all`)
          }
          const expected = await values(byRules)
          expect(await values(csv)).toEqual(expected)
          expect(JSON.stringify(expected)).not.toContain('bad_value')
        }),
        { numRuns: 12 },
      )
    } finally {
      db.close()
    }
  })
})

import { createHash } from 'node:crypto'
import { PGlite } from '@electric-sql/pglite'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Database } from '../../../../src/lib/adapters/local/engine/database.js'
import type { Column, SqlType } from '../../../../src/lib/core/model.js'
import { literal } from '../../../../src/lib/core/sql/names.js'
import { canonicalText, hashOf, rowHash } from '../../../../src/lib/core/sql/row-hash.js'
import { trickyText } from '../../../support/tricky-text.js'

let duckdb: Database
let postgres: PGlite
beforeAll(async () => {
  duckdb = await Database.open(':memory:')
  postgres = await PGlite.create()
})
afterAll(async () => {
  duckdb.close()
  await postgres.close()
})

/** architecture.md, "Technical columns", written once more. */
function expectedHash(texts: readonly (string | null)[]): string {
  const canonical = texts.map((text) => text ?? '\\N').join('\u001f')
  return String(BigInt(`0x${createHash('md5').update(canonical).digest('hex').slice(0, 15)}`))
}

const sqlValue = (text: string | null, type: SqlType): string =>
  `cast(${text === null ? 'null' : literal(text)} as ${type})`

async function hashesOf(
  rows: readonly (readonly [string | null, SqlType][])[],
): Promise<{ duckdb: string[]; postgres: string[] }> {
  const columns = (rows[0] ?? []).map(([, type], at): Column => ({ name: `c ${at}`, type, required: false }))
  const cell = (text: string | null): string => (text === null ? 'null' : literal(text))
  const tuples = rows.map((row, n) => `(${[String(n), ...row.map(([text]) => cell(text))].join(', ')})`)
  const texts = columns.map((_, at) => `c${at}`)
  const typed = columns.map(({ type }, at) => `cast(cast(c${at} as varchar) as ${type}) as "c ${at}"`)
  const sql = (dialect: 'duckdb' | 'postgres') =>
    `select cast(${rowHash(columns, 't.', dialect)} as varchar) as h
      from (select n, ${typed.join(', ')} from (values ${tuples.join(', ')}) v (n, ${texts.join(', ')})) t order by n`
  const ours = await duckdb.all<{ h: string }>(sql('duckdb'))
  const theirs = (await postgres.query<{ h: string }>(sql('postgres'))).rows
  return { duckdb: ours.map(({ h }) => h), postgres: theirs.map(({ h }) => h) }
}

const CASES: [SqlType, value: string | null, canonical: string][] = [
  ['BIGINT', '5508654087', '5508654087'],
  ['BIGINT', '-9223372036854775808', '-9223372036854775808'],
  ['BIGINT', '0', '0'],
  ['BIGINT', null, '\\N'],
  ['INTEGER', '-42', '-42'],
  ['INTEGER', null, '\\N'],
  ['BOOLEAN', 'true', '1'],
  ['BOOLEAN', 'false', '0'],
  ['BOOLEAN', null, '\\N'],
  ['DATE', '1900-01-01', '1900-01-01'],
  ['DATE', '2199-12-31', '2199-12-31'],
  ['DATE', null, '\\N'],
  ['TIMESTAMP', '2024-02-29 00:00:00', '2024-02-29 00:00:00.000000'],
  ['TIMESTAMP', '2024-02-29 23:59:59.5', '2024-02-29 23:59:59.500000'],
  ['TIMESTAMP', '1900-01-01 00:00:00.000001', '1900-01-01 00:00:00.000001'],
  ['TIMESTAMP', '2024-02-29 10:00:00.120000', '2024-02-29 10:00:00.120000'],
  ['TIMESTAMP', null, '\\N'],
  ['DECIMAL(10,2)', '5', '5.00'],
  ['DECIMAL(10,2)', '-0.5', '-0.50'],
  ['DECIMAL(10,2)', '-0.00', '0.00'],
  ['DECIMAL(10,2)', '99999999.99', '99999999.99'],
  ['DECIMAL(4,1)', '2.5', '2.5'],
  ['DECIMAL(9,6)', '-122.419416', '-122.419416'],
  ['DECIMAL(9,6)', null, '\\N'],
  ['VARCHAR', '', ''],
  ['VARCHAR', 'null', 'null'],
  ['VARCHAR', 'O\'Fallon \\ "x"', 'O\'Fallon \\ "x"'],
  ['VARCHAR', 'São Paulo 東京 😀', 'São Paulo 東京 😀'],
  ['VARCHAR', 'two\r\nlines\u001f', 'two\r\nlines\u001f'],
  ['VARCHAR', null, '\\N'],
]

/** Every type once: what a row holds beside the value that is looked at is NULL. */
const EMPTY = Object.fromEntries(CASES.map(([type]) => [type, null]))

test('the canonical text of every kind of value, on both engines', async () => {
  const sql = CASES.map(
    ([type, value], n) => `select ${n} as n, ${canonicalText(sqlValue(value, type), type)} as c`,
  ).join(' union all ')
  const expected = CASES.map(([, , canonical]) => canonical)
  const ours = await duckdb.all<{ c: string }>(`select c from (${sql}) t order by n`)
  expect(ours.map(({ c }) => c)).toEqual(expected)
  const theirs = await postgres.query<{ c: string }>(`select c from (${sql}) t order by n`)
  expect(theirs.rows.map(({ c }) => c)).toEqual(expected)
})

test('the hash is the first 15 hex digits of md5 over the texts, joined by U+001F, on both engines', async () => {
  const rows = CASES.map(([type, value]) =>
    Object.entries(EMPTY).map(([name]): [string | null, SqlType] =>
      name === type ? [value, type] : [null, name as SqlType],
    ),
  )
  const expected = CASES.map(([type, , canonical]) =>
    expectedHash(Object.keys(EMPTY).map((name) => (name === type ? canonical : null))),
  )
  expect(await hashesOf(rows)).toEqual({ duckdb: expected, postgres: expected })
})

test('a hash from texts that are there, and one without any other column', async () => {
  const parts = [literal('a'), literal(''), literal('\\N')]
  const [row] = await duckdb.all(`select cast(${hashOf(parts)} as varchar) as h`)
  expect(row).toEqual({ h: expectedHash(['a', '', null]) })
  const one = await hashesOf([[['x', 'VARCHAR']]])
  expect(one).toEqual({ duckdb: [expectedHash(['x'])], postgres: [expectedHash(['x'])] })
})

test('any row has one hash, whoever computes it', async () => {
  const two = (n: number): string => String(n).padStart(2, '0')
  const cells = {
    VARCHAR: trickyText.map((some) => [some, some]),
    BIGINT: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => [String(n), String(n)]),
    BOOLEAN: fc.boolean().map((yes) => [String(yes), yes ? '1' : '0']),
    'DECIMAL(10,2)': fc.integer({ min: -999_999_999, max: 999_999_999 }).map((cents) => {
      const digits = `${Math.floor(Math.abs(cents) / 100)}.${two(Math.abs(cents) % 100)}`
      return cents < 0 ? [`-${digits}`, `-${digits}`] : [digits, digits]
    }),
    TIMESTAMP: fc
      .tuple(
        fc.date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true }),
        fc.nat({ max: 999_999 }),
      )
      .map(([moment, micros]) => {
        const stamp = `${moment.toISOString().slice(0, 19).replace('T', ' ')}.${String(micros).padStart(6, '0')}`
        return [stamp, stamp]
      }),
  }
  const types = Object.keys(cells) as (keyof typeof cells)[]
  const row = fc.tuple(...types.map((type) => fc.option(cells[type] as fc.Arbitrary<string[]>, { nil: [null, null] })))
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 30 }), async (rows) => {
      const found = await hashesOf(
        rows.map((cells) => cells.map(([value], at) => [value ?? null, types[at] as SqlType])),
      )
      const expected = rows.map((cells) => expectedHash(cells.map(([, canonical]) => canonical ?? null)))
      expect(found).toEqual({ duckdb: expected, postgres: expected })
    }),
    { numRuns: 8 },
  )
})

import { PGlite } from '@electric-sql/pglite'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { redshiftText } from '../../../../src/lib/core/release/redshift-text.js'
import { ident, literal } from '../../../../src/lib/core/sql/names.js'

let engine: PGlite

beforeAll(async () => {
  engine = await PGlite.create()
  await engine.exec('set standard_conforming_strings = off; set escape_string_warning = off')
})
afterAll(() => engine.close())

const text = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom('\\', "'", '"', 'N', 'x', '-', '/', '*', '\n', '%', ':'),
      fc.string({ minLength: 1, maxLength: 1 }),
    ),
    maxLength: 12,
  })
  .filter((one) => !one.includes('\0'))

test('any text comes back as it is where a backslash escapes, beside any name', async () => {
  await fc.assert(
    fc.asyncProperty(
      text,
      text.filter((name) => name !== ''),
      async (value, name) => {
        const sql = redshiftText(
          `select ${literal(value)} as ${ident(name)} -- it's a \\' comment\n, ${literal(`${value}'`)} as b`,
        )
        const [row] = (await engine.query<Record<string, string>>(sql)).rows
        expect(Object.values(row ?? {})).toEqual(name === 'b' ? [`${value}'`] : [value, `${value}'`])
      },
    ),
    { numRuns: 300 },
  )
})

test('a text cannot end its literal', async () => {
  const evil = "\\' union select 'x' --"
  const escaped = (await engine.query(redshiftText(`select ${literal(evil)} as a`))).rows
  expect(escaped).toEqual([{ a: evil }])
  const plain = await engine.query(`select ${literal(evil)} as a`).then(
    ({ rows }) => rows,
    (error: Error) => error.message,
  )
  expect(plain).not.toEqual([{ a: evil }])
})

test('what is no text literal stays as it is', () => {
  const sql = `select "a\\b", 1 -- it's \\ here\n/* 'and' \\ here */ from "x'y"`
  expect(redshiftText(sql)).toBe(sql)
  expect(redshiftText(`select '\\N', 'it''s'`)).toBe(`select '\\\\N', 'it''s'`)
})

import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fieldsOf } from '../../../../../src/lib/adapters/source/csv/fields.js'
import { findRecord } from '../../../../../src/lib/adapters/source/csv/find-record.js'
import { eachRecord } from '../../../../../src/lib/adapters/source/csv/records.js'
import type { WantedRecord } from '../../../../../src/lib/ports/source-check.js'
import { borderFile, fillerOf } from '../../../../support/csv-border.js'
import { naiveLines } from '../../../../support/naive-lines.js'
import { strictCsv } from '../../../../support/strict-csv.js'
import { trickyText } from '../../../../support/tricky-text.js'

type Fields = WantedRecord['fields']

const signal = new AbortController().signal
const { path, border } = borderFile()

async function lineIn(text: string, fields: Fields, occurrence = 1): Promise<number | undefined> {
  await writeFile(path(), text)
  return findRecord(path(), { fields, occurrence }, signal)
}

test.each<[why: string, text: string, fields: Fields, line: number | undefined]>([
  ['fields by name, in the order of the header', 'b,a\n1,2\n2,1\n', { a: '1', b: '2' }, 3],
  ['names are trimmed', ' b ,"a"\n2,1\n', { a: '1', b: '2' }, 2],
  ['fields in the order of the file', 'a,b\n1,2\n1,2,3\n', ['1', '2', '3'], 3],
  ['fewer fields', 'a,b\n1,2\n1\n', ['1'], 3],
  ['a record that only begins alike', 'a,b\n1,22\n1,2,\n1,2\n', ['1', '2'], 4],
  ['a text that goes on', 'a,b\n11,2\n"11",2\n1,2\n', ['1', '2'], 4],
  ['a text with a comma is one field', 'a,b\n1,2,3\n"1,2",3\n', { a: '1,2', b: '3' }, 3],
  ['fields of which one is quoted', 'a,b\n"1",2\n', { a: '1', b: '2' }, 2],
  ['quotes in quotes', 'a,b\n"1""""",2\n"1""",2\n', { a: '1"', b: '2' }, 3],
  ['a quote as text', 'a,b\n1",2\n', { a: '1"', b: '2' }, 2],
  ['a quoted text that is empty', 'a,b\n"",\n', { a: '', b: '' }, 2],
  ['a lone empty text', 'a\n\n""\n', { a: '' }, 3],
  ['records of several lines, by where they begin', 'a,b\n"1\n\n",2\n"x\ny",3\n', { a: 'x\ny', b: '3' }, 5],
  ['CRLF', 'a,b\r\n"1\r\n2",2\r\n1,2\r\n', { a: '1', b: '2' }, 4],
  ['CRLF in a text', 'a,b\n"1\r\n2",2\n', { a: '1\r\n2', b: '2' }, 2],
  ['a byte order mark, and empty lines', '\ufeff\na,b\n\n\n1,2', { a: '1', b: '2' }, 5],
  ['blanks around a text are of the text', 'a,b\n1 ,2\n 1,2\n1,2\n', { a: ' 1', b: '2' }, 3],
  ['letters of several bytes', 'a,b\né,東\né,😀\n', { a: 'é', b: '😀' }, 3],
  ['a name that objects have', 'constructor,__proto__\n1,2\n', JSON.parse('{"__proto__":"2","constructor":"1"}'), 2],
  ['no such record', 'a,b\n1,3\n', { a: '1', b: '2' }, undefined],
  ['the header is none', 'a,b\n', ['a', 'b'], undefined],
  ['a column less', 'a\n1\n', { a: '1', b: '2' }, undefined],
  ['a column more', 'a,b,c\n1,2,\n', { a: '1', b: '2' }, undefined],
  ['another column', 'a,c\n1,2\n', { a: '1', b: '2' }, undefined],
  ['a column twice', 'a,a\n1,1\n', { a: '1', b: '2' }, undefined],
  ['an empty file', '', { a: '1' }, undefined],
])('%s', async (_, text, fields, line) => {
  expect(await lineIn(text, fields)).toBe(line)
})

test('of equal records the one that is wanted', async () => {
  const text = 'a,b\n1,2\n2,1\n"1",2\n1,"2"'

  for (const [at, line] of [2, 4, 5, undefined].entries())
    expect(await lineIn(text, { b: '2', a: '1' }, at + 1)).toBe(line)
})

test('what stands far behind the record does not matter, and before it stops the search', async () => {
  const bad = '"never closed\n'
  const far = fillerOf(2 * border())
  expect(await lineIn(`a,b\n1,2\n${bad}`, ['1', '2'])).toBe(2)
  await expect(lineIn(`a,b\n${far}"x"y,2\n1,2\n`, ['1', '2'])).rejects.toThrow('has text behind a closing quote')
  await expect(lineIn(`a,b\n${far}${bad}1,2\n`, ['1', '2'])).rejects.toThrow('opens a quote')
})

test('a record over the border of two stretches, and behind it', async () => {
  for (const before of [1, 5, 9]) {
    const filler = fillerOf(border() - before)
    const line = filler.split('\n').length
    const text = `${filler}1234,"5\n6"\nx,y\n`
    expect(await lineIn(text, ['1234', '5\n6'])).toBe(line)
    expect(await lineIn(text, ['x', 'y'])).toBe(line + 2)
  }
})

test('a very long record is found as it was read, its texts cut', async () => {
  const long = '東 '.repeat(400_000)
  const text = `a,b\n1,2\n1,"${long}"\n1,x\n`
  await writeFile(path(), text)
  const records: string[][] = []
  await eachRecord(path(), signal, (record) => records.push(fieldsOf(record)))
  expect(records[2]?.[1]?.length).toBeLessThan(70_000)
  expect(await lineIn(text, { a: '1', b: records[2]?.[1] as string })).toBe(3)
  expect(await lineIn(text, { a: '1', b: long })).toBeUndefined()
  expect(await lineIn(text, { a: '1', b: 'x' })).toBe(4)
})

test('an abort ends the search', async () => {
  await writeFile(path(), 'a,b\n1,2\n')
  const stopped = AbortSignal.abort(new Error('stopped'))
  await expect(findRecord(path(), { fields: ['1', '2'], occurrence: 1 }, stopped)).rejects.toThrow('stopped')
})

test('each record of any file is found where a naive count has it', { timeout: 120_000 }, async () => {
  const field = fc.oneof(trickyText, fc.constantFrom('', '1', '2'))
  const table = fc.array(fc.array(field, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 })
  const form = fc.tuple(table, fc.constantFrom('\n', '\r\n'), fc.boolean(), fc.constantFrom('', '\ufeff'))
  await fc.assert(
    fc.asyncProperty(form, async ([rows, end, all, bom]) => {
      const quoted = (text: string) => (all || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
      const lines = [['a', 'b'], ...rows].map((row) => (row.join('') === '' ? '""' : row.map(quoted).join(',')))
      const text = `${bom}${lines.join(end)}${end}`
      const [, ...records] = naiveLines(text)
      expect(records.map(({ fields }) => fields)).toEqual(strictCsv(text)?.slice(1))
      const seen = new Map<string, number>()
      for (const { line, fields } of records) {
        const same = JSON.stringify(fields)
        const occurrence = (seen.get(same) ?? 0) + 1
        seen.set(same, occurrence)
        expect(await lineIn(text, fields, occurrence)).toBe(line)
        const [a, b] = fields
        if (fields.length === 2) expect(await lineIn(text, { b: b as string, a: a as string }, occurrence)).toBe(line)
      }
      for (const [same, count] of seen) expect(await lineIn(text, JSON.parse(same), count + 1)).toBeUndefined()
    }),
    { numRuns: 100 },
  )
})

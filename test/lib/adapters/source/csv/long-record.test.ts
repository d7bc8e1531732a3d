import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ContentFault } from '../../../../../src/lib/adapters/source/csv/content-fault.js'
import { fieldsOf, trimBlanks } from '../../../../../src/lib/adapters/source/csv/fields.js'
import { LongRecord } from '../../../../../src/lib/adapters/source/csv/long-record.js'
import { CSV_PIECES, strictCsv } from '../../../../support/strict-csv.js'

const LIMIT = 65_535

/** The records of a text, each read as a long one, in stretches that end at these places; undefined where one is refused. */
function read(text: string, ends: readonly number[]): string[][] | undefined {
  const all = Buffer.from(text)
  const records: string[][] = []
  const kinds = new Set<string>()
  let record = new LongRecord(0)
  let from = 0
  try {
    for (const [at, end] of [...ends, all.length].entries()) {
      const bytes = all.subarray(0, end)
      const last = at === ends.length
      while (from < bytes.length || (last && record.start < from)) {
        const next = record.take(bytes.subarray(from), 0, from, last)
        from = next === undefined ? bytes.length : from + next
        if (next === undefined) break
        if (record.lineEnd) kinds.add(record.lineEnd)
        const made = record.bytes()
        const fields = fieldsOf({ bytes: made, start: 0, end: made.length })
        expect(fields.length).toBe(record.fields)
        records.push(fields)
        record = new LongRecord(from)
      }
    }
  } catch (error) {
    expect(error).toBeInstanceOf(ContentFault)
    return undefined
  }
  return kinds.size > 1 ? undefined : records
}

test('any record is read, or refused, as others are, in stretches of any length; its texts are trimmed', () => {
  const piece = fc.constantFrom(...CSV_PIECES)
  const text = fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(
      text,
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.array(fc.nat({ max: 30 })),
      (some, end, one, at) => {
        const written = one ? some.replaceAll(/\r\n|\r|\n/g, end) : some
        const length = Buffer.byteLength(written)
        const ends = [...new Set(at.filter((place) => place < length))].sort((a, b) => a - b)
        // An empty line is a record to this one, which is given none.
        const found = read(written, ends)?.filter((fields) => fields.length > 1 || fields[0] !== '')
        const expected = strictCsv(written)
          ?.map((fields) => fields.map(trimBlanks))
          .filter((fields) => fields.length > 1 || fields[0] !== '')
        expect(found).toEqual(expected)
      },
    ),
    { numRuns: 3000 },
  )
})

describe('a text that is too long', () => {
  const kept = (text: string): string => {
    const bytes = Buffer.from(`1,"${text}",2`)
    const record = new LongRecord(0)
    // In two stretches, the second of which begins inside the text.
    const half = Math.floor(bytes.length / 2)
    expect(record.take(bytes.subarray(0, half), 0, 0, false)).toBeUndefined()
    expect(record.take(bytes.subarray(half), 0, half, true)).toBe(bytes.length - half)
    const made = record.bytes()
    return fieldsOf({ bytes: made, start: 0, end: made.length })[1] as string
  }
  const start = (text: string): string => {
    const cut = Buffer.from(text).subarray(0, LIMIT)
    for (let length = cut.length; ; length--) {
      const found = cut.subarray(0, length).toString('utf8')
      if (!found.includes('\ufffd')) return found
    }
  }

  test.each<[string, string]>([
    ['just as long', 'x'.repeat(LIMIT)],
    ['a byte longer', 'x'.repeat(LIMIT + 1)],
    ['three bytes longer', 'x'.repeat(LIMIT + 3)],
    ['four bytes longer', 'x'.repeat(LIMIT + 4)],
    ['of 2-byte letters', 'é'.repeat(LIMIT)],
    ['of 3-byte letters', '東'.repeat(LIMIT)],
    ['of 4-byte letters', '😀'.repeat(LIMIT)],
    ['a letter over the limit, and nothing more', `${'x'.repeat(LIMIT - 1)}😀`],
    ['a letter over what is kept', `${'x'.repeat(LIMIT + 1)}😀`],
    ['blanks before it', `${' \t\n'.repeat(LIMIT)}${'x'.repeat(LIMIT)}`],
    ['blanks behind it', `${'x'.repeat(LIMIT)}${' \t\n'.repeat(LIMIT)}`],
    ['nothing but blanks', ' '.repeat(2 * LIMIT)],
    ['blanks where it is cut', `${'x'.repeat(LIMIT - 5)}${' '.repeat(LIMIT)}y`],
  ])('%s', (_, text) => {
    const found = kept(text)
    const whole = trimBlanks(text)
    const size = Buffer.byteLength(whole)
    expect(Buffer.byteLength(trimBlanks(found)) > LIMIT).toBe(size > LIMIT)
    expect(start(trimBlanks(found)) === start(whole)).toBe(true)
    if (size <= LIMIT) expect(found === whole).toBe(true)
    expect(Buffer.byteLength(found)).toBeLessThan(LIMIT + 7)
  })
})

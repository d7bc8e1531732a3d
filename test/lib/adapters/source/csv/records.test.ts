import { writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { tellingLines } from '../../../../../src/lib/adapters/source/csv/content-fault.js'
import { countFields, fieldsOf } from '../../../../../src/lib/adapters/source/csv/fields.js'
import { type CsvShape, eachRecord, type Visit } from '../../../../../src/lib/adapters/source/csv/records.js'
import { borderFile, fillerOf } from '../../../../support/csv-border.js'
import { CSV_PIECES, strictCsv } from '../../../../support/strict-csv.js'
import { trickyText } from '../../../../support/tricky-text.js'

const signal = new AbortController().signal
const { path, border } = borderFile()

async function read(text: string, skipped = 0): Promise<{ records: string[][]; lines: number[]; shape: CsvShape }> {
  await writeFile(path(), text)
  const records: string[][] = []
  const lines: number[] = []
  let seen = 0
  const visit: Visit = (record, header) => {
    if (header !== (seen === 0)) expect(seen).toBe('the header')
    if (seen++ < skipped) return
    const fields = fieldsOf(record)
    if (!record.quoted) expect(countFields(record)).toBe(fields.length)
    records.push(fields)
    lines.push(record.line)
  }
  return { records, lines, shape: await tellingLines(path(), () => eachRecord(path(), signal, visit)) }
}

describe('the rules of semantics.md §1', () => {
  test.each<[string, string, string[][]]>([
    [
      'LF',
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CRLF',
      'a,b\r\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'no line end at the end',
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['a header alone', 'a,b', [['a', 'b']]],
    ['nothing', '', []],
    [
      'empty lines are no rows',
      '\n\na,b\n\n1,2\n\n\n3,4\n\n',
      [
        ['a', 'b'],
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    [
      'nor with CRLF',
      '\r\na,b\r\n\r\n1,2\r\n\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['a line of blanks is one', 'a,b\n \n\t\n', [['a', 'b'], [' '], ['\t']]],
    ['and so are empty fields, and an empty one in quotes', 'a,b\n,\n""\n', [['a', 'b'], ['', ''], ['']]],
    [
      'blanks are kept for who trims them',
      'a , b\n 1 ,\t2\n',
      [
        ['a ', ' b'],
        [' 1 ', '\t2'],
      ],
    ],
    [
      'quotes',
      'a,"b"\n"1","x,""y"""\n',
      [
        ['a', 'b'],
        ['1', 'x,"y"'],
      ],
    ],
    ['line ends inside quotes are text, of either kind', 'a\n"1\r\n2\n3\r4"\n', [['a'], ['1\r\n2\n3\r4']]],
    ['and do not mix with others', 'a\r\n"1\n2"\r\n', [['a'], ['1\n2']]],
    [
      'a quote inside an unquoted field is text',
      'a,b\nx"y",2" \n "z",\n',
      [
        ['a', 'b'],
        ['x"y"', '2" '],
        [' "z"', ''],
      ],
    ],
    ['more and fewer fields', 'a,b\n1\n1,2,3\n,,\n', [['a', 'b'], ['1'], ['1', '2', '3'], ['', '', '']]],
    [
      'a byte order mark is ignored',
      '\ufeffa,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['before a quote too', '\ufeff"a",b\n', [['a', 'b']]],
    [
      'at the start only',
      'a,b\n\ufeff1,2\n',
      [
        ['a', 'b'],
        ['\ufeff1', '2'],
      ],
    ],
    ['other separators of lines are text', 'a\u2028b,\u0085c\u000b\n', [['a\u2028b', '\u0085c\u000b']]],
  ])('%s', async (_, text, records) => {
    expect((await read(text)).records).toEqual(records)
    expect(strictCsv(text)).toEqual(records)
  })

  test.each([
    ['a,b\n1,"2\n3\n', 2, 'opens a quote that is never closed, in the record that begins here'],
    ['a,b\n"x\ny",1\n\n1,"""\n', 5, 'opens a quote that is never closed, in the record that begins here'],
    ['"', 1, 'opens a quote that is never closed, in the record that begins here'],
    ['a\n"1"2\n', 2, 'has text behind a closing quote, in the record that begins here'],
    ['a\n"1\n2" ,3\n', 2, 'has text behind a closing quote, in the record that begins here'],
    ['a\n"1"\r2\n', 2, 'has text behind a closing quote, in the record that begins here'],
    ['a\n1\r\n2\n', 2, 'mixes line ends: this line ends with CRLF, the first with LF'],
    ['a\r\n1\r\n\n', 3, 'mixes line ends: this line ends with LF, the first with CRLF'],
    ['\na\r\n', 2, 'mixes line ends: this line ends with CRLF, the first with LF'],
    ['a\n"1\n2"\r\n', 2, 'mixes line ends: this line ends with CRLF, the first with LF'],
    ['a\n1\r2\n', 2, 'mixes line ends: here is a CR alone'],
    ['a,b\r1,2\r', 1, 'mixes line ends: here is a CR alone'],
    ['a\r\n1\r', 2, 'mixes line ends: here is a CR alone'],
    ['a\r\n1\r\r\n', 2, 'mixes line ends: here is a CR alone'],
    ['a\r\n"1"\r', 2, 'mixes line ends: here is a CR alone'],
  ])('refuses %j', async (text, line, what) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'SOURCE_CONTENT',
      exit: 'invalid',
      message: `${path()}:${line}: the file ${what}; nothing was changed`,
    })
    expect(strictCsv(text)).toBeUndefined()
  })
})

test('any text is read, or refused, as it is letter by letter', async () => {
  const piece = fc.constantFrom(...CSV_PIECES, '1', '\n"')
  const text = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''))
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom('\n', '\r\n'), fc.boolean(), async (some, end, one) => {
      // Half of them with one kind of line end, so that not most are refused for that.
      const written = one ? some.replaceAll(/\r\n|\r|\n/g, end) : some
      const expected = strictCsv(written)
      const found = await read(written).catch((error) => error.code)
      expect(typeof found === 'string' ? found : found.records).toEqual(expected ?? 'SOURCE_CONTENT')
    }),
    { numRuns: 600 },
  )
})

/** An RFC 4180 writer: quotes where they are needed, or wherever they may stand. */
const writeCsv = (rows: readonly (readonly string[])[], end: string, all: boolean): string =>
  rows
    .map((row) => {
      const fields = row.map((field) => (all || /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
      return `${fields.join(',')}${end}`
    })
    .join('')

const table = fc
  .integer({ min: 2, max: 4 })
  .chain((width) =>
    fc.array(fc.array(trickyText, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
  )

describe('what an RFC 4180 writer wrote is read back', () => {
  const options = [fc.constantFrom('\n', '\r\n'), fc.boolean()] as const

  test('whole', async () => {
    await fc.assert(
      fc.asyncProperty(table, ...options, async (rows, end, all) => {
        const { records, lines, shape } = await read(`\ufeff${writeCsv(rows, end, all)}`)
        expect(records).toEqual(rows)
        // The line where each record begins.
        const before = rows.map((_, at) => writeCsv(rows.slice(0, at), end, all))
        expect(lines).toEqual(before.map((text) => text.split('\n').length))
        expect(shape.records).toBe(rows.length - 1)
        expect(shape.lineEnd).toBe(end === '\n' ? 'lf' : 'crlf')
      }),
      { numRuns: 150 },
    )
  })

  test('wherever in it one stretch ends and the next begins', async () => {
    await fc.assert(
      fc.asyncProperty(table, ...options, fc.double({ min: 0, max: 1, noNaN: true }), async (rows, end, all, share) => {
        const text = writeCsv(rows, end, all)
        const before = border() - Math.floor(share * Buffer.byteLength(text))
        const filler = fillerOf(before, end)
        expect(Buffer.byteLength(filler)).toBe(before)
        const skipped = filler.split(end).length - 1
        const { records, lines } = await read(`${filler}${text}`, skipped)
        expect(records).toEqual(rows)
        expect(lines[0]).toBe(skipped + 1)
      }),
      { numRuns: 40 },
    )
  })
})

test('each letter of a tricky stretch at the border, with both line ends', async () => {
  for (const end of ['\n', '\r\n']) {
    const text = `"é",x"y,"""",""${end}${end}"東${end}""😀",,1${end}, "z",2,3`
    const expected = strictCsv(text)
    for (let before = 0; before <= Buffer.byteLength(text); before++) {
      const filler = fillerOf(border() - before, end)
      const { records } = await read(`${filler}${text}`, filler.split(end).length - 1)
      expect(records).toEqual(expected)
    }
  }
})

test('an error behind the border names its line', async () => {
  const filler = fillerOf(border() - 3)
  const line = filler.split('\n').length
  await expect(read(`${filler}"a\nb`)).rejects.toMatchObject({
    message: `${path()}:${line}: the file opens a quote that is never closed, in the record that begins here; nothing was changed`,
  })
  await expect(read(`${filler}ab\r\n`)).rejects.toMatchObject({
    message: `${path()}:${line}: the file mixes line ends: this line ends with CRLF, the first with LF; nothing was changed`,
  })
})

describe('a record of any length', () => {
  const mebi = 1024 * 1024

  test('an open quote is told with its record, however far the file goes on', async () => {
    await expect(read(`a,b\n1,"${'x\n'.repeat(9 * mebi)}`)).rejects.toMatchObject({
      message: `${path()}:2: the file opens a quote that is never closed, in the record that begins here; nothing was changed`,
    })
  })

  test.each([
    ['not in quotes', '', '\n'],
    ['in quotes', '"', '\r\n'],
  ])('of several MiB, %s: its texts are cut, and what follows is read', async (_, quote, end) => {
    const long = 'x'.repeat(3 * mebi)
    const text = ['a,b', '1,2', `3,${quote}${long}${quote}`, '', `"4\n",${quote}${long}${quote}`, '5,6', ''].join(end)
    const { records, shape } = await read(text)
    const cut = `${'x'.repeat(65_538)}…`
    expect(records).toEqual([
      ['a', 'b'],
      ['1', '2'],
      ['3', cut],
      ['4', cut],
      ['5', '6'],
    ])
    expect(shape).toEqual({
      records: 4,
      lineEnd: end === '\n' ? 'lf' : 'crlf',
      misread: true,
      linesInQuotes: true,
      emptyFirst: false,
      longest: '"3",""'.length + Buffer.byteLength(cut),
      trimmed: false,
    })
  })

  test('is cut or not by its own length, wherever one stretch ends', async () => {
    for (const length of [999_999, 1_000_000, 1_000_001])
      for (const before of [4, border() - 2, border(), border() + 1]) {
        const filler = fillerOf(before)
        const record = `"1",${'y'.repeat(length - 6)}, `
        const { records } = await read(`${filler}${record}\n2,3\n`, filler.split('\n').length - 1)
        const whole = ['1', 'y'.repeat(length - 6), ' ']
        const cut = ['1', `${'y'.repeat(65_538)}…`, '']
        expect({ length, before, same: same(records, [length > 1_000_000 ? cut : whole, ['2', '3']]) }).toEqual({
          length,
          before,
          same: true,
        })
      }
  })

  test.each([
    [`"${'x'.repeat(2 * mebi)}"y,1\n`, 'has text behind a closing quote, in the record that begins here'],
    [`${'x'.repeat(2 * mebi)}\r1\n`, 'mixes line ends: here is a CR alone'],
    [`${'x'.repeat(2 * mebi)},1\r\n`, 'mixes line ends: this line ends with CRLF, the first with LF'],
    [`${','.repeat(17 * mebi)}\n`, 'has a record of more than 16 MiB, even with each text cut to 65,535 bytes'],
  ])('refuses what others are refused for (%#)', async (record, what) => {
    await expect(read(`a,b\n"1\n2",3\n${record}`)).rejects.toMatchObject({
      code: 'SOURCE_CONTENT',
      message: `${path()}:4: the file ${what}; nothing was changed`,
    })
  })
})

const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right)

describe('the shape of a file', () => {
  const shapeOf = async (text: string): Promise<CsvShape> => (await read(text)).shape

  test('all of it', async () => {
    expect(await shapeOf('\r\na,b\r\n"1\r\n2",x"y\r\n3,4\r\n')).toEqual({
      records: 2,
      lineEnd: 'crlf',
      misread: true,
      linesInQuotes: true,
      emptyFirst: true,
      longest: '"1\r\n2",x"y\r'.length,
      trimmed: false,
    })
    expect(await shapeOf('a,b\n1,"2"\n')).toEqual({
      records: 1,
      lineEnd: 'lf',
      misread: false,
      linesInQuotes: false,
      emptyFirst: false,
      longest: 5,
      trimmed: true,
    })
    expect(await shapeOf('\n\n')).toMatchObject({ records: -1, emptyFirst: true })
  })

  test('a file is said to be trimmed only if no field has a blank at an end', async () => {
    const field = fc.array(fc.constantFrom('a', ' ', '\t', '\r', '\n', '"', ',', 'é'), { maxLength: 4 })
    const rows = fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(rows, fc.constantFrom('\n', '\r\n'), fc.boolean(), async (letters, end, all) => {
        const texts = letters.map((row) => row.map((pieces) => pieces.join('')))
        const { trimmed } = await shapeOf(writeCsv([['h', 'h'], ...texts], end, all))
        if (trimmed) expect(texts.flat().filter((text) => /^[ \t\r\n]|[ \t\r\n]$/.test(text))).toEqual([])
      }),
      { numRuns: 250 },
    )
    expect((await shapeOf('a b,c\n"d e",f g\n')).trimmed).toBe(true)
    for (const text of ['a ,b\n', ' a,b\n', 'a, b\n', 'a,b \n', 'a,b ', 'a,b\n" c",d\n', 'a,b\n"c ",d\n', 'a\tb,c\n'])
      expect({ [text]: (await shapeOf(text)).trimmed }).toEqual({ [text]: false })
  })
})

test('quoted records are looked at once, though no carriage return ends the search for one', async () => {
  await writeFile(path(), '"h"\n'.repeat(1_500_000))
  const begin = performance.now()
  expect((await eachRecord(path(), signal, () => undefined)).records).toBe(1_499_999)
  // Each of them to the end of its stretch, that is 15 times as long.
  expect(performance.now() - begin).toBeLessThan(8000)
})

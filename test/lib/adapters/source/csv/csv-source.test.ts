import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, readFile, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { isCsvError } from '../../../../../src/lib/adapters/local/engine/readers.js'
import { isCut, typedSelect } from '../../../../../src/lib/adapters/local/engine/typing.js'
import { CsvSource } from '../../../../../src/lib/adapters/source/csv/csv-source.js'
import { trimBlanks } from '../../../../../src/lib/adapters/source/csv/fields.js'
import {
  MOST_COLUMNS,
  normaliseCsv,
  type OpenCsv,
  openCsv,
} from '../../../../../src/lib/adapters/source/csv/open-csv.js'
import { assertUnchanged, statSource } from '../../../../../src/lib/adapters/source/csv/source-file.js'
import type { OpenSource } from '../../../../../src/lib/adapters/source/source.js'
import { sourceTable } from '../../../../../src/lib/core/model.js'
import { strictCsv } from '../../../../support/strict-csv.js'
import { type Scratch, scratchFolder } from '../../../../support/temporary.js'
import { trickyText } from '../../../../support/tricky-text.js'

const signal = new AbortController().signal
let scratch: Scratch
let work: string
let path: string
let db: Database

beforeAll(async () => {
  scratch = await scratchFolder()
  path = join(scratch.path, "it's bookings.csv")
  work = join(scratch.path, 'work')
  await mkdir(work)
  db = await Database.open(':memory:')
})
afterAll(async () => {
  db.close()
  await scratch[Symbol.asyncDispose]()
})

interface Table {
  csv: OpenCsv
  rows: string[][]
  misfits: string[][]
}

async function rowsOf(csv: OpenCsv): Promise<string[][]> {
  const rows = await db.all<Record<string, string>>(`select * from ${csv.relation}`)
  return rows.map((row) => csv.header.map((_, at) => row[`x_${at}`] as string))
}

/** As an extract reads it: what the engine does not take goes by way of the copy. */
async function read(text: string): Promise<Table> {
  await writeFile(path, text)
  let csv = await openCsv(await statSource(path), work, { signal })
  let rows: string[][]
  try {
    rows = await rowsOf(csv)
    if (rows.length + (csv.misfits?.count ?? 0) !== csv.records) throw new Error('CSV Error: rows are missing')
  } catch (error) {
    if (csv.normalised || !isCsvError(error)) throw error
    csv = await normaliseCsv(csv, work, { signal })
    rows = await rowsOf(csv)
  }
  const lines = csv.misfits ? (await readFile(csv.misfits.path, 'utf8')).split('\n').slice(0, -1) : []
  return { csv, rows, misfits: lines.map((line) => JSON.parse(line).fields) }
}

describe('openCsv', () => {
  test.each<[string, string, Partial<OpenCsv>, string[][]]>([
    [
      'a plain file is read as it stands',
      'id,name\n1,x\n2,\n',
      { header: ['id', 'name'], records: 2, trimmed: true, normalised: false },
      [
        ['1', 'x'],
        ['2', ''],
      ],
    ],
    [
      'header names are trimmed, and compared exactly',
      '\ufeff id ,"Name\t",\tID\n1,2,3\n',
      { header: ['id', 'Name', 'ID'], records: 1, trimmed: false, normalised: true },
      [['1', '2', '3']],
    ],
    ['a header alone is an empty table', 'id,name\n', { header: ['id', 'name'], records: 0 }, []],
    ['without a line end, too', 'id,name', { header: ['id', 'name'], records: 0 }, []],
    [
      'words that an engine takes for NULL are texts here',
      'a,b\nNULL,\n\\N,""\n',
      { records: 2, normalised: false },
      [
        ['NULL', ''],
        ['\\N', ''],
      ],
    ],
    [
      'quotes as text, and an empty line before the header, need the copy',
      '\na,b\nx"y,"1,""2"\n',
      { records: 1, normalised: true },
      [['x"y', '1,"2']],
    ],
    [
      'lines inside of quotes do not',
      'a,b\r\n"1\r\n2",3\r\n',
      { records: 1, normalised: false, trimmed: false },
      [['1\r\n2', '3']],
    ],
  ])('%s', async (_, text, csv, rows) => {
    const found = await read(text)
    expect(found.csv).toMatchObject(csv)
    expect(found.rows).toEqual(rows)
    expect(found.misfits).toEqual([])
  })

  test.each([
    ['', 'IT has 0 bytes; an empty table has a header line'],
    ['\ufeff', 'IT:1: the file has no header line; nothing was changed'],
    ['\n\n', 'IT:1: the file has no header line; nothing was changed'],
    ['a,b,a\n', 'IT:1: the file names the column "a" twice; nothing was changed'],
    ['\ufeff\n\na,b,a\n', 'IT:3: the file names the column "a" twice; nothing was changed'],
    ['a,"a "\n', 'IT:1: the file names the column "a" twice; nothing was changed'],
    [
      'a,b\n1,"2\n',
      'IT:2: the file opens a quote that is never closed, in the record that begins here; nothing was changed',
    ],
  ])('refuses %j', async (text, message) => {
    await writeFile(path, text)
    await expect(statSource(path).then((file) => openCsv(file, work, { signal }))).rejects.toMatchObject({
      code: 'SOURCE_CONTENT',
      exit: 'invalid',
      message: message.replace('IT', path),
    })
  })

  test.each([
    ['a\u00a0b,a\u00a0b\n', 'names the column "a\\u00a0b" twice'],
    ['a,,b,\n', 'has two columns without a name'],
    [
      '"id";"name"\n',
      'has text behind a closing quote, in the record that begins here; fields are separated by commas, and nothing else',
    ],
  ])('names of columns that cannot be: %j', async (text, what) => {
    await writeFile(path, text)
    await expect(statSource(path).then((file) => openCsv(file, work, { signal }))).rejects.toMatchObject({
      code: 'SOURCE_CONTENT',
      message: `${path}:1: the file ${what}; nothing was changed`,
    })
  })

  test('a header of as many columns as there may be is read; one of a hundred thousand is refused at once', async () => {
    const header = (columns: number): string => Array.from({ length: columns }, (_, at) => `c${at}`).join(',')
    const { rows } = await read(`${header(MOST_COLUMNS)}\n${'7,'.repeat(MOST_COLUMNS - 1)}8\n`)
    expect(rows).toEqual([[...Array(MOST_COLUMNS - 1).fill('7'), '8']])
    await writeFile(path, `${header(100_000)}\n`)
    await expect(statSource(path).then((file) => openCsv(file, work, { signal }))).rejects.toMatchObject({
      code: 'SOURCE_SCHEMA',
      exit: 'invalid',
      message: `${path} has 100,000 columns; a table of a source may have 2,000`,
      suggestions: [`head -1 '${path.replace("'", `'\\''`)}' | cut -c 1-200   # the header as it is`],
    })
  })

  test('names that differ in case, or are empty, stand side by side', async () => {
    expect((await read('a,A,\n1,2,3\n')).rows).toEqual([['1', '2', '3']])
  })

  test('a file that is missing, and a folder in its place', async () => {
    const none = join(scratch.path, 'none.csv')
    await expect(statSource(none)).rejects.toMatchObject({
      code: 'SOURCE_SCHEMA',
      exit: 'invalid',
      message: `${none} is missing; a source has one file for each table`,
      suggestions: [`ls ${scratch.path}`],
    })
    const odd = join(scratch.path, 'two words', 'none.csv')
    await expect(statSource(odd)).rejects.toMatchObject({ suggestions: [`ls '${join(scratch.path, 'two words')}'`] })
    await expect(statSource(work)).rejects.toMatchObject({
      code: 'IO',
      message: `${work} is no regular file`,
    })
  })
})

describe("records whose number of fields is not the header's", () => {
  test('are listed whole; the others are read', async () => {
    const found = await read('a,b\n1,2\n3\n4,"5\n""6""",é\n ,\n7,8\n')
    expect(found.rows).toEqual([
      ['1', '2'],
      [' ', ''],
      ['7', '8'],
    ])
    expect(found.misfits).toEqual([['3'], ['4', '5\n"6"', 'é']])
    expect(found.csv.records).toBe(5)
    expect(found.csv.misfits).toEqual({
      count: 2,
      longest: Buffer.byteLength('{"fields":["4","5\\n\\"6\\"","é"],"line":4}\n'),
      path: join(work, "it's bookings.csv.misfits.jsonl"),
    })
  })
})

/** Rows of a width (no table has a single column), now and then one of another; fields in quotes now and then. */
const file = fc.record({
  width: fc.integer({ min: 2, max: 3 }),
  end: fc.constantFrom('\n', '\r\n'),
  rows: fc.array(
    fc.record({
      fields: fc.array(trickyText, { minLength: 3, maxLength: 3 }),
      misfit: fc.nat({ max: 9 }),
      quotes: fc.nat(),
    }),
    { maxLength: 6 },
  ),
})

test('any table is read as it was written, whatever the engine makes of it', async () => {
  await fc.assert(
    fc.asyncProperty(file, async ({ width, end, rows }) => {
      const written = rows.map(({ fields, misfit, quotes }) => {
        const given = [...fields.slice(0, width - (misfit === 1 ? 1 : 0)), ...(misfit === 0 ? ['more'] : [])]
        const cells = given.map((field, at) => {
          const plain = !/[,\r\n]|^"/.test(field)
          return plain && (quotes >> at) % 2 === 0 ? field : `"${field.replaceAll('"', '""')}"`
        })
        return `${cells.join(',')}${end}`
      })
      const text = `${Array.from({ length: width }, (_, at) => `h${at}`).join(',')}${end}${written.join('')}`
      const [, ...records] = strictCsv(text) ?? []
      const found = await read(text)
      expect(found.rows).toEqual(records.filter((fields) => fields.length === width))
      expect(found.misfits).toEqual(records.filter((fields) => fields.length !== width))
      expect(found.csv.records).toBe(records.length)
    }),
    { numRuns: 150 },
  )
})

describe('a record of many megabytes', () => {
  const mega = 1_000_000

  test.each([
    ['without a quote', 'x'.repeat(17 * mega)],
    ['in quotes, over many lines', `"${'x\n'.repeat(mega)}"`],
    ['of letters of several bytes', 'é東😀'.repeat(mega / 4)],
    ['of blanks at its ends', `${' '.repeat(3 * mega)}x${'\t'.repeat(3 * mega)}`],
    ['with a blank where it is cut', `${'x'.repeat(65_530)}${' '.repeat(3 * mega)}x`],
  ])('%s: its text is typed, cut and counted as the whole would be', async (_, text) => {
    const plain = text.replace(/^"(.*)"$/s, '$1')
    const { csv, rows } = await read(`id,title\n1,${text}\n2,y\n`)
    expect([csv.normalised, csv.records, rows.length]).toEqual([true, 2, 2])
    const table = { ...sourceTable('apartments'), columns: sourceTable('apartments').columns.slice(0, 2) }
    const typed = typedSelect(table, { ...csv, words: 'csv', ordered: true })
    const title = typed.textOf('title') as string
    const [found] = await db.all<{ title: string; cut: boolean }>(
      `select title, ${isCut(title)} as cut from (${typed.sql}) where id = 1`,
    )
    const bare = trimBlanks(plain)
    expect(found?.cut).toBe(Buffer.byteLength(bare) > 65_535)
    expect(found?.title === cutText(bare)).toBe(true)
  })

  test('a misfit of that length is listed, with its texts cut', async () => {
    const found = await read(`a,b\n1,2\n3,4,${'x'.repeat(2 * mega)}\n5,6\n`)
    expect(found.rows).toEqual([
      ['1', '2'],
      ['5', '6'],
    ])
    expect(found.misfits).toEqual([['3', '4', `${'x'.repeat(65_538)}…`]])
  })

  test('many of them are read in the memory that a small source is given', async () => {
    const small = await Database.open(':memory:', { memoryLimit: '350MB' })
    try {
      await writeFile(path, 'a,b\n')
      for (let at = 0; at < 3; at++) await appendFile(path, `${at},${'x'.repeat(12 * mega)}\n`)
      const csv = await openCsv(await statSource(path), work, { signal })
      expect(await small.count(`select count(*) from ${csv.relation} where strlen(x_1) = 65541`)).toBe(3)
    } finally {
      small.close()
    }
  })
})

/** The longest start of a text within the limit, letter by letter. */
function cutText(text: string): string {
  let bytes = 0
  let kept = ''
  for (const letter of text) {
    bytes += Buffer.byteLength(letter)
    if (bytes > 65_535) return kept
    kept += letter
  }
  return kept
}

describe('assertUnchanged', () => {
  test.each<[string, () => Promise<void>]>([
    ['appended to', () => appendFile(path, '3,4\n')],
    ['touched', () => utimes(path, new Date(0), new Date(0))],
    [
      'replaced by another of the same size and time',
      async () => {
        await writeFile(`${path}.new`, 'a,b\n9,9\n')
        await utimes(`${path}.new`, new Date(1000), new Date(1000))
        await rename(`${path}.new`, path)
      },
    ],
  ])('a file that was %s while it was read stops the run', async (_, change) => {
    await writeFile(path, 'a,b\n1,2\n')
    await utimes(path, new Date(1000), new Date(1000))
    const { source } = await openCsv(await statSource(path), work, { signal })
    await assertUnchanged(source)
    await change()
    await expect(assertUnchanged(source)).rejects.toMatchObject({
      code: 'SOURCE_CHANGED',
      exit: 'invalid',
      message: expect.stringMatching(/ changed while it was read \(8 bytes before, \d+ after\); nothing was changed$/),
    })
  })
})

describe('a folder of a source', () => {
  const open = (folder: string): Promise<OpenSource> => new CsvSource(folder).open(work, signal)
  const mends = ['rental-etl run --source csv:DIR', 'rental-etl config explain source']

  test('that is not there, or is a file', async () => {
    await writeFile(path, '')
    for (const [folder, message] of [
      [join(scratch.path, 'gone'), 'does not exist'],
      [join(path, 'gone'), 'does not exist'],
      [path, 'is not a folder'],
    ] as const) {
      await expect(open(folder)).rejects.toMatchObject({
        code: 'SOURCE_MISSING',
        exit: 'not_found',
        message: `source folder ${folder} ${message}`,
        suggestions: mends,
      })
    }
  })

  test('that the system does not let one look at is not said to be missing', async () => {
    await expect(open(join(scratch.path, 'x'.repeat(300)))).rejects.toMatchObject({
      code: 'IO',
      message: expect.stringContaining('ENAMETOOLONG'),
    })
  })

  test('without a file for each table', async () => {
    const source = await open(work)
    const first = source.tables()[Symbol.asyncIterator]().next()
    await expect(first).rejects.toMatchObject({
      code: 'SOURCE_SCHEMA',
      message: `${join(work, 'apartments.csv')} is missing; a source has one file for each table`,
    })
  })
})

test('an error of the engine about CSV is told from others', () => {
  expect(isCsvError(new Error('Invalid Input Error: CSV Error on Line: 3'))).toBe(true)
  expect(isCsvError(new Error('Out of Memory Error'))).toBe(false)
  expect(isCsvError('CSV Error')).toBe(false)
})

describe('the line of a record', () => {
  const wanted = { table: 'apartments', fields: ['1', '2'], occurrence: 1 }
  const place = async (write: (file: string) => Promise<unknown>) => {
    const folder = await mkdtemp(join(scratch.path, 'lines-'))
    const file = join(folder, 'apartments.csv')
    await write(file)
    const found = await new CsvSource(folder).lineOf(wanted, signal)
    expect(found.file).toBe(file)
    return found.line
  }

  test('stands in one file: the others are not asked for', async () => {
    expect(await place((file) => writeFile(file, 'a,b\n1,2\n'))).toBe(2)
  })

  test('is not known where the file is missing, no file, or would be refused before it', async () => {
    expect(await place(async () => undefined)).toBeUndefined()
    expect(await place((file) => mkdir(file))).toBeUndefined()
    expect(await place((file) => writeFile(file, 'a,b\n"1"x,2\n1,2\n'))).toBeUndefined()
    expect(await place((file) => writeFile(file, 'a,b\n\0,2\n1,2\n'))).toBeUndefined()
    // Opening a pipe that nobody writes to would wait for ever.
    expect(await place(async (file) => execFileSync('mkfifo', [file]))).toBeUndefined()
  })
})

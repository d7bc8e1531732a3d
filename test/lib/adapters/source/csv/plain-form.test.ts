import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { isCsvError } from '../../../../../src/lib/adapters/local/engine/readers.js'
import { rowsSelect, type TextRelation, typedSelect } from '../../../../../src/lib/adapters/local/engine/typing.js'
import { openCsv } from '../../../../../src/lib/adapters/source/csv/open-csv.js'
import { PlainForm } from '../../../../../src/lib/adapters/source/csv/plain-form.js'
import { statSource } from '../../../../../src/lib/adapters/source/csv/source-file.js'
import { SOURCE_TABLES, type SourceTable, type SqlType, sourceTable } from '../../../../../src/lib/core/model.js'
import { sampleText } from '../../../../support/sample-rows.js'
import { temporaryFolder } from '../../../../support/temporary.js'

let db: Database

beforeAll(async () => {
  db = await Database.open(':memory:')
})
afterAll(() => db.close())

/** A table with a key and a column of the type. */
function tableOf(type: SqlType): SourceTable {
  const columns = [
    { name: 'id', type: 'BIGINT', required: true },
    { name: 'value', type, required: false },
  ] as const
  return { ...sourceTable('apartments'), columns }
}

function holds(table: SourceTable, text: string, cut = Buffer.byteLength(text)): boolean {
  const form = new PlainForm(table)
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += cut) form.take(bytes.subarray(at, at + cut))
  return form.holds
}

const PLAIN: Record<string, string[]> = {
  BIGINT: ['0', '7', '-7', '007', '9223372036854775807', '99999999999999999999', '', '\\N'],
  'DECIMAL(10,2)': ['0', '1.5', '1.50', '-0.00', '12345678.90', '999999999', '', '\\N'],
  DATE: ['1900-01-01', '2024-02-29', '2024-02-30', '2199-12-31', '', '\\N'],
  TIMESTAMP: [
    '2024-01-05',
    '2024-01-05 00:00:00',
    '2024-01-05T23:59:59Z',
    '2024-01-05 10:00:00.1',
    '2024-01-05 10:00:00.123456Z',
    '2024-02-30 10:00:00',
    '',
    '\\N',
  ],
  BOOLEAN: ['true', 'False', 'T', 'f', 'YES', 'no', 'y', 'N', '1', '0', '', '\\N'],
  VARCHAR: ['x', 'null', ' x ', '1e3', 'é東😀', '"x,y"', '"say ""hi"""', '"two\nlines"', '"\r\n"', '""', '\\N', ''],
}

const OTHER: Record<string, string[]> = {
  BIGINT: [
    '+7',
    '7.0',
    '1e2',
    '0x1F',
    '1_000',
    ' 7',
    '7 ',
    '-',
    '--7',
    'null',
    '"7',
    '"7"7',
    '" 7"',
    '"7"""',
    '\\',
    '\\n',
  ],
  'DECIMAL(10,2)': ['1.', '.5', '1.255', '1.500', '+1', '1e2', '1,5', 'No'],
  DATE: [
    '1899-12-31',
    '2200-01-01',
    '2024-1-5',
    '2024/01/05',
    '2024-01-05 00:00:00',
    '05/01/2024',
    '2024-01-051',
    'epoch',
  ],
  TIMESTAMP: ['2024-01-05 24:00:00', '2024-01-05 10:60:00', '2024-01-05 10:00:60', '2024-01-05 10:00', '2024-01-05Z'],
  BOOLEAN: ['tru', 'yess', 'on', '2', '11', 'truefalse'],
  VARCHAR: ['x"y', '"x"y', '"x', 'x\ry', 'a\0b'],
}

describe('the plain form of a field', () => {
  test.each(Object.entries(PLAIN).flatMap(([type, texts]) => texts.map((text) => [type as SqlType, text] as const)))(
    'a %s may be %j',
    (type, text) => {
      for (const end of ['\n', '\r\n', '']) expect(holds(tableOf(type), `id,value\n1,${text}${end}`)).toBe(true)
      if (type !== 'VARCHAR') expect(holds(tableOf(type), `id,value\n"1","${text}"\n`)).toBe(true)
      // Behind it stands another field, too.
      expect(holds(tableOf(type), `value,id\n${text},1\n${text},2\n`)).toBe(true)
    },
  )

  test.each(Object.entries(OTHER).flatMap(([type, texts]) => texts.map((text) => [type as SqlType, text] as const)))(
    'a %s may not be %j',
    (type, text) => {
      expect(holds(tableOf(type), `id,value\n1,${text}\n`)).toBe(false)
      expect(holds(tableOf(type), `value,id\n${text},1\n`)).toBe(false)
    },
  )

  test.each([
    ['an empty key', 'id,value\n,1\n'],
    ['a key that is NULL', 'id,value\n\\N,1\n'],
    ['an empty key in quotes', 'id,value\n"",1\n'],
    ['a field too few', 'id,value\n1\n'],
    ['a field too many', 'id,value\n1,2,3\n'],
    ['an empty line', 'id,value\n1,2\n\n'],
    ['a header in quotes', '"id",value\n1,2\n'],
    ['a header without a line end', 'id,value'],
  ])('%s is not plain', (_, text) => {
    expect(holds(tableOf('BIGINT'), text)).toBe(false)
  })

  test('nothing is plain before its first byte, a header alone is, and columns that no table has are texts', () => {
    const form = new PlainForm(tableOf('DATE'))
    expect(form.holds).toBe(false)
    expect(holds(tableOf('DATE'), '\ufeff id , value\r\n')).toBe(true)
    expect(holds(tableOf('DATE'), 'other,value,id,\nx y,2024-01-05,1,"z"\n')).toBe(true)
  })

  test('a table whose key is a text, or of very many columns, is not plain', () => {
    const text = tableOf('VARCHAR')
    expect(holds({ ...text, key: ['value'] }, 'id,value\n1,x\n')).toBe(false)
    const many = Array.from({ length: 400 }, (_, at) => `c${at}`)
    expect(holds(text, `id,${many.join(',')}\n1,${many.join(',')}\n`)).toBe(false)
  })

  test('long stretches are gone through in parts, and one wrong byte anywhere is found', () => {
    const table = tableOf('VARCHAR')
    const rows = Array.from({ length: 40 }, (_, at) => `${at},${'x'.repeat(at % 7)}\n`).join('')
    const multiline = Array.from({ length: 40 }, (_, at) => `${at},"${'x\n'.repeat(at % 5)}"\n`).join('')
    for (const text of [rows, multiline]) {
      const all = `id,value\n${text}`
      expect(holds(table, all)).toBe(true)
      for (let at = 9; at < all.length; at++) {
        const wrong = `${all.slice(0, at)}\0${all.slice(at + 1)}`
        // Inside quotes all bytes are text: what NUL characters mean is told elsewhere.
        const quoted = (all.slice(0, at).match(/"/g)?.length ?? 0) % 2 === 1 && all[at] !== '"'
        expect([at, holds(table, wrong)]).toEqual([at, quoted])
      }
    }
  })
})

const number = fc.stringMatching(/^-?[0-9]{1,12}(\.[0-9]{1,3})?$/)
const day = fc.stringMatching(/^(19|20|21)[0-9]{2}-[01][0-9]-[0-3][0-9]$/)
const time = fc.stringMatching(/^[ T][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,7})?Z?$/)
const form: Partial<Record<SqlType, fc.Arbitrary<string>>> = {
  BIGINT: fc.oneof(number, fc.stringMatching(/^[-+]?[0-9eEx_.]{1,20}$/)),
  INTEGER: fc.oneof(number, fc.stringMatching(/^[-+]?[0-9eEx_.]{1,12}$/)),
  'DECIMAL(10,2)': number,
  'DECIMAL(4,1)': number,
  DATE: day,
  TIMESTAMP: fc.tuple(day, fc.option(time, { nil: '' })).map((parts) => parts.join('')),
  BOOLEAN: fc.constantFrom('TRUE', 'fALSE', 'Y', 'n', 'yEs', 'on', 'off', '2'),
  VARCHAR: fc.stringMatching(/^[a-z0-9 \t"',\\é]{0,5}$/),
}
const anyText = fc.constantFrom(...[PLAIN, OTHER].flatMap((texts) => Object.values(texts).flat()))
const column = fc.constantFrom(...(Object.keys(form) as SqlType[])).chain((type) =>
  fc.record({
    type: fc.constant(type),
    quoted: fc.boolean(),
    values: fc.array(
      fc.oneof(
        { weight: 4, arbitrary: form[type] as fc.Arbitrary<string> },
        { weight: 2, arbitrary: fc.constantFrom(...(PLAIN[type] ?? ['', '7'])) },
        { weight: 1, arbitrary: anyText },
      ),
      { minLength: 1, maxLength: 3 },
    ),
  }),
)

/** The typed rows, or that the engine refuses. */
async function rows(sql: string): Promise<unknown> {
  try {
    return await db.all(`select id, value, "_rule", "_nullified" from (${sql})`)
  } catch (error) {
    expect(isCsvError(error)).toBe(true)
    return 'refused'
  }
}

test('where a file is plain, the engine gives what the rules give, or refuses', async () => {
  const path = join(await temporaryFolder(), 'table.csv')
  const seen = { plain: 0, refused: 0, other: 0 }
  const property = fc.asyncProperty(column, async ({ type, quoted, values }) => {
    const table = tableOf(type)
    const text = `id,value\n${values.map((value, at) => `${at},${quoted ? `"${value}"` : value}\n`).join('')}`
    // A NUL inside quotes is no matter of form: the file is refused for it.
    if (text.includes('\0') || !holds(table, text)) return void seen.other++
    await writeFile(path, text)
    const csv = await openCsv(await statSource(path), dirname(path), { signal: new AbortController().signal, table })
    const source: TextRelation = { ...csv, words: 'csv', ordered: true }
    expect(source.plain).toBeDefined()
    const typed = await rows(rowsSelect(table, source).sql)
    if (typed === 'refused') return void seen.refused++
    seen.plain++
    expect(typed).toEqual(await rows(typedSelect(table, source).sql))
  })
  await fc.assert(property, { numRuns: 500 })
  // Of each kind there were many.
  expect(Math.min(seen.plain, seen.other)).toBeGreaterThan(50)
  expect(seen.refused).toBeGreaterThan(5)
}, 60_000)

test.each(SOURCE_TABLES.map((table) => [table.name, table] as const))(
  'a clean sample of %s is plain',
  (name, table) => {
    const text = sampleText(name, { scale: 0.01, dirt: 0 })
    for (const cut of [text.length, 1000]) expect(holds(table, text, cut)).toBe(true)
  },
)

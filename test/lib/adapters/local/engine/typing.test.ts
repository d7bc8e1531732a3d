import { describe, expect, test } from 'vitest'
import { isCut, typedSelect } from '../../../../../src/lib/adapters/local/engine/typing.js'
import { type SourceTable, type SqlType, sourceTable } from '../../../../../src/lib/core/model.js'
import { literal } from '../../../../../src/lib/core/sql/names.js'
import { memoryDatabase } from '../../../../support/memory-database.js'

const BAD = Symbol('bad value')
type Cases = [text: string, value: string | null | typeof BAD][]

const tableOf = (...columns: [name: string, type: SqlType, required: boolean][]): SourceTable => ({
  name: 'bookings',
  raw: 'stg_bookings',
  key: ['k'],
  bookmark: { column: 'k', inclusive: false },
  columns: [
    { name: 'k', type: 'BIGINT', required: true },
    ...columns.map(([name, type, required]) => ({ name, type, required })),
  ],
})

/** A file of CSV. */
const CSV = { words: 'csv', ordered: true } as const

/** A relation of texts with the columns x_0, x_1, … */
function relationOf(rows: readonly (readonly string[])[]): string {
  const names = (rows[0] ?? []).map((_, at) => `x_${at}`)
  return `(values ${rows.map((row) => `(${row.map(literal).join(', ')})`).join(', ')}) t(${names.join(', ')})`
}

/** The value that each text has in an optional and in a required column, and whether both say that it is bad. */
async function typed(type: SqlType, texts: readonly string[], trimmed: boolean): Promise<unknown[]> {
  const db = await memoryDatabase()
  const table = tableOf(['o', type, false], ['r', type, true])
  const relation = relationOf(texts.map((text, at) => [String(at), text, text]))
  const { sql } = typedSelect(table, { relation, header: ['k', 'o', 'r'], trimmed, ...CSV })
  const rows = await db.all<Record<string, string | null>>(
    `select cast(o as varchar) as o, cast(r as varchar) as r, typeof(o) as type, _rule as rule, _nullified as nullified
    from (${sql}) t order by k`,
  )
  return rows.map(({ o, r, rule, nullified }) => {
    if (rule === 'bad_value:r' && nullified === 'o' && o === null && r === null) return BAD
    return rule === null && nullified === null && o === r ? o : { o, r, rule, nullified }
  })
}

const NULLS = ['', '\\N', 'null', 'NULL', 'nUlL', 'none', 'NONE', 'nan', 'NaN', 'n/a', 'N/A']
const nulls: Cases = NULLS.map((text) => [text, null])
const bad = (...texts: string[]): Cases => texts.map((text) => [text, BAD])

const INTEGRAL: Cases = [
  ...nulls,
  ['0', '0'],
  ['-0', '0'],
  ['+7', '7'],
  ['007', '7'],
  ['42.', '42'],
  ['42.000', '42'],
  ['-42.0', '-42'],
  ['.0', '0'],
  [`${'0'.repeat(60)}12`, '12'],
  [`12.${'0'.repeat(60)}`, '12'],
  ...bad(
    '.',
    '+',
    '-',
    '4.2',
    '0.5',
    '1e3',
    '1E3',
    '1_000',
    '1,000',
    '0x1F',
    '0b1',
    '--1',
    '+-1',
    '1 2',
    '1-',
    '$5',
    '٣',
  ),
  ...bad('true', 'inf', 'infinity', 'NULL!', '\\n', 'na', '\u00a07', '\ufeff7'),
]

const CASES: Partial<Record<SqlType, Cases>> = {
  BIGINT: [
    ...INTEGRAL,
    ['5508654087', '5508654087'],
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
    ...bad('9223372036854775808', '-9223372036854775809', '9'.repeat(40)),
  ],
  INTEGER: [
    ...INTEGRAL,
    ['2147483647', '2147483647'],
    ['-2147483648', '-2147483648'],
    ...bad('2147483648', '-2147483649', '5508654087'),
  ],
  'DECIMAL(10,2)': [
    ...nulls,
    ['0', '0.00'],
    ['-0', '0.00'],
    ['5', '5.00'],
    ['5.', '5.00'],
    ['.5', '0.50'],
    ['-.5', '-0.50'],
    ['+5.5', '5.50'],
    ['5.10', '5.10'],
    ['5.100000', '5.10'],
    // Half away from zero, by the digit behind the last.
    ['0.005', '0.01'],
    ['-0.005', '-0.01'],
    ['0.00499999999999999999999999999999999999999999', '0.00'],
    ['2.675', '2.68'],
    ['1.045', '1.05'],
    ['-1.995', '-2.00'],
    ['99999999.99', '99999999.99'],
    ['-99999999.99', '-99999999.99'],
    ['99999999.994', '99999999.99'],
    ['0000000099999999.99', '99999999.99'],
    [`${'0'.repeat(60)}1.5`, '1.50'],
    [`1.5${'0'.repeat(60)}`, '1.50'],
    ...bad('99999999.995', '-99999999.995', '100000000', '9'.repeat(50)),
    ...bad('.', '-', '+.', '1e2', '1_0.5', '1,5', '1.2.3', '5.5 ', '$5', '5 USD', 'No', 'Infinity', '0x1').filter(
      ([text]) => text !== '5.5 ',
    ),
  ],
  'DECIMAL(4,1)': [
    ['2.5', '2.5'],
    ['2', '2.0'],
    ['2.25', '2.3'],
    ['-2.25', '-2.3'],
    ['999.9', '999.9'],
    ['999.94', '999.9'],
    ...bad('999.95', '1000'),
  ],
  'DECIMAL(9,6)': [
    ['-122.419416', '-122.419416'],
    ['37.7', '37.700000'],
    ['37.77492949', '37.774929'],
    ['37.7749295', '37.774930'],
    ...bad('1000', '999.9999995'),
  ],
  BOOLEAN: [
    ...nulls,
    ...['1', 'true', 'True', 'TRUE', 't', 'T', 'yes', 'Yes', 'YES', 'y', 'Y'].map((text): Cases[number] => [
      text,
      'true',
    ]),
    ...['0', 'false', 'False', 'FALSE', 'f', 'F', 'no', 'No', 'NO', 'n', 'N'].map((text): Cases[number] => [
      text,
      'false',
    ]),
    ...bad('2', '-1', '1.0', '00', 'on', 'off', 'ja', 'tru', 'yess', 'wahr', 'ye s', 'yeſ'),
  ],
  DATE: [
    ...nulls,
    ['2024-02-29', '2024-02-29'],
    ['2024-02-29 23:59:59', '2024-02-29'],
    ['2024-02-29T23:59:59.999999Z', '2024-02-29'],
    ['29/02/2024', '2024-02-29'],
    ['01/12/2024', '2024-12-01'],
    ['01/12/2024 23:59:59', '2024-12-01'],
    ['1900-01-01', '1900-01-01'],
    ['2199-12-31', '2199-12-31'],
    ['31/12/2199 23:59:59', '2199-12-31'],
    ...bad(
      '2023-02-29',
      '2024-02-30',
      '2024-13-01',
      '2024-00-01',
      '2024-01-00',
      '1899-12-31',
      '2200-01-01',
      '0000-00-00',
    ),
    ...bad('29/02/2023', '13/13/2024', '12/31/2024', '1/12/2024', '01/12/24', '2024-1-5', '2024/01/05', '05-01-2024'),
    ...bad(
      '20240105',
      '2024-01',
      '2024',
      '2024-01-05Z',
      '2024-01-05T',
      '2024-01-05 ',
      'epoch',
      'today',
      'infinity',
    ).filter(([text]) => text !== '2024-01-05 '),
    ...bad(
      '2024-01-05 24:00:00',
      '2024-01-05 10:60:00',
      '2024-01-05 10:00:60',
      '2024-01-05 10:00',
      '2024-01-05 10:00:00+00',
    ),
    ...bad('2024-01-05 (BC)', '12024-01-05', '-2024-01-05', '2024-01-05x', 'x2024-01-05', '2024-01-05  10:00:00'),
  ],
  TIMESTAMP: [
    ...nulls,
    ['2024-02-29', '2024-02-29 00:00:00'],
    ['2024-02-29 10:00:00', '2024-02-29 10:00:00'],
    ['2024-02-29T10:00:00', '2024-02-29 10:00:00'],
    ['2024-02-29 10:00:00Z', '2024-02-29 10:00:00'],
    ['2024-02-29T10:00:00Z', '2024-02-29 10:00:00'],
    ['2024-02-29T10:00:00.5Z', '2024-02-29 10:00:00.5'],
    ['2024-02-29 10:00:00.500000', '2024-02-29 10:00:00.5'],
    ['2024-02-29 10:00:00.000001', '2024-02-29 10:00:00.000001'],
    ['2024-02-29 10:00:00.0', '2024-02-29 10:00:00'],
    ['29/02/2024', '2024-02-29 00:00:00'],
    ['29/02/2024 23:59:59', '2024-02-29 23:59:59'],
    ['1900-01-01 00:00:00', '1900-01-01 00:00:00'],
    ['2199-12-31 23:59:59.999999', '2199-12-31 23:59:59.999999'],
    ...bad('1899-12-31 23:59:59.999999', '2200-01-01 00:00:00', '2199-12-31 24:00:00', '2024-02-30 10:00:00'),
    ...bad(
      '2024-02-29 10:00:00.',
      '2024-02-29 10:00:00.1234567',
      '2024-02-29 10:00',
      '2024-02-29 1:00:00',
      '2024-02-29T',
    ),
    ...bad('2024-02-29 10:00:00+00', '2024-02-29T10:00:00+02:00', '2024-02-29 10:00:00 UTC', '2024-02-29 10:00:00 Z'),
    ...bad(
      '2024-02-29t10:00:00',
      '2024-02-29 10:00:00z',
      '2024-02-29Z',
      '2024-02-29 10:00:00ZZ',
      'T2024-02-29 10:00:00',
    ),
    ...bad('29/02/2024T10:00:00', '29/02/2024 10:00:00Z', '29/02/2024 10:00:00.5', '29/02/2024 10:00', '31/02/2024'),
    ...bad('2024-02-29 23:59:60', '2024-02-29 25:00:00', '1709200800', 'now', 'epoch', '2024-02-29  10:00:00'),
  ],
  VARCHAR: [
    ['', null],
    ['\\N', null],
    ['null', null],
    ['NuLl', null],
    ['none', 'none'],
    ['NaN', 'NaN'],
    ['n/a', 'n/a'],
    ['\\n', '\\n'],
    ['null.', 'null.'],
    ['O\'Fallon "x" \\', 'O\'Fallon "x" \\'],
    ['two\r\n lines', 'two\r\n lines'],
    ['\u00a0São Paulo\u00a0', '\u00a0São Paulo\u00a0'],
    ['\ufeff東京😀', '\ufeff東京😀'],
  ],
}

const named = (cases: Cases, found: unknown[]): [string, unknown][] => cases.map(([text], at) => [text, found[at]])

describe.each(Object.entries(CASES) as [SqlType, Cases][])('%s', (type, cases) => {
  test('without blanks', async () => {
    const found = await typed(
      type,
      cases.map(([text]) => text),
      true,
    )
    expect(named(cases, found)).toEqual(cases)
  })

  test('with blanks at both ends: space, tab, CR and LF are trimmed', async () => {
    const padded = cases.map(([text], at) => [` ${text}`, `${text}\t`, `\r\n \t${text} \n`][at % 3] as string)
    expect(named(cases, await typed(type, padded, false))).toEqual(cases)
  })
})

describe('rules', () => {
  const db = memoryDatabase
  const rules = async (table: SourceTable, header: string[], rows: string[][]): Promise<unknown[]> => {
    const { sql } = typedSelect(table, { relation: relationOf(rows), header, trimmed: true, ...CSV })
    const found = await (await db()).all<Record<string, string | null>>(`select * from (${sql}) t order by x_0`)
    return found.map(({ _rule, _nullified }) => [_rule, _nullified])
  }

  test('one rule for a row, the first faulty column in the order of the model, whatever that of the file', async () => {
    const table = tableOf(['a', 'DATE', true], ['b', 'BOOLEAN', true], ['c', 'INTEGER', false], ['d', 'DATE', false])
    const header = ['n', 'd', 'b', 'c', 'a', 'k']
    expect(
      await rules(table, header, [
        ['0', '', '', '', '', '1'],
        ['1', '', '', '', '', ''],
        ['2', '', '', '', '', 'one'],
        ['3', '', 'maybe', '', 'someday', '1'],
        ['4', '', 'maybe', '', '', '1'],
        ['5', 'someday', '', 'x', '', '1'],
        ['6', '', '', '1.5', '', 'null'],
      ]),
    ).toEqual([
      [null, null],
      ['null_key:k', null],
      ['bad_value:k', null],
      ['bad_value:a', null],
      ['bad_value:b', null],
      [null, 'c,d'],
      ['null_key:k', 'c'],
    ])
  })

  test('keys of several columns: each must be there', async () => {
    const key = ['k', 'at']
    const table = { ...tableOf(['at', 'TIMESTAMP', true], ['t', 'VARCHAR', true]), key }
    expect(
      await rules(
        table,
        ['k', 'at', 't'],
        [
          ['1', '2024-01-01', ''],
          ['2', '', 'x'],
          ['3', '2024-01-32', 'x'],
        ],
      ),
    ).toEqual([
      [null, null],
      ['null_key:at', null],
      ['bad_value:at', null],
    ])
  })
})

test('columns that are absent are NULL, columns that are not known are left alone, and a row is kept whole', async () => {
  const db = await memoryDatabase()
  const table = sourceTable('user_viewing')
  const header = ['Viewed_At', 'apartment_id', "it's", 'user_id', 'viewed_at', '']
  const relation = relationOf([['old', '2', '"x"\\', ' 1 ', '2024-01-01', 'tail']])
  const select = typedSelect(table, { relation, header, trimmed: false, ...CSV })
  const [row] = await db.all(
    `select user_id, apartment_id, viewed_at, is_wishlisted, call_to_action, _rule, _nullified, ${select.keyText} as key_text, ${select.rowText} as row_text from (${select.sql}) t`,
  )
  const { row_text, ...rest } = row as Record<string, string>
  expect(rest).toEqual({
    user_id: '1',
    apartment_id: '2',
    viewed_at: '2024-01-01T00:00:00Z',
    is_wishlisted: null,
    call_to_action: null,
    _rule: null,
    _nullified: null,
    key_text: ' 1  | 2 | 2024-01-01',
  })
  expect(JSON.parse(row_text as string)).toEqual({
    Viewed_At: 'old',
    apartment_id: '2',
    "it's": '"x"\\',
    user_id: ' 1 ',
    viewed_at: '2024-01-01',
    '': 'tail',
  })
  expect(['user_id', 'viewed_at', 'is_wishlisted'].map((name) => select.textOf(name))).toEqual([
    'x_3',
    'x_4',
    undefined,
  ])
})

describe('a text longer than 65,535 bytes is cut at a character border, and not trimmed again', () => {
  const filled = (tail: string): string => `${'a'.repeat(65_535 - Buffer.byteLength(tail))}${tail}`

  test.each<[string, string, string, boolean]>([
    ['just as long', filled(''), filled(''), false],
    ['one byte more', `${filled('')}b`, filled(''), true],
    ['a character of 2 bytes over the border', `${'a'.repeat(65_534)}é`, 'a'.repeat(65_534), true],
    ['one of 3 bytes', `${'a'.repeat(65_533)}東b`, 'a'.repeat(65_533), true],
    ['one of 4 bytes', `${'a'.repeat(65_532)}😀`, 'a'.repeat(65_532), true],
    ['one of 4 bytes that fits', `${'a'.repeat(65_531)}😀b`, `${'a'.repeat(65_531)}😀`, true],
    ['a blank before the border stays', `${'a'.repeat(65_534)} b`, `${'a'.repeat(65_534)} `, true],
    ['blanks at the ends do not count', `  ${filled('')}\t\n`, filled(''), false],
  ])('%s', async (_, text, expected, cut) => {
    const db = await memoryDatabase()
    const table = tableOf(['t', 'VARCHAR', false])
    const { sql } = typedSelect(table, {
      relation: relationOf([['1', text]]),
      header: ['k', 't'],
      trimmed: false,
      ...CSV,
    })
    const [row] = await db.all(
      `select t = ${literal(expected)} as same, ${isCut('x_1')} as cut, _nullified as nullified from (${sql}) t`,
    )
    expect(row).toEqual({ same: true, cut, nullified: null })
  })
})

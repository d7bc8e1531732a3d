import { describe, expect, test } from 'vitest'
import { assertColumns, columnsOf, warningsOf } from '../../../../src/lib/adapters/source/columns.js'
import { sourceTable } from '../../../../src/lib/core/model.js'

const table = sourceTable('apartments')
const ALL = table.columns.map(({ name }) => name)
const without = (...names: string[]): string[] => ALL.filter((name) => !names.includes(name))
const refused = (header: string[]): unknown => {
  try {
    assertColumns({ table, header, name: '/x/apartments.csv' })
    return undefined
  } catch (error) {
    return error
  }
}

test('columns that are there, in any order, give nothing to say', () => {
  const columns = columnsOf({ table, header: ALL.toReversed() })
  expect(columns).toEqual({ table: 'apartments', missingRequired: [], absent: [], drift: [] })
  expect(warningsOf(columns)).toEqual([])
  expect(refused(ALL)).toBeUndefined()
})

test('an optional column that is dropped or renamed is told like an unknown one', () => {
  const columns = columnsOf({ table, header: [...without('title', 'source'), 'Title', 'x'] })
  expect(columns).toEqual({
    table: 'apartments',
    missingRequired: [],
    absent: ['title', 'source'],
    drift: ['Title', 'x'],
  })
  expect(warningsOf(columns)).toEqual([
    'apartments: 2 columns are not in the source, their values are NULL: title, source',
    'apartments: 2 columns are not in the model, they are not loaded: Title, x',
  ])
  expect(warningsOf(columnsOf({ table, header: [...without('title'), 'x'] }))).toEqual([
    'apartments: column title is not in the source, its values are NULL',
    'apartments: column x is not in the model, it is not loaded',
  ])
  expect(warningsOf(columnsOf({ table, header: [...ALL, ''] }))).toEqual([
    'apartments: a column without a name is not in the model, it is not loaded',
  ])
})

test('what cannot be seen in a name is written out, and an empty name is said to be empty', () => {
  const header = [
    ...ALL,
    'price\u200b',
    'a\u00a0b',
    '',
    'e\u001b[31m',
    'x\u202ey',
    '\u{e0041}z',
    'tag \u3164',
    'naïve 東 😀',
  ]
  const [warning] = warningsOf(columnsOf({ table, header }))
  expect(warning?.split(': ').at(-1)?.split(', ')).toEqual([
    'price\\u200b',
    'a\\u00a0b',
    '(a column without a name)',
    'e\\u001b[31m',
    'x\\u202ey',
    '\\u{e0041}z',
    'tag \\u3164',
    'naïve 東 😀',
  ])
})

test('many unknown columns are not told one by one', () => {
  const header = [...ALL, ...Array.from({ length: 1990 }, (_, at) => `c${at}`)]
  const warnings = warningsOf(columnsOf({ table, header }))
  expect(warnings).toEqual([
    expect.stringMatching(
      /^apartments: 1990 columns are not in the model, they are not loaded: c0, c1, .*c39, and 1950 more$/,
    ),
  ])
})

describe('a required column that is not there stops the run', () => {
  const doctor = ['rental-etl doctor   # checks the headers of all files']

  test.each<[string, string[], string]>([
    [
      'one',
      without('price', 'title'),
      'lacks the required column price; its header is: id, source, currency, listing_created_on, is_active, last_modified_timestamp',
    ],
    [
      'two, and names that look alike',
      [
        ...without('price', 'currency', 'listing_created_on', 'last_modified_timestamp'),
        'listing_created_on',
        'last_modified_timestamp',
        'price\u200b',
        '',
      ],
      'lacks the required columns price, currency; its header is: id, title, source, is_active, listing_created_on, last_modified_timestamp, price\\u200b, (a column without a name)',
    ],
  ])('%s', (_, header, message) => {
    expect(refused(header)).toMatchObject({
      code: 'SOURCE_SCHEMA',
      exit: 'invalid',
      message: `/x/apartments.csv ${message}`,
      suggestions: doctor,
    })
  })

  test.each([
    [';', 'semicolons'],
    ['\t', 'tabs'],
    ['|', 'bars'],
  ])('fields separated by %j', (separator, name) => {
    const { message } = refused([ALL.join(separator)]) as Error
    expect(message).toMatch(new RegExp(`; is it separated by ${name}\\? it has to be commas$`))
  })

  test('a long header is not told whole', () => {
    const header = [...Array.from({ length: 1000 }, (_, at) => `c${at}`), 'x'.repeat(70_000)]
    const { message } = refused(header) as Error
    expect(message).toMatch(/c38, c39, and 961 more$/)
    expect((refused(['x'.repeat(70_000)]) as Error).message.length).toBeLessThan(500)
  })
})

import { describe, expect, test } from 'vitest'
import { fitsType, formOf } from '../../../../src/lib/core/config/guess-values.js'
import type { SqlType } from '../../../../src/lib/core/model.js'
import { memoryDatabase } from '../../../support/memory-database.js'

/** What the engine makes of texts by a form's expression. */
async function made(type: SqlType, values: string[], more: string[] = []): Promise<unknown[]> {
  const form = formOf(type, 'v', values)
  if (form.kind !== 'made') throw new Error(JSON.stringify(form))
  const db = await memoryDatabase()
  const rows = [...values, ...more].map((text) => `('${text.replaceAll("'", "''")}')`)
  return (await db.all<{ r: string | null }>(`select ${form.sql} as r from (values ${rows.join(', ')}) t(v)`)).map(
    ({ r }) => r,
  )
}

const PRICE = 'DECIMAL(10,2)'

describe('numbers', () => {
  test.each<[string[], string[]]>([
    [
      ['$1,200.00', '$90'],
      ['1200.00', '90'],
    ],
    [
      ['1,200', '7'],
      ['1200', '7'],
    ],
    [
      ['€ 1.200,50', '80,00', '-3'],
      ['1200.50', '80.00', '-3'],
    ],
    [
      ['1 200,5', ''],
      ['1200.5', ''],
    ],
    [['£12.50'], ['12.50']],
    [
      ['$12', 'n/a'],
      ['12', 'n/a'],
    ],
  ])('%j are read', async (values, expected) => expect(await made(PRICE, values)).toEqual(expected))

  test('one value in ten may be none', async () => {
    const values = [...Array(9).fill('$1,200.00'), 'ask, please']
    expect(await made(PRICE, values)).toEqual([...Array(9).fill('1200.00'), 'ask please'])
  })

  test('a comma is taken for thousands only where the first rows say so: another one is then told, not misread', async () => {
    expect(await made(PRICE, ['$12.50'], ['$1,200.00'])).toEqual(['12.50', '1200.00'])
    expect(await made(PRICE, ['$12'], ['$12,50'])).toEqual(['12', '12,50'])
    expect(formOf(PRICE, 'price', ['$1,200.00'])).toMatchObject({ sql: `replace(replace(price, '$', ''), ',', '')` })
  })

  test.each<[SqlType, string[], string, string]>([
    [PRICE, ['1200.50', '-1', '', 'NULL'], 'plain', ''],
    [PRICE, [], 'plain', ''],
    [PRICE, ['$5', '€5'], 'unclear', 'several currencies: $ €'],
    [PRICE, ['€ 1.200', '€ 80'], 'unclear', 'a point in it may part thousands or a fraction, as in € 1.200'],
    [PRICE, ['1,200.00', '1.200,00'], 'unclear', 'now thousands, now a fraction'],
    [PRICE, ['$1,200.00', '$12,50'], 'unclear', 'now thousands, now a fraction'],
    [PRICE, [...Array(9).fill('12.5'), 'x', 'y'], 'plain', '2 of the first 11 values'],
    // A few numbers of another form are bad values of a column that is right as it is.
    [PRICE, [...Array(9).fill('12.5'), '1,200'], 'plain', '1 of the first 10 values cannot be read, such as 1,200'],
    [PRICE, ['cheap', 'dear', '3'], 'none', ''],
    [PRICE, ['1', '2', 'x'], 'plain', '1 of the first 3 values cannot be read'],
    ['BIGINT', ['12', '3.00'], 'plain', ''],
    ['BIGINT', ['A-12', 'A-13'], 'none', ''],
    ['BIGINT', ['1.50', '2.25', '1.375'], 'none', ''],
    ['VARCHAR', ['$5', 'x'], 'plain', ''],
  ])('%s of %j is %s %s', (type, values, kind, note) => {
    expect(formOf(type, 'v', values)).toMatchObject({
      kind,
      ...(note === '' ? {} : { note: expect.stringContaining(note) }),
    })
  })
})

describe('booleans', () => {
  test('as the typing takes them, or as a pair of words', async () => {
    expect(formOf('BOOLEAN', 'v', ['Y', 'n', 'TRUE', '0']).kind).toBe('plain')
    expect(await made('BOOLEAN', ['Active', 'inactive', '1'], ['gone'])).toEqual(['true', 'false', '1', 'gone'])
    expect(formOf('BOOLEAN', 'v', ['active', 'pending']).kind).toBe('none')
  })
})

test('dates are looked at by their own rules', async () => {
  expect(await made('DATE', ['05/13/2024'])).toEqual(['2024-05-13'])
  expect(formOf('TIMESTAMP', 'v', ['Loft', 'House']).kind).toBe('none')
})

test('without values the type of a database says what a column cannot be', () => {
  expect([
    fitsType('BIGINT', 'datetime'),
    fitsType('DATE', 'INT'),
    fitsType('DATE', 'varchar'),
    fitsType('VARCHAR', 'date'),
  ]).toEqual([false, false, true, true])
})

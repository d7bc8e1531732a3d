import { expect, test } from 'vitest'
import { SOURCE_TABLES } from '../../../../src/lib/core/model.js'
import { copiedColumns } from '../../../../src/lib/core/release/redshift-tables.js'
import { sparkLiteral, sparkTypedSelect, sparkTyping } from '../../../../src/lib/core/release/spark-typing.js'

// What the texts mean is tried against the local engine in test/glue/typing.test.ts, which needs Spark.

test('a literal means the text, whatever stands in it', () => {
  expect(sparkLiteral(`it's`)).toBe(`'it\\'s'`)
  expect(sparkLiteral('\\A[0-9]\\.\\z')).toBe(`'\\\\A[0-9]\\\\.\\\\z'`)
  expect(sparkLiteral(' \t\r\n')).toBe(`' \\t\\r\\n'`)
})

test('every table is typed from one relation, into the columns of its files', () => {
  const typing = sparkTyping()
  expect(Object.keys(typing)).toEqual(SOURCE_TABLES.map(({ name }) => name))
  for (const table of SOURCE_TABLES) {
    const { sql, lake } = typing[table.name] ?? { sql: '', lake: [] }
    expect(sql).toBe(sparkTypedSelect(table))
    expect([...sql.matchAll(/\{\{(\w+)\}\}/g)].map(([, place]) => place)).toEqual(['texts'])
    expect(lake).toEqual(copiedColumns(table).map(({ name, type }) => ({ name, type })))
    const forms = [...sql.matchAll(/rlike '((?:\\.|[^'\\])*)'/g)].map(([, form]) => form ?? '')
    expect(forms.length).toBeGreaterThan(3)
    expect(forms.filter((form) => !form.startsWith('\\\\A(?:') || !form.endsWith(')\\\\z'))).toEqual([])
  }
})

test('rules come in the order of the columns, and a key may not be NULL', () => {
  const bookings = SOURCE_TABLES.find(({ name }) => name === 'bookings')
  const rules = [...sparkTypedSelect(bookings as never).matchAll(/then '((?:bad_value|null_key):\w+)'/g)].map(
    ([, rule]) => rule,
  )
  expect(rules).toEqual(
    ['bad_value:booking_id', 'null_key:booking_id'].concat(
      ['user_id', 'apartment_id', 'booking_date', 'checkin_date', 'checkout_date', 'total_price'].map(
        (name) => `bad_value:${name}`,
      ),
    ),
  )
})

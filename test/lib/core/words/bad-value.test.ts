import { expect, test } from 'vitest'
import { whyQuarantined } from '../../../../src/lib/core/words/bad-value.js'

test.each([
  [
    'apartments',
    'bad_value:price',
    '62.00$',
    '62.00$ is no DECIMAL(10,2): it takes digits with a sign and a point, and no currency, separators or exponent',
  ],
  [
    'apartments',
    'bad_value:price',
    '1e3',
    '1e3 is no DECIMAL(10,2): it takes digits with a sign and a point, and no currency, separators or exponent',
  ],
  ['apartments', 'bad_value:price', ' 123456789.00 ', '123456789.00 is too large for DECIMAL(10,2)'],
  [
    'bookings',
    'bad_value:booking_id',
    '1.5',
    '1.5 is no BIGINT: it takes digits with a sign, and no fraction but zeros',
  ],
  ['bookings', 'bad_value:booking_id', '99999999999999999999', '99999999999999999999 is too large for BIGINT'],
  ['bookings', 'bad_value:checkin_date', 'soon', 'soon is no DATE: it takes YYYY-MM-DD or DD/MM/YYYY'],
  [
    'bookings',
    'bad_value:checkin_date',
    '2025-02-30',
    '2025-02-30 is no DATE: there is no such day from 1900-01-01 to 2199-12-31, or no such time; it takes YYYY-MM-DD or DD/MM/YYYY',
  ],
  [
    'apartments',
    'bad_value:listing_created_on',
    '2025-01-01T24:00:00',
    '2025-01-01T24:00:00 is no TIMESTAMP: there is no such day from 1900-01-01 to 2199-12-31, or no such time; it takes YYYY-MM-DD or DD/MM/YYYY, with HH:MM:SS and in UTC',
  ],
  ['apartments', 'bad_value:is_active', 'perhaps', 'perhaps is no BOOLEAN: it takes 1 0 true false t f yes no y n'],
  ['bookings', 'null_key:booking_id', '', 'the key column booking_id is NULL'],
  // A table or column that a later version no longer has.
  ['gone', 'bad_value:price', 'x', undefined],
  ['bookings', 'bad_value:gone', 'x', undefined],
])('%s %s %j', (table, rule, text, why) => {
  expect(whyQuarantined(table, rule, { [rule.split(':')[1] as string]: text })).toBe(why)
})

test('a row that does not fit the header', () => {
  const row = (fields: number, header?: number) =>
    whyQuarantined('apartments', 'bad_row:fields', Array(fields).fill('x'), header)
  expect(row(7, 8)).toBe('8 fields expected, 7 found')
  expect(row(9, 8)).toBe('8 fields expected, 9 found')
  // A source may lack optional columns, and have others.
  expect(row(7)).toBe("7 fields found, which is not the header's number; the table has 8 columns")
})

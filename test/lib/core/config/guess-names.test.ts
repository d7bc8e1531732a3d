import { expect, test } from 'vitest'
import {
  formsOf,
  isDoubtful,
  namesOf,
  plainName,
  plainTable,
  tableMatch,
} from '../../../../src/lib/core/config/guess-names.js'
import { SYNONYMS, VALUE_WORDS } from '../../../../src/lib/core/config/guess-synonyms.js'
import { SOURCE_TABLES, sourceTable } from '../../../../src/lib/core/model.js'

test.each([
  ['Check-in Date', 'checkindate'],
  ['checkInDate', 'checkindate'],
  ['CHECKIN_DATE', 'checkindate'],
  ['Größe (m²)', 'größem²'],
  ['???', ''],
])('the column %s is compared as %s', (name, plain) => expect(plainName(name)).toBe(plain))

test.each([
  ['tbl_Listings', 'listing'],
  ['pageViews', 'pageview'],
  ['PROPERTIES', 'property'],
  ['listing-addresses_2024', 'listingaddress'],
  ['stg_raw_2024', ''],
])('the table %s is compared as %s', (name, plain) => expect(plainTable(name)).toBe(plain))

test.each([
  ['bookings', 'bookings', 3, 'same name'],
  ['Bookings_2024', 'bookings', 2.5, 'by name'],
  ['reservations', 'bookings', 2, 'by name'],
  ['reservatons', 'bookings', 1, 'similar name'],
  ['reservations', 'user_viewing', 0, ''],
  ['page_views', 'user_viewing', 2, 'by name'],
  ['listing_details', 'apartment_attributes', 2, 'by name'],
  ['customers', 'bookings', 0, ''],
] as const)('the table %s is %s with %s', (name, table, score, why) => {
  const found = tableMatch(name, sourceTable(table))
  expect([Math.ceil(found.score * 2) / 2, found.why]).toEqual([score, why])
})

test('a column is looked up without what it is a column of', () => {
  expect(formsOf('reservation_status', 'bookings', 'orders')).toEqual(['reservationstatus', 'status'])
  expect(formsOf('orders-total', 'bookings', 'orders')).toEqual(['orderstotal', 'total', 'stotal'])
  expect(formsOf('Total', 'bookings', '???')).toEqual(['total'])
})

test('the synonyms are of columns that the model has, and each is of one column of a table', () => {
  for (const { name, columns } of SOURCE_TABLES) {
    const known = columns.map((column) => column.name)
    expect(Object.keys(SYNONYMS[name].columns).filter((column) => !known.includes(column))).toEqual([])
    expect(SYNONYMS[name].table.filter((word) => plainTable(word) === '')).toEqual([])
    const all = known.flatMap((column) => namesOf(name, column))
    expect(all.filter((one, at) => all.indexOf(one) !== at)).toEqual([])
  }
  const columns = SOURCE_TABLES.flatMap((table) => table.columns.map(({ name }) => name))
  expect(Object.keys(VALUE_WORDS).filter((column) => !columns.includes(column))).toEqual([])
})

test('in a table of details the id may be that of the details', () => {
  expect([isDoubtful('apartment_attributes', 'id'), isDoubtful('apartments', 'id')]).toEqual([true, false])
  expect(namesOf('apartment_attributes', 'id').at(-1)).toBe('id')
})

import { expect, test } from 'vitest'
import { chosenTables, sourceTable, TABLE_NAMES } from '../../../../src/lib/core/words/table-names.js'

test('all tables, or the one that is named as in the source or in raw', () => {
  expect(TABLE_NAMES).toEqual(['apartments', 'apartment_attributes', 'bookings', 'user_viewing'])
  expect(chosenTables(undefined, 'x')).toEqual(TABLE_NAMES)
  expect(chosenTables('bookings', 'x')).toEqual(['bookings'])
  for (const name of ['bookings', 'stg_bookings', 'STG_BOOKINGS', 'raw_data.stg_bookings', 'RAW_DATA.Stg_Bookings'])
    expect(sourceTable(name, 'x')).toBe('bookings')
})

test.each([
  ['booking', 'the nearest is bookings', 'rental-etl bookmarks bookings'],
  ['stg_boking', 'the nearest is bookings', 'rental-etl bookmarks bookings'],
  ['user_views', 'the nearest is user_viewing', 'rental-etl bookmarks user_viewing'],
  ['dim_dates_of_all', 'tables are apartments, apartment_attributes, bookings, user_viewing', 'rental-etl bookmarks'],
])('there is no %s', (name, hint, suggestion) => {
  expect(() => chosenTables(name, 'rental-etl bookmarks')).toThrow(
    expect.objectContaining({
      code: 'NOT_FOUND',
      exit: 'not_found',
      message: `there is no source table ${name}; ${hint}`,
      suggestions: [suggestion],
    }),
  )
})

import { expect, test } from 'vitest'
import { chosenTables } from '../../../../src/lib/core/words/table-names.js'

test('all tables, or the one that is named as in the source or in raw', () => {
  expect(chosenTables(undefined)).toEqual(['apartments', 'apartment_attributes', 'bookings', 'user_viewing'])
  expect(chosenTables('bookings')).toEqual(['bookings'])
  expect(chosenTables('stg_user_viewing')).toEqual(['user_viewing'])
})

test.each([
  ['booking', 'rental-etl bookmarks bookings'],
  ['user_views', 'rental-etl bookmarks user_viewing'],
  ['dim_dates_of_all', 'rental-etl bookmarks'],
])('there is no %s', (name, suggestion) => {
  expect(() => chosenTables(name)).toThrow(
    expect.objectContaining({
      code: 'NOT_FOUND',
      exit: 'not_found',
      message: `there is no source table ${name}; tables are apartments, apartment_attributes, bookings, user_viewing`,
      suggestions: [suggestion],
    }),
  )
})

import { expect, test } from 'vitest'
import { booking, sqlCases } from '../../support/sql-cases.js'

const cases = sqlCases()
const perUser = (asOf: string, bookings: [string | null, number | null][]) =>
  cases.view('vw_bookings_per_user_weekly', asOf, {
    'curated.fact_bookings': bookings.map(([booking_date, user_id]) =>
      booking({ booking_date, user_id, listing_id: null }),
    ),
  })

test('bookings are counted by user from Monday to Sunday; those of no user form a group', async () => {
  const found = await perUser('2024-01-31', [
    ['2024-01-01', 7],
    ['2024-01-07', 7],
    ['2024-01-08', 7],
    ['2024-01-02', 0],
    ['2024-01-03', null],
    ['2024-01-04', null],
  ])
  expect(found).toEqual(['2024-01-01 0 1', '2024-01-01 7 2', '2024-01-01 null 2', '2024-01-08 7 1'])
})

test('a week may begin in the year before', async () => {
  expect(await perUser('2025-01-31', [['2025-01-05', 1]])).toEqual(['2024-12-30 1 1'])
})

test('bookings after the as-of date or without a date are left out', async () => {
  expect(
    await perUser('2024-01-03', [
      ['2024-01-03', 1],
      ['2024-01-04', 1],
      [null, 1],
    ]),
  ).toEqual(['2024-01-01 1 1'])
})

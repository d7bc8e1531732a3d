import { expect, test } from 'vitest'
import { booking, type GivenRow, listing, sqlCases } from '../../support/sql-cases.js'

const cases = sqlCases()
const LISTINGS = [
  listing(1, '2024-01-01'),
  listing(2, '2024-01-01', { cityname: 'Bergen' }),
  listing(3, '2024-01-01', { cityname: 'Kiruna', state: 'SE' }),
  listing(4, '2024-01-01', { state: null }),
  listing(5, '2024-01-01'),
  listing(6, null, { cityname: 'Never', state: 'NO' }),
]
const locations = (asOf: string, bookings: GivenRow[]) =>
  cases.view('vw_popular_locations_weekly', asOf, {
    'curated.dim_listings': LISTINGS,
    'curated.fact_bookings': bookings,
  })
const booked = (booking_date: string | null, ...listings: (number | null)[]) =>
  listings.map((listing_id) => booking({ booking_date, listing_id }))

test('places share a rank, and the next one is as far behind', async () => {
  // Listings 1 and 5 are of one place; Oslo without a state is another.
  expect(await locations('2024-01-07', booked('2024-01-02', 1, 5, 2, 2, 3, 4))).toEqual([
    '2024-01-01 Bergen NO 2 1',
    '2024-01-01 Kiruna SE 1 3',
    '2024-01-01 Oslo NO 2 1',
    '2024-01-01 Oslo null 1 3',
  ])
})

test('each week has its own ranking, from Monday to Sunday', async () => {
  const bookings = [...booked('2024-01-07', 1), ...booked('2024-01-08', 2, 3, 3), ...booked('2024-01-14', 2)]
  expect(await locations('2024-01-31', bookings)).toEqual([
    '2024-01-01 Oslo NO 1 1',
    '2024-01-08 Bergen NO 2 1',
    '2024-01-08 Kiruna SE 2 1',
  ])
})

test('a week may begin in the year before', async () => {
  expect(await locations('2025-01-31', booked('2025-01-01', 1))).toEqual(['2024-12-30 Oslo NO 1 1'])
})

test('bookings of unknown listings have no place, those of a listing that never lives have one', async () => {
  expect(await locations('2024-01-31', booked('2024-01-01', 9, null, 6))).toEqual(['2024-01-01 Never NO 1 1'])
})

test('bookings after the as-of date or without a date are left out', async () => {
  const bookings = [...booked('2024-01-03', 1), ...booked('2024-01-04', 2), ...booked(null, 3)]
  expect(await locations('2024-01-03', bookings)).toEqual(['2024-01-01 Oslo NO 1 1'])
})

import { expect, test } from 'vitest'
import { booking, type GivenRow, listing, sqlCases } from '../../support/sql-cases.js'

const cases = sqlCases()
const occupancy = (asOf: string, listings: GivenRow[], stays: GivenRow[]) =>
  cases.view('vw_occupancy_rate_monthly', asOf, { 'curated.dim_listings': listings, 'curated.fact_bookings': stays })
const stay = (checkin_date: string | null, checkout_date: string | null, row: GivenRow = {}) =>
  booking({ booking_date: '2024-01-01', checkin_date, checkout_date, ...row })

test('a stay is cut at the end of the month, the night of the checkout is free', async () => {
  // January has the nights 30 and 31, February 1 and 2; the stay covers 31 and 1.
  const found = await occupancy('2024-02-02', [listing(1, '2024-01-30')], [stay('2024-01-31', '2024-02-02')])
  expect(found).toEqual(['2024-01-01 1 2 0.500000 false', '2024-02-01 1 2 0.500000 true'])
})

test('a night booked twice counts once', async () => {
  const nights = [
    ['2024-02-01', '2024-02-20'],
    ['2024-02-02', '2024-02-03'],
    ['2024-02-05', '2024-02-10'],
    ['2024-02-05', '2024-02-10'],
    ['2024-02-19', '2024-02-21'],
    ['2024-02-21', '2024-02-22'],
  ]
  const stays = nights.map(([from = '', to = '']) => stay(from, to))
  // 1 to 21 without a gap = 21 of 29; 21 / 29 = 0.72413793…
  expect(await occupancy('2024-02-29', [listing(1, '2024-02-01')], stays)).toEqual(['2024-02-01 21 29 0.724138 false'])
  expect(await occupancy('2024-02-29', [listing(1, '2024-02-01')], stays.toReversed())).toEqual([
    '2024-02-01 21 29 0.724138 false',
  ])
})

test('the same night of two listings counts twice', async () => {
  const stays = [stay('2024-02-01', '2024-02-04'), stay('2024-02-02', '2024-02-04', { listing_id: 2 })]
  // 3 + 2 of 2 × 29: 5 / 58 = 0.0862068…
  expect(await occupancy('2024-02-29', [listing(1, '2024-02-01'), listing(2, '2024-02-01')], stays)).toEqual([
    '2024-02-01 5 58 0.086207 false',
  ])
})

test('a stay is cut at the life of its listing', async () => {
  const stays = [
    stay('2024-03-08', '2024-03-11'),
    stay('2024-03-12', '2024-03-20'),
    stay('2024-03-05', '2024-03-10'),
    stay('2024-03-13', '2024-03-14'),
  ]
  // The life has the nights 10, 11 and 12; 10 and 12 are booked: 2 / 3.
  expect(await occupancy('2024-03-31', [listing(1, '2024-03-10', { active_to: '2024-03-12' })], stays)).toEqual([
    '2024-03-01 2 3 0.666667 false',
  ])
  expect(
    await occupancy(
      '2024-03-31',
      [listing(1, '2024-03-10', { active_to: '2024-03-12' })],
      [stay('2024-01-01', '2024-12-31')],
    ),
  ).toEqual(['2024-03-01 3 3 1.000000 false'])
})

test('nights after the as-of date are neither available nor booked', async () => {
  const listings = [listing(1, '2024-04-09', { active_to: '2024-04-20' }), listing(2, '2024-04-11')]
  const stays = [
    stay('2024-04-10', '2024-04-15'),
    stay('2024-04-11', '2024-04-12'),
    stay('2024-04-11', '2024-04-12', { listing_id: 2 }),
  ]
  expect(await occupancy('2024-04-10', listings, stays)).toEqual(['2024-04-01 1 2 0.500000 true'])
})

test('a booking made after the as-of date, or at no known date, is not known', async () => {
  const stays = [
    stay('2024-04-01', '2024-04-02', { booking_date: '2024-04-10' }),
    stay('2024-04-02', '2024-04-03', { booking_date: '2024-04-11' }),
    stay('2024-04-03', '2024-04-04', { booking_date: null }),
  ]
  expect(await occupancy('2024-04-10', [listing(1, '2024-04-01')], stays)).toEqual(['2024-04-01 1 10 0.100000 true'])
})

test('what is no stay books nothing', async () => {
  const stays = [
    stay('2024-04-02', '2024-04-02'),
    stay('2024-04-05', '2024-04-03'),
    stay('2024-04-02', null),
    stay(null, '2024-04-05'),
    stay('2024-04-02', '2024-04-05', { listing_id: 9 }),
    stay('2024-04-02', '2024-04-05', { listing_id: null }),
  ]
  expect(await occupancy('2024-04-10', [listing(1, '2024-04-01')], stays)).toEqual(['2024-04-01 0 10 0.000000 true'])
})

test('a month without a night on offer has no row, booked or not', async () => {
  const listings = [
    listing(1, '2024-01-01', { active_to: '2024-01-02' }),
    listing(2, '2024-03-30'),
    listing(3, '2024-02-10', { active_to: '2024-02-09' }),
    listing(4, null),
  ]
  const stays = [1, 2, 3, 4].map((listing_id) => stay('2024-02-01', '2024-03-01', { listing_id }))
  expect(await occupancy('2024-03-31', listings, stays)).toEqual([
    '2024-01-01 0 2 0.000000 false',
    '2024-03-01 0 2 0.000000 false',
  ])
})

test('half of the last digit goes up', async () => {
  // 4 × 31 nights and the last 4 of a fifth listing: 1 / 128 = 0.0078125.
  const listings = [...[1, 2, 3, 4].map((id) => listing(id, '2024-01-01')), listing(5, '2024-01-28')]
  expect(await occupancy('2024-01-31', listings, [stay('2024-01-30', '2024-01-31')])).toEqual([
    '2024-01-01 1 128 0.007813 false',
  ])
})

test('a month is partial until its last day', async () => {
  expect(await occupancy('2023-02-27', [listing(1, '2023-02-27')], [])).toEqual(['2023-02-01 0 1 0.000000 true'])
  expect(await occupancy('2023-02-28', [listing(1, '2023-02-27')], [])).toEqual(['2023-02-01 0 2 0.000000 false'])
  expect(await occupancy('2023-12-31', [listing(1, '2023-12-31')], [])).toEqual(['2023-12-01 0 1 0.000000 false'])
})

test('nothing is on offer, nothing is shown', async () => {
  expect(await occupancy('2024-01-31', [], [stay('2024-01-01', '2024-01-02')])).toEqual([])
})

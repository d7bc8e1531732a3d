import { expect, test } from 'vitest'
import { booking, type GivenRow, listing, sqlCases } from '../../support/sql-cases.js'

const cases = sqlCases()
const LISTINGS = [
  listing(1, '2024-01-01', { title: 'Loft', currency: 'NOK' }),
  listing(2, '2024-01-01', { title: 'Barn', cityname: 'Bergen' }),
  listing(3, null),
]
const top = (asOf: string, bookings: GivenRow[]) =>
  cases.view('vw_top_listings_weekly', asOf, {
    'curated.dim_listings': LISTINGS,
    'curated.fact_bookings': bookings,
  })
const sale = (listing_id: number | null, total_price: string | null, row: GivenRow = {}) =>
  booking({ booking_date: '2024-01-01', listing_id, total_price, ...row })

test('revenue is the sum of prices, a missing price is 0, equal revenue shares a rank', async () => {
  const sales = [sale(1, '10.10'), sale(1, '20.20'), sale(1, null), sale(2, '30.30'), sale(3, null), sale(4, '-0.01')]
  expect(await top('2024-01-31', sales)).toEqual([
    '2024-01-01 USD 1 Loft Oslo 3 30.30 1',
    '2024-01-01 USD 2 Barn Bergen 1 30.30 1',
    '2024-01-01 USD 3 null Oslo 1 0.00 3',
    '2024-01-01 USD 4 null null 1 -0.01 4',
  ])
})

test('each currency of the bookings has its own ranking', async () => {
  const sales = [
    sale(1, '1.00'),
    sale(1, '2.00', { currency: 'EUR' }),
    sale(2, '3.00', { currency: 'EUR' }),
    sale(2, '9.00', { currency: 'XXX' }),
  ]
  expect(await top('2024-01-31', sales)).toEqual([
    '2024-01-01 EUR 1 Loft Oslo 1 2.00 2',
    '2024-01-01 EUR 2 Barn Bergen 1 3.00 1',
    '2024-01-01 USD 1 Loft Oslo 1 1.00 1',
    '2024-01-01 XXX 2 Barn Bergen 1 9.00 1',
  ])
})

test('bookings of an unknown listing are shown without its title, those of none form a group', async () => {
  const sales = [sale(9, '1.00'), sale(null, '1.00'), sale(null, '1.00')]
  expect(await top('2024-01-31', sales)).toEqual([
    '2024-01-01 USD 9 null null 1 1.00 2',
    '2024-01-01 USD null null null 2 2.00 1',
  ])
})

test('each week has its own ranking, from Monday to Sunday, and may begin in the year before', async () => {
  const sales = ['2024-12-29', '2025-01-01', '2025-01-05', '2025-01-06'].map((booking_date, at) =>
    sale(1, `${at + 1}.00`, { booking_date }),
  )
  expect(await top('2025-01-31', sales)).toEqual([
    '2024-12-23 USD 1 Loft Oslo 1 1.00 1',
    '2024-12-30 USD 1 Loft Oslo 2 5.00 1',
    '2025-01-06 USD 1 Loft Oslo 1 4.00 1',
  ])
})

test('revenue exceeds what one price can be', async () => {
  expect(await top('2024-01-31', [sale(1, '99999999.99'), sale(1, '99999999.99')])).toEqual([
    '2024-01-01 USD 1 Loft Oslo 2 199999999.98 1',
  ])
})

test('bookings after the as-of date or without a date are left out', async () => {
  const sales = [
    sale(1, '1.00', { booking_date: '2024-01-03' }),
    sale(2, '1.00', { booking_date: '2024-01-04' }),
    sale(2, '1.00', { booking_date: null }),
  ]
  expect(await top('2024-01-03', sales)).toEqual(['2024-01-01 USD 1 Loft Oslo 1 1.00 1'])
})

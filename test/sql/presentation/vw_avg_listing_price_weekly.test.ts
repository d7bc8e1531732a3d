import { expect, test } from 'vitest'
import { booking, type GivenRow, listing, sqlCases } from '../../support/sql-cases.js'

const cases = sqlCases()
const prices = (asOf: string, listings: GivenRow[], bookings: GivenRow[] = []) =>
  cases.view('vw_avg_listing_price_weekly', asOf, {
    'curated.dim_listings': listings,
    'curated.fact_bookings': bookings,
  })
const priced = (...amounts: string[]) => amounts.map((price, at) => listing(at + 1, '2024-01-01', { price }))

test('a listing counts in every week that has a day of its life', async () => {
  // 2024-01-07 is the Sunday of the first week, 2024-01-08 the Monday of the second.
  const found = await prices('2024-01-16', [
    listing(1, '2024-01-07', { price: '100.00', active_to: '2024-01-08' }),
    listing(2, '2024-01-08', { price: '50.00', active_to: '2024-01-14' }),
    listing(3, '2024-01-15', { price: '20.00', active_to: '2024-01-15' }),
  ])
  // Second week: (100 + 50) / 2.
  expect(found).toEqual(['2024-01-01 USD 1 100.00', '2024-01-08 USD 2 75.00', '2024-01-15 USD 1 20.00'])
})

test.each([
  ['75.005 goes up', ['100.00', '50.01'], '2 75.01'],
  ['1.005, which a double has below the half', ['1.00', '1.01'], '2 1.01'],
  ['-75.005 goes away from zero', ['-100.00', '-50.01'], '2 -75.01'],
  ['-0.005', ['0.00', '-0.01'], '2 -0.01'],
  ['a sum of zero', ['1.00', '-1.00'], '2 0.00'],
  ['301 / 3 = 100.333…', ['100.00', '100.00', '101.00'], '3 100.33'],
  ['302 / 3 = 100.666…', ['100.00', '101.00', '101.00'], '3 100.67'],
  ['-302 / 3', ['-100.00', '-101.00', '-101.00'], '3 -100.67'],
  [
    '399,999,999.95 / 4 = 99,999,999.9875',
    ['99999999.99', '99999999.99', '99999999.99', '99999999.98'],
    '4 99999999.99',
  ],
])('%s', async (_name, amounts, cells) => {
  expect(await prices('2024-01-01', priced(...amounts))).toEqual([`2024-01-01 USD ${cells}`])
})

test('a life is cut at the as-of date, whose week is the last', async () => {
  const found = await prices('2024-01-15', [
    listing(1, '2024-01-08', { price: 10, active_to: '2024-03-01' }),
    listing(2, '2024-01-15', { price: 20 }),
    listing(3, '2024-01-16', { price: 40 }),
  ])
  expect(found).toEqual(['2024-01-08 USD 1 10.00', '2024-01-15 USD 2 15.00'])
})

test('who never lives is in no week, one day is a life', async () => {
  const found = await prices('2024-01-07', [
    listing(1, null),
    listing(2, null, { active_to: '2024-01-03' }),
    listing(3, '2024-01-03', { active_to: '2024-01-02' }),
    listing(4, '2024-01-03', { active_to: '2024-01-03', price: 7 }),
  ])
  expect(found).toEqual(['2024-01-01 USD 1 7.00'])
})

test('currencies stand apart, and a week without a listing of one has no row of it', async () => {
  const found = await prices('2024-01-28', [
    listing(1, '2024-01-02', { price: 10, active_to: '2024-01-02' }),
    listing(2, '2024-01-24', { price: 30 }),
    listing(3, '2024-01-09', { price: 90, currency: 'EUR', active_to: '2024-01-15' }),
    listing(4, '2024-01-22', { price: 5, currency: 'XXX' }),
  ])
  expect(found).toEqual([
    '2024-01-01 USD 1 10.00',
    '2024-01-08 EUR 1 90.00',
    '2024-01-15 EUR 1 90.00',
    '2024-01-22 USD 1 30.00',
    '2024-01-22 XXX 1 5.00',
  ])
})

test('a week may begin in the year before', async () => {
  expect(await prices('2025-01-01', [listing(1, '2025-01-01')])).toEqual(['2024-12-30 USD 1 100.00'])
})

test('bookings before the first life show no price', async () => {
  const found = await prices('2024-02-07', [listing(1, '2024-02-05')], [booking({ booking_date: '2024-01-10' })])
  expect(found).toEqual(['2024-02-05 USD 1 100.00'])
})

test('nothing lives, nothing is shown', async () => {
  expect(await prices('2024-01-07', [])).toEqual([])
  expect(await prices('2024-01-07', [listing(1, '2024-01-08')])).toEqual([])
})

import { expect, test } from 'vitest'
import { booking, type GivenRow, listing, sqlCases } from '../../support/sql-cases.js'

const cases = sqlCases()
const calendar = async (asOf: string, listings: GivenRow[], bookings: GivenRow[], columns = '*'): Promise<string[]> => {
  await cases.load(asOf, { 'curated.dim_listings': listings, 'curated.fact_bookings': bookings })
  await cases.build('full', ['dim_dates'])
  return cases.lines('curated.dim_dates', columns)
}
const first = (asOf: string, listings: GivenRow[], bookings: GivenRow[]) =>
  calendar(asOf, listings, bookings, 'min(day), max(day), count(*)')

test('the first day is the Monday of the week where that is before the month', async () => {
  expect(await calendar('2024-03-04', [listing(1, '2024-03-02')], [])).toEqual([
    '2024-02-26 2024-02-26 2024-02-01',
    '2024-02-27 2024-02-26 2024-02-01',
    '2024-02-28 2024-02-26 2024-02-01',
    '2024-02-29 2024-02-26 2024-02-01',
    '2024-03-01 2024-02-26 2024-03-01',
    '2024-03-02 2024-02-26 2024-03-01',
    '2024-03-03 2024-02-26 2024-03-01',
    '2024-03-04 2024-03-04 2024-03-01',
  ])
})

test('the first day is that of the month where the week begins in it', async () => {
  expect(await first('2024-03-16', [listing(1, '2024-03-15')], [])).toEqual(['2024-03-01 2024-03-16 16'])
  expect(await first('2024-01-01', [listing(1, '2024-01-01')], [])).toEqual(['2024-01-01 2024-01-01 1'])
})

test('only lives count that begin by the as-of date and do not end before they begin', async () => {
  const listings = [
    listing(1, '2024-01-10', { active_to: '2024-01-09' }),
    listing(2, '2024-05-01'),
    listing(3, null, { active_to: '2024-01-01' }),
  ]
  expect(await first('2024-04-30', listings, [])).toEqual(['null null 0'])
  expect(await first('2024-05-01', listings, [])).toEqual(['2024-04-29 2024-05-01 3'])
  const dayLong = listing(4, '2024-03-01', { active_to: '2024-03-01' })
  expect(await first('2024-03-02', [...listings, dayLong], [])).toEqual(['2024-02-26 2024-03-02 6'])
})

test('the dates of known bookings count, of unknown listings too', async () => {
  const booked = (booking_date: string | null, checkin_date: string | null) =>
    booking({ booking_date, checkin_date, listing_id: null })
  expect(await first('2024-04-30', [], [booked('2024-04-10', '2024-04-20')])).toEqual(['2024-04-01 2024-04-30 30'])
  expect(await first('2024-04-30', [], [booked('2024-04-10', '2024-03-10')])).toEqual(['2024-03-01 2024-04-30 61'])
  expect(await first('2024-04-30', [], [booked('2024-04-10', '2024-06-10')])).toEqual(['2024-04-01 2024-04-30 30'])
  expect(await first('2024-04-30', [], [booked('2024-04-10', null)])).toEqual(['2024-04-01 2024-04-30 30'])
  expect(await first('2024-04-30', [], [booked('2024-04-30', null)])).toEqual(['2024-04-01 2024-04-30 30'])
  expect(await first('2024-04-30', [], [booked('2024-05-01', '2024-04-10')])).toEqual(['null null 0'])
  expect(await first('2024-04-30', [], [booked(null, '2024-04-10')])).toEqual(['null null 0'])
})

test('three centuries of days', async () => {
  // 300 years of 365 days and 73 leap days (1904 to 2196 every four years, without 2100); 1900-01-01 is a Monday.
  expect(
    await calendar('2199-12-31', [listing(1, '1900-01-01')], [], 'min(day), max(day), count(*), count(distinct day)'),
  ).toEqual(['1900-01-01 2199-12-31 109573 109573'])
})

test('it is built anew, whatever was there', async () => {
  await cases.load('2024-01-01', {
    'curated.dim_listings': [listing(1, '2024-01-01')],
    'curated.dim_dates': [{ day: '2020-01-01', week_start: '2020-01-01', month_start: '2020-01-01' }],
  })
  await cases.build('incremental', ['dim_dates'])
  expect(await cases.lines('curated.dim_dates')).toEqual(['2024-01-01 2024-01-01 2024-01-01'])
})

import { expect, test } from 'vitest'
import { booking, type GivenRow, sqlCases } from '../../support/sql-cases.js'

const cases = sqlCases()
const durations = (asOf: string, stays: GivenRow[]) =>
  cases.view('vw_avg_booking_duration', asOf, { 'curated.fact_bookings': stays })
const stay = (checkin_date: string | null, checkout_date: string | null, row: GivenRow = {}) =>
  booking({ booking_date: '2024-01-01', checkin_date, checkout_date, ...row })
const nights = (...lengths: number[]) =>
  lengths.map((n) => stay('2024-01-01', new Date(Date.UTC(2024, 0, 1 + n)).toISOString().slice(0, 10)))

test.each([
  ['one', [3], '1 3.00 3.0'],
  ['an even number: 7 / 2, between 2 and 5', [5, 2], '2 3.50 3.5'],
  ['an odd number: 7 / 3 = 2.333…', [4, 1, 2], '3 2.33 2.0'],
  ['8 / 3 = 2.666…', [1, 1, 6], '3 2.67 1.0'],
  ['equal ones in the middle: 19 / 4', [1, 4, 4, 10], '4 4.75 4.0'],
  ['the middle between two that stand several times: 14 / 4', [1, 1, 6, 6], '4 3.50 3.5'],
  ['9 / 8 = 1.125 goes up', [1, 1, 1, 1, 1, 1, 1, 2], '8 1.13 1.0'],
  ['a stay over months and years: 366 + 1 over 2', [366, 1], '2 183.50 183.5'],
])('average and median of %s', async (_name, lengths, cells) => {
  expect(await durations('2024-01-31', nights(...lengths))).toEqual([`2024-01-01 ${cells} 0`])
})

test('invalid stays are counted apart', async () => {
  const invalid = [stay('2024-01-05', null), stay('2024-01-05', '2024-01-05'), stay('2024-01-05', '2024-01-04')]
  expect(await durations('2024-01-31', [...invalid, ...nights(1, 4)])).toEqual(['2024-01-01 2 2.50 2.5 3'])
  expect(await durations('2024-01-31', invalid)).toEqual(['2024-01-01 0 null null 3'])
})

test('a stay belongs to the month of its checkin alone', async () => {
  const found = await durations('2024-03-31', [
    stay('2024-01-31', '2024-03-02'),
    stay('2024-02-01', '2024-02-02'),
    stay('2023-12-31', '2024-01-03'),
  ])
  // January: 1 + 29 + 1 nights.
  expect(found).toEqual(['2023-12-01 1 3.00 3.0 0', '2024-01-01 1 31.00 31.0 0', '2024-02-01 1 1.00 1.0 0'])
})

test('a checkin is known up to the as-of date, its checkout may lie after it', async () => {
  const stays = [stay('2024-01-10', '2024-01-20'), stay('2024-01-11', '2024-01-12'), stay(null, '2024-01-05')]
  expect(await durations('2024-01-10', stays)).toEqual(['2024-01-01 1 10.00 10.0 0'])
})

test('bookings after the as-of date or without a date are left out', async () => {
  const stays = [
    stay('2024-01-02', '2024-01-03', { booking_date: '2024-01-10' }),
    stay('2024-01-02', '2024-01-09', { booking_date: '2024-01-11' }),
    stay('2024-01-02', null, { booking_date: null }),
  ]
  expect(await durations('2024-01-10', stays)).toEqual(['2024-01-01 1 1.00 1.0 0'])
})

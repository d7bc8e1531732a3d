import { expect, test } from 'vitest'
import { booking, sqlCases } from '../../support/sql-cases.js'

const cases = sqlCases()

/** The view's rows, those of successive days with the same cells in one line. */
async function repeats(asOf: string, bookings: [string | null, number | bigint | null][]): Promise<string[]> {
  const rows = await cases.view('vw_repeat_customer_rate', asOf, {
    'curated.fact_bookings': bookings.map(([booking_date, user_id]) => booking({ booking_date, user_id })),
  })
  const spans: { from: string; to: string; cells: string }[] = []
  for (const row of rows) {
    const [day, cells] = [row.slice(0, 10), row.slice(11)]
    const last = spans.at(-1)
    if (last?.cells === cells && Date.parse(last.to) + 86_400_000 === Date.parse(day)) last.to = day
    else spans.push({ from: day, to: day, cells })
  }
  return spans.map(({ from, to, cells }) => `${from} to ${to}: ${cells}`)
}

test('a customer is active for 30 days, that of the booking being the first', async () => {
  expect(await repeats('2024-03-31', [['2024-01-01', 1]])).toEqual(['2024-01-01 to 2024-01-30: 1 0 0.000000'])
})

test('bookings 29 days apart are in one window, on its last day', async () => {
  const found = await repeats('2024-03-31', [
    ['2024-01-01', 1],
    ['2024-01-30', 1],
  ])
  expect(found).toEqual([
    '2024-01-01 to 2024-01-29: 1 0 0.000000',
    '2024-01-30 to 2024-01-30: 1 1 1.000000',
    '2024-01-31 to 2024-02-28: 1 0 0.000000',
  ])
})

test('bookings 30 days apart never are; 31 days leave a day without a row', async () => {
  const apart = (day: string): [string, number][] => [
    ['2024-01-01', 1],
    [day, 1],
  ]
  expect(await repeats('2024-03-31', apart('2024-01-31'))).toEqual(['2024-01-01 to 2024-02-29: 1 0 0.000000'])
  expect(await repeats('2024-03-31', apart('2024-02-01'))).toEqual([
    '2024-01-01 to 2024-01-30: 1 0 0.000000',
    '2024-02-01 to 2024-03-01: 1 0 0.000000',
  ])
})

test('two bookings on one day make a repeat customer at once', async () => {
  const found = await repeats('2024-03-31', [
    ['2024-01-01', 1],
    ['2024-01-01', 1],
  ])
  expect(found).toEqual(['2024-01-01 to 2024-01-30: 1 1 1.000000'])
})

test.each([
  ['small', 0, 1],
  ['the last with room for a day, and the first without', 70368744177663, 70368744177664],
  ['below zero and zero', -1, 0],
  ['the least and the greatest', -9223372036854775808n, 9223372036854775807n],
])('ids of users may be any: %s', async (_, one, other) => {
  const found = await repeats('2024-03-31', [
    ['2024-01-01', one],
    ['2024-01-20', other],
    ['2024-01-25', one],
    ['2024-02-10', other],
    ['2024-02-10', other],
  ])
  expect(found).toEqual([
    '2024-01-01 to 2024-01-19: 1 0 0.000000',
    '2024-01-20 to 2024-01-24: 2 0 0.000000',
    '2024-01-25 to 2024-01-30: 2 1 0.500000',
    '2024-01-31 to 2024-02-09: 2 0 0.000000',
    '2024-02-10 to 2024-02-23: 2 1 0.500000',
    '2024-02-24 to 2024-03-10: 1 1 1.000000',
  ])
})

test('the last day of a user is not near the first one of the next', async () => {
  const found = await repeats('1900-03-31', [
    ['2199-12-31', 4],
    ['2199-12-31', 4],
    ['1900-01-01', 5],
    ['1900-02-01', 5],
  ])
  expect(found).toEqual(['1900-01-01 to 1900-01-30: 1 0 0.000000', '1900-02-01 to 1900-03-02: 1 0 0.000000'])
})

test('one of several repeats while two are in the window', async () => {
  const found = await repeats('2024-03-31', [
    ['2024-01-20', 1],
    ['2024-01-01', 1],
    ['2024-01-10', 1],
  ])
  // The second last is that of January 10, until February 8.
  expect(found).toEqual([
    '2024-01-01 to 2024-01-09: 1 0 0.000000',
    '2024-01-10 to 2024-02-08: 1 1 1.000000',
    '2024-02-09 to 2024-02-18: 1 0 0.000000',
  ])
})

test('rates are rounded half away from zero', async () => {
  const all = (n: number): [string, number][] => Array.from({ length: n }, (_, user) => ['2024-01-01', user])
  expect(await repeats('2024-01-01', [...all(3), ...all(1)])).toEqual(['2024-01-01 to 2024-01-01: 3 1 0.333333'])
  expect(await repeats('2024-01-01', [...all(3), ...all(2)])).toEqual(['2024-01-01 to 2024-01-01: 3 2 0.666667'])
  // 1 / 128 = 0.0078125
  expect(await repeats('2024-01-01', [...all(128), ...all(1)])).toEqual(['2024-01-01 to 2024-01-01: 128 1 0.007813'])
})

test('bookings of no user, after the as-of date or without a date make no customer', async () => {
  const found = await repeats('2024-01-10', [
    ['2024-01-05', null],
    ['2024-01-05', null],
    ['2024-01-10', 0],
    ['2024-01-11', 0],
    [null, 0],
  ])
  expect(found).toEqual(['2024-01-10 to 2024-01-10: 1 0 0.000000'])
})

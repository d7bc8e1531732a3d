import { expect, test } from 'vitest'
import { booking, sqlCases } from '../../support/sql-cases.js'

const cases = sqlCases()

/** The view's rows, those of successive days with the same cells in one line. */
async function repeats(asOf: string, bookings: [string | null, number | null][]): Promise<string[]> {
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

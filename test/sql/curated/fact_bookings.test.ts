import { expect, test } from 'vitest'
import { type GivenRow, sqlCases } from '../../support/sql-cases.js'

const cases = sqlCases()
const bookings = (columns: string, rows: GivenRow[]) =>
  cases.curated('fact_bookings', { 'raw_data.stg_bookings': rows }, columns)

test('a confirmed booking has all its columns, the apartment being the listing', async () => {
  const found = await bookings('*', [
    {
      booking_id: 7000000001,
      user_id: 8589934592,
      apartment_id: 5508654087,
      booking_date: '2024-01-01',
      checkin_date: '2024-01-02',
      checkout_date: '2024-01-03',
      total_price: '-0.5',
      currency: 'gbp',
      booking_status: 'ConfirmeD',
      payment_status: 'Paid',
      num_guests: 2,
    },
    { booking_id: 2, booking_status: 'confirmed' },
  ])
  expect(found).toEqual([
    '2 null null null null null null XXX confirmed null null',
    '7000000001 8589934592 5508654087 2024-01-01 2024-01-02 2024-01-03 -0.50 GBP confirmed Paid 2',
  ])
})

test('the status has to be equal to confirmed, in ASCII letters of any case', async () => {
  const statuses = [
    ...['confirmed', 'Confirmed', 'CONFIRMED', 'unconfirmed', 'confirmed?', 'CONFİRMED', 'ｃonfirmed', 'confirmed '],
    ...['canceled', 'Cancelled', 'pending', 'null', null],
  ]
  const rows = statuses.map((booking_status, at) => ({ booking_id: at + 1, booking_status }))
  expect(await bookings('booking_id, booking_status', rows)).toEqual(['1 confirmed', '2 confirmed', '3 confirmed'])
})

test.each([
  ['USD', 'USD'],
  ['eUr', 'EUR'],
  ['zł', 'Zł'],
  ['ß', 'ß'],
  ['null', 'NULL'],
  [null, 'XXX'],
])('currency %s becomes %s', async (currency, expected) => {
  expect(await bookings('currency', [{ booking_id: 1, booking_status: 'confirmed', currency }])).toEqual([expected])
})

test('changed keys alone are built again: changed, new, canceled and vanished bookings', async () => {
  const raw = (booking_id: number, booking_status: string) => ({ booking_id, booking_status, payment_status: 'new' })
  await cases.load('2024-01-31', {
    'raw_data.stg_bookings': [raw(1, 'confirmed'), raw(2, 'confirmed'), raw(3, 'confirmed'), raw(4, 'cancelled')],
    'curated.fact_bookings': [1, 3, 4, 5].map((booking_id) => ({ booking_id, payment_status: 'old' })),
    'curated.changed_bookings': [1, 1, 2, 4, 5].map((booking_id) => ({ booking_id })),
  })
  await cases.build('incremental', ['fact_bookings'])
  expect(await cases.lines('curated.fact_bookings', 'booking_id, payment_status')).toEqual(['1 new', '2 new', '3 old'])
})

import { expect, test } from 'vitest'
import { sqlCases } from '../../support/sql-cases.js'

const cases = sqlCases()
let nextBooking = 1
const booked = (user_id: number | null, booking_status: string | null, booking_date: string | null) => ({
  booking_id: nextBooking++,
  ...{ user_id, booking_status, booking_date },
})
const viewed = (user_id: number, viewed_at: string, is_wishlisted: boolean | null = null) => ({
  ...{ user_id, apartment_id: 1, viewed_at, is_wishlisted },
})
const users = (bookings: ReturnType<typeof booked>[], views: ReturnType<typeof viewed>[]) =>
  cases.curated('dim_users', { 'raw_data.stg_bookings': bookings, 'raw_data.stg_user_viewing': views })

test('a user has counts and days of views and of bookings, whatever their status and day', async () => {
  const found = await users(
    [
      booked(1, 'confirmed', '2024-02-02'),
      booked(1, 'Confirmed', '2199-12-31'),
      booked(1, 'Cancelled', '2024-02-01'),
      booked(1, 'unconfirmed', '2024-02-03'),
      booked(1, 'ｃonfirmed', '2024-02-03'),
      booked(1, null, null),
    ],
    [
      viewed(1, '2024-01-02 00:00:00', true),
      viewed(1, '2024-01-01 23:59:59.999999', false),
      viewed(1, '2024-01-03 23:59:59'),
      viewed(1, '2024-01-03 10:00:00', true),
    ],
  )
  expect(found).toEqual(['1 4 2 2024-01-01 2024-01-03 6 2 2024-02-01 2199-12-31'])
})

test('who only viewed has no bookings, who only booked has no views; 0 is a user, NULL is none', async () => {
  const found = await users(
    [booked(0, 'pending', null), booked(null, 'confirmed', '2024-01-01'), booked(2, 'confirmed', '2024-01-01')],
    [viewed(8589934592, '2024-01-01 00:00:00')],
  )
  expect(found).toEqual([
    '0 0 0 null null 1 0 null null',
    '2 0 0 null null 1 1 2024-01-01 2024-01-01',
    '8589934592 1 0 2024-01-01 2024-01-01 0 0 null null',
  ])
})

test('changed keys alone are built again: users who lost a row, all rows, or came', async () => {
  await cases.load('2024-01-31', {
    'raw_data.stg_bookings': [booked(1, 'confirmed', '2024-01-01'), booked(2, 'confirmed', '2024-01-01')],
    'raw_data.stg_user_viewing': [viewed(3, '2024-01-01 00:00:00'), viewed(4, '2024-01-01 00:00:00')],
    'curated.dim_users': [1, 2, 3, 5].map((user_id) => ({ user_id, view_count: 9, booking_count: 9 })),
    'curated.changed_users': [1, 1, 4, 5].map((user_id) => ({ user_id })),
  })
  await cases.build('incremental', ['dim_users'])
  expect(await cases.lines('curated.dim_users', 'user_id, view_count, booking_count')).toEqual([
    '1 0 1',
    '2 9 9',
    '3 9 9',
    '4 1 0',
  ])
})

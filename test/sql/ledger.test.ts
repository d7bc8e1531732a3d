import { expect, test } from 'vitest'
import { readSqlFiles } from '../../src/lib/adapters/files/sql-files.js'
import { incrementalText } from '../../src/lib/core/sql/statements.js'
import { sqlCases } from '../support/sql-cases.js'

const cases = sqlCases()

async function counts(table: string, mode: 'full' | 'incremental'): Promise<string[]> {
  const file = (await readSqlFiles('ledger')).find(({ name }) => name === table)
  const text = file?.text ?? ''
  return cases.lines(`(${mode === 'full' ? text : incrementalText(text)}\n)`, 'rule, n')
}

test('dim_listings: one rule per row, the first that holds; attributes of no apartment beside it', async () => {
  const apartment = (id: number, price: number | null) => ({ id, price })
  const attributes = (id: number, cityname: string | null) => ({ id, cityname })
  await cases.load('2024-01-31', {
    'raw_data.stg_apartments': [
      apartment(1, 1),
      apartment(2, null),
      apartment(3, null),
      apartment(4, 1),
      apartment(5, 1),
    ],
    'raw_data.stg_apartment_attributes': [
      ...[attributes(1, 'Oslo'), attributes(3, null), attributes(4, null), attributes(8, 'Oslo'), attributes(9, null)],
    ],
    'curated.changed_listings': [1, 4, 9, 9].map((listing_id) => ({ listing_id })),
  })
  expect(await counts('dim_listings', 'full')).toEqual([
    'beside:no_apartment 2',
    'no_attributes 2',
    'null_cityname 1',
    'null_price 1',
    'rows_in 5',
  ])
  expect(await counts('dim_listings', 'incremental')).toEqual(['beside:no_apartment 1', 'null_cityname 1', 'rows_in 2'])
})

test('fact_bookings: by normalised status', async () => {
  const statuses = ['confirmed', 'CONFIRMED', 'Cancelled', 'canceled', 'PENDING', 'unconfirmed', 'CONFİRMED', null]
  await cases.load('2024-01-31', {
    'raw_data.stg_bookings': statuses.map((booking_status, at) => ({ booking_id: at + 1, booking_status })),
    'curated.changed_bookings': [1, 3, 3, 8].map((booking_id) => ({ booking_id })),
  })
  expect(await counts('fact_bookings', 'full')).toEqual([
    'not_confirmed:canceled 2',
    'not_confirmed:confİrmed 1',
    'not_confirmed:null 1',
    'not_confirmed:pending 1',
    'not_confirmed:unconfirmed 1',
    'rows_in 8',
  ])
  expect(await counts('fact_bookings', 'incremental')).toEqual([
    'not_confirmed:canceled 1',
    'not_confirmed:null 1',
    'rows_in 3',
  ])
})

test('fact_user_views and dim_users: nothing is left out, a user counts once', async () => {
  const view = (user_id: number, minute: number) => ({
    user_id,
    apartment_id: 1,
    viewed_at: `2024-01-01 10:0${minute}:00`,
  })
  await cases.load('2024-01-31', {
    'raw_data.stg_user_viewing': [view(1, 1), view(1, 2), view(2, 1)],
    'raw_data.stg_bookings': [1, 1, 3, null].map((user_id, at) => ({ booking_id: at, user_id })),
    'curated.changed_users': [1, 1, 3, 4].map((user_id) => ({ user_id })),
    'curated.changed_views': [1, 1, 4].map((user_id) => ({
      ...{ user_id, listing_id: 1, viewed_timestamp: '2024-01-01 10:01:00' },
    })),
  })
  expect(await counts('fact_user_views', 'full')).toEqual(['rows_in 3'])
  expect(await counts('fact_user_views', 'incremental')).toEqual(['rows_in 1'])
  expect(await counts('dim_users', 'full')).toEqual(['rows_in 3'])
  expect(await counts('dim_users', 'incremental')).toEqual(['rows_in 2'])
})

test('an empty raw gives counts of 0', async () => {
  await cases.load('2024-01-31', {})
  expect(await counts('dim_listings', 'full')).toEqual(['beside:no_apartment 0', 'rows_in 0'])
  expect(await counts('fact_bookings', 'full')).toEqual(['rows_in 0'])
  expect(await counts('fact_user_views', 'full')).toEqual(['rows_in 0'])
  expect(await counts('dim_users', 'full')).toEqual(['rows_in 0'])
})

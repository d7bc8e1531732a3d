import { expect, test } from 'vitest'
import { openLocalWarehouse } from '../../../src/lib/adapters/local/warehouse/warehouse.js'
import { listTables, relationColumns } from '../../../src/lib/use-cases/tables.js'
import { smallWarehouse } from '../../support/small-warehouse.js'

const { home } = smallWarehouse()

test('every relation, with what it holds', async () => {
  await using warehouse = await openLocalWarehouse(home())
  const rows = await listTables(warehouse)
  expect(rows.map((row) => row.slice(0, 5).join(' '))).toEqual([
    'raw_data bookmark_changes table 0 12',
    'raw_data bookmark_resets table 0 1',
    'raw_data bookmark_rewinds table 0 2',
    'raw_data load_log table 8 19',
    'raw_data quarantine table 2 8',
    'raw_data schema_version table 1 1',
    'raw_data stg_apartment_attributes table 3 22',
    'raw_data stg_apartments table 3 13',
    'raw_data stg_bookings table 7 16',
    'raw_data stg_user_viewing table 2 10',
    'curated build table 1 3',
    'curated changed_bookings table 0 1',
    'curated changed_listings table 0 1',
    'curated changed_users table 0 1',
    'curated changed_views table 0 3',
    'curated dim_dates table 449 3',
    'curated dim_listings table 3 25',
    'curated dim_users table 3 9',
    'curated fact_bookings table 5 11',
    'curated fact_user_views table 2 6',
    'presentation vw_avg_booking_duration view  5',
    'presentation vw_avg_listing_price_weekly view  4',
    'presentation vw_bookings_per_user_weekly view  3',
    'presentation vw_occupancy_rate_monthly view  5',
    'presentation vw_popular_locations_weekly view  5',
    'presentation vw_repeat_customer_rate view  4',
    'presentation vw_top_listings_weekly view  8',
  ])
  expect(rows.filter((row) => typeof row[5] !== 'string')).toEqual([])
  expect(rows.find(([, name]) => name === 'fact_bookings')?.[5]).toBe('confirmed bookings')
})

test('the columns of one', async () => {
  await using warehouse = await openLocalWarehouse(home())
  expect(await relationColumns(warehouse, 'BUILD')).toEqual([
    ['run_id', 'VARCHAR'],
    ['as_of', 'DATE'],
    ['raw_seq', 'BIGINT'],
  ])
  await expect(relationColumns(warehouse, 'dim_listing')).rejects.toMatchObject({
    message: 'there is no relation dim_listing; the nearest is curated.dim_listings',
    suggestions: ['rental-etl tables curated.dim_listings', 'rental-etl tables'],
  })
  await expect(relationColumns(warehouse, 'zzzzzzzzzz')).rejects.toMatchObject({
    message: 'there is no relation zzzzzzzzzz',
    suggestions: ['rental-etl tables'],
  })
})

import { expect, test } from 'vitest'
import { sqlCases } from '../../support/sql-cases.js'

const cases = sqlCases()

const COLUMNS: Record<string, string> = {
  vw_avg_listing_price_weekly: 'week_start DATE, currency VARCHAR, active_listings BIGINT, avg_price DECIMAL(12,2)',
  vw_occupancy_rate_monthly:
    'month_start DATE, booked_nights BIGINT, available_nights BIGINT, occupancy_rate DECIMAL(9,6), is_partial BOOLEAN',
  vw_popular_locations_weekly:
    'week_start DATE, cityname VARCHAR, state VARCHAR, bookings BIGINT, location_rank BIGINT',
  vw_top_listings_weekly:
    'week_start DATE, currency VARCHAR, listing_id BIGINT, title VARCHAR, cityname VARCHAR, bookings BIGINT, revenue DECIMAL(14,2), revenue_rank BIGINT',
  vw_bookings_per_user_weekly: 'week_start DATE, user_id BIGINT, bookings BIGINT',
  vw_avg_booking_duration:
    'month_start DATE, stays BIGINT, avg_nights DECIMAL(10,2), median_nights DECIMAL(10,1), invalid_stays BIGINT',
  vw_repeat_customer_rate: 'day DATE, active_customers BIGINT, repeat_customers BIGINT, repeat_rate DECIMAL(9,6)',
}

test('the views have the columns and types of their definition, in that order', async () => {
  const rows = await cases.db.all<{ table_name: string; columns: string }>(
    `select table_name, string_agg(column_name || ' ' || data_type, ', ' order by ordinal_position) as columns
     from information_schema.columns where table_schema = 'presentation' group by table_name`,
  )
  expect(Object.fromEntries(rows.map(({ table_name, columns }) => [table_name, columns]))).toEqual(COLUMNS)
})

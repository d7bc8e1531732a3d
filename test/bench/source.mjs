// Clean CSV files of a size, made by the engine: 20 k listings, 500 k bookings and 460 k views for each million rows.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

const FIRST_ID = 5508654087

export async function makeSource(folder, millions) {
  if (existsSync(join(folder, 'complete'))) return
  mkdirSync(folder, { recursive: true })
  const instance = await DuckDBInstance.create(':memory:')
  const db = await instance.connect()
  const [listings, bookings, views, users] = [20_000, 500_000, 460_000, 60_000].map((n) => n * millions)
  const csv = (table, select) => db.run(`copy (${select}) to '${join(folder, `${table}.csv`)}' (header)`)
  const any = (n) => `cast(floor(random() * ${n}) as bigint)`
  await db.run('set threads = 1')
  await db.run('select setseed(0.5)')
  await csv(
    'apartments',
    `select ${FIRST_ID} + i as id, 'Listing ' || i as title, 'RentDigs.com' as source, cast(500 + random() * 3000 as decimal(10,2)) as price,
      case i % 3 when 0 then 'USD' when 1 then 'EUR' else 'GBP' end as currency, timestamp '2022-01-01' + to_seconds(${any(63_000_000)}) as listing_created_on,
      i % 5 <> 0 as is_active, timestamp '2024-01-01' + to_seconds(${any(30_000_000)}) as last_modified_timestamp from range(${listings}) t(i)`,
  )
  await csv(
    'apartment_attributes',
    `select ${FIRST_ID} + i as id, 'housing/rent/apartment' as category, 'Place number ' || i || ' with a view and all that one needs' as body, 'Parking' as amenities,
      1.0 + i % 3 as bathrooms, 1.0 + i % 4 as bedrooms, 10.50 as fee, 'Yes' as has_photo, 'Cats' as pets_allowed, '1200' as price_display, 'Monthly' as price_type,
      500 + i % 1000 as square_feet, i || ' Main St' as address, 'City ' || i % 200 as cityname, 'S' || i % 40 as state, 30.5 as latitude, -90.25 as longitude from range(${listings}) t(i)`,
  )
  await csv(
    'bookings',
    `select 7000000000 + i as booking_id, ${any(users)} as user_id, ${FIRST_ID} + ${any(listings)} as apartment_id, booked as booking_date, checkin as checkin_date,
      checkin + cast(1 + random() * 13 as integer) as checkout_date, cast(50 + random() * 3000 as decimal(10,2)) as total_price,
      case cast(floor(random() * 3) as integer) when 0 then 'USD' when 1 then 'EUR' else 'GBP' end as currency,
      case when random() < 0.67 then 'confirmed' when random() < 0.5 then 'pending' else 'canceled' end as booking_status, 'paid' as payment_status, 1 + i % 4 as num_guests
      from (select i, booked, booked + cast(random() * 90 as integer) as checkin from (select i, date '2023-01-01' + cast(random() * 810 as integer) as booked from range(${bookings}) t(i)))`,
  )
  await csv(
    'user_viewing',
    `select ${any(users)} as user_id, ${FIRST_ID} + ${any(listings)} as apartment_id, timestamp '2023-01-01' + to_seconds(i * ${Math.floor(70_000_000 / views) || 1}) + to_microseconds(i) as viewed_at,
      random() < 0.1 as is_wishlisted, 'Contact Agent' as call_to_action from range(${views}) t(i)`,
  )
  db.closeSync()
  instance.closeSync()
  writeFileSync(join(folder, 'complete'), '')
}

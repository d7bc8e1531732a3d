// Clean CSV files of a size, made by the engine, and copies of them in which a share of the rows is different.
// No clock and no generator of random numbers: a cell follows from the number of its row. So they are always the same.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { engineVersion, query, withEngine } from './engine.mjs'

/** The as-of date of every run. */
export const AS_OF = '2025-03-24'

/** Raised when the files' content changes: what was kept is made again. */
const VERSION = 2
const FIRST_LISTING = 5508654087
const FIRST_BOOKING = 7000000000

/** Rows of a source of that many million. */
export function sizes(millions) {
  const rows = (each) => Math.round(each * millions)
  // A listing is a row of apartments and one of apartment_attributes.
  return { listings: rows(20_000), bookings: rows(500_000), views: rows(460_000), users: rows(60_000) }
}

/** The folder of a clean source; it is made where none was kept from an earlier time. */
export function cleanSource(folder, millions) {
  return kept(join(folder, `source-${millions}`), async (db, path) => {
    for (const [table, select] of Object.entries(tables(sizes(millions)))) await writeCsv(db, select, path, table)
  })
}

/**
 * A copy of the clean source, its rows in the same order, in which that share of bookings and views is changed; of the
 * listings, half that share is changed and half is gone.
 */
export async function changedSource(folder, millions, share) {
  if (share === 0) return cleanSource(folder, millions)
  const clean = await cleanSource(folder, millions)
  return kept(join(folder, `source-${millions}-changed-${share}`), async (db, path) => {
    for (const [table, select] of Object.entries(changes(everyNth(share)))) {
      const texts = `read_csv('${join(clean, `${table}.csv`)}', header = true, all_varchar = true)`
      const rows = `(select *, row_number() over () - 1 as i from ${texts})`
      await writeCsv(db, select(rows), path, table)
    }
  })
}

/** Rows of raw that such a copy changes, and rows that it removes. */
export function changedRows(millions, share) {
  if (share === 0) return { updated: 0, deleted: 0 }
  const { listings, bookings, views } = sizes(millions)
  const { step, at } = everyNth(share)
  const count = (rows, every, first) => Math.max(0, Math.ceil((rows - first) / every))
  return {
    updated: count(bookings, step, at) + count(views, step, at) + count(listings, 2 * step, at),
    deleted: 2 * count(listings, 2 * step, at + step),
  }
}

/** The rows that a share picks: they lie evenly over the file, which is the worst place for them. */
function everyNth(share) {
  const step = Math.round(1 / share)
  return { step, at: Math.floor(step / 2) }
}

async function kept(path, make) {
  const mark = join(path, 'complete')
  const state = `${VERSION} ${await engineVersion()}`
  if (existsSync(mark) && readFileSync(mark, 'utf8') === state) return path
  // Made aside: a second bench at the same time finds it whole, or makes its own.
  const fresh = `${path}.${process.pid}`
  mkdirSync(fresh, { recursive: true })
  await withEngine(':memory:', (db) => make(db, fresh))
  writeFileSync(join(fresh, 'complete'), state)
  rmSync(path, { recursive: true, force: true })
  renameSync(fresh, path)
  return path
}

function writeCsv(db, select, path, table) {
  return query(db, `copy (${select}) to '${join(path, `${table}.csv`)}' (header)`)
}

/** A whole number below `n`: the `salt`-th one of row `i`. */
const any = (salt, n) => `cast(hash(16 * i + ${salt}) % ${n} as bigint)`
const money = (salt, from, span) =>
  `cast((${100 * from} + ${any(salt, 100 * span)}) * 0.01::decimal(3,2) as decimal(10,2))`

function tables({ listings, bookings, views, users }) {
  return {
    apartments: `select ${FIRST_LISTING} + i as id, 'Listing ' || i as title, 'RentDigs.com' as source,
      ${money(0, 500, 3000)} as price, ['USD', 'EUR', 'GBP'][i % 3 + 1] as currency,
      timestamp '2022-01-01' + to_seconds(${any(1, 63_000_000)}) as listing_created_on,
      i % 5 <> 0 as is_active, timestamp '2024-01-01' + to_seconds(${any(2, 30_000_000)}) as last_modified_timestamp
      from range(${listings}) t(i)`,
    apartment_attributes: `select ${FIRST_LISTING} + i as id, 'housing/rent/apartment' as category,
      'Place number ' || i || ' with a view and all that one needs' as body, 'Parking' as amenities,
      1.0 + i % 3 as bathrooms, 1.0 + i % 4 as bedrooms, 10.50 as fee, 'Yes' as has_photo, 'Cats' as pets_allowed, '1200' as price_display,
      'Monthly' as price_type, 500 + i % 1000 as square_feet, i || ' Main St' as address, 
      'City ' || i % 200 as cityname, 'S' || i % 40 as state, 30.5 as latitude, -90.25 as longitude from range(${listings}) t(i)`,
    bookings: `select ${FIRST_BOOKING} + i as booking_id, ${any(0, users)} as user_id,
      ${FIRST_LISTING} + ${any(1, listings)} as apartment_id,
      date '2023-01-01' + cast(${any(2, 810)} as integer) as booking_date,
      booking_date + cast(${any(3, 91)} as integer) as checkin_date,
      checkin_date + cast(1 + ${any(4, 13)} as integer) as checkout_date,
      ${money(5, 50, 3000)} as total_price, ['USD', 'EUR', 'GBP'][${any(6, 3)} + 1] as currency,
      case when ${any(7, 100)} < 67 then 'confirmed' when ${any(7, 2)} = 0 then 'pending' else 'canceled' end
        as booking_status,
      'paid' as payment_status, 1 + i % 4 as num_guests from range(${bookings}) t(i)`,
    user_viewing: `select ${any(8, users)} as user_id, ${FIRST_LISTING} + ${any(9, listings)} as apartment_id,
      timestamp '2023-01-01' + to_seconds(i * ${Math.floor(70_000_000 / views) || 1}) + to_microseconds(i) as viewed_at,
      ${any(10, 10)} = 0 as is_wishlisted, 'Contact Agent' as call_to_action from range(${views}) t(i)`,
  }
}

/** For each table its changed rows, from texts with their numbers `i`. */
function changes({ step, at }) {
  const hit = `i % ${step} = ${at}`
  const [changed, gone] = [`i % ${2 * step} = ${at}`, `i % ${2 * step} = ${at + step}`]
  const otherwise = (column, value, where) =>
    `case when ${where} then cast(${value} as varchar) else ${column} end as ${column}`
  return {
    apartments: (rows) => `select * exclude (i) replace (
      ${otherwise('price', 'cast(price as decimal(10,2)) + 10', changed)},
      ${otherwise('last_modified_timestamp', 'cast(last_modified_timestamp as timestamp) + to_days(1)', changed)}
      ) from ${rows} where not (${gone})`,
    apartment_attributes: (rows) => `select * exclude (i) from ${rows} where not (${gone})`,
    bookings: (rows) => `select * exclude (i) replace (
      ${otherwise('total_price', 'cast(total_price as decimal(10,2)) + 1', hit)},
      ${otherwise('booking_status', `case booking_status when 'confirmed' then 'canceled' else 'confirmed' end`, hit)}
      ) from ${rows}`,
    user_viewing: (rows) => `select * exclude (i) replace (
      ${otherwise('is_wishlisted', 'not cast(is_wishlisted as boolean)', hit)}
      ) from ${rows}`,
  }
}

import { describe, expect, test } from 'vitest'
import {
  type Column,
  CURATED_TABLES,
  DIM_DATES,
  SOURCE_TABLES,
  sourceTable,
  TECHNICAL_COLUMNS,
  TEXT_LIMIT_BYTES,
} from '../../../src/lib/core/model.js'

/** As semantics.md has them: `!` marks a required column. */
const line = (columns: readonly Column[]): string =>
  columns.map(({ name, type, required }) => `${name}${required ? '!' : ''} ${type}`).join(', ')
const words = (text: string): string => text.trim().replace(/\s+/g, ' ')

describe('the source tables of semantics.md §1', () => {
  const expected: Record<string, [raw: string, key: string[], columns: string]> = {
    apartments: [
      'stg_apartments',
      ['id'],
      `id! BIGINT, title VARCHAR, source VARCHAR, price! DECIMAL(10,2), currency! VARCHAR, listing_created_on! TIMESTAMP,
       is_active! BOOLEAN, last_modified_timestamp! TIMESTAMP`,
    ],
    apartment_attributes: [
      'stg_apartment_attributes',
      ['id'],
      `id! BIGINT, category VARCHAR, body VARCHAR, amenities VARCHAR, bathrooms DECIMAL(4,1), bedrooms DECIMAL(4,1),
       fee DECIMAL(10,2), has_photo VARCHAR, pets_allowed VARCHAR, price_display VARCHAR, price_type VARCHAR,
       square_feet INTEGER, address VARCHAR, cityname! VARCHAR, state! VARCHAR, latitude DECIMAL(9,6),
       longitude DECIMAL(9,6)`,
    ],
    bookings: [
      'stg_bookings',
      ['booking_id'],
      `booking_id! BIGINT, user_id! BIGINT, apartment_id! BIGINT, booking_date! DATE, checkin_date! DATE,
       checkout_date! DATE, total_price! DECIMAL(10,2), currency! VARCHAR, booking_status! VARCHAR,
       payment_status VARCHAR, num_guests INTEGER`,
    ],
    user_viewing: [
      'stg_user_viewing',
      ['user_id', 'apartment_id', 'viewed_at'],
      'user_id! BIGINT, apartment_id! BIGINT, viewed_at! TIMESTAMP, is_wishlisted BOOLEAN, call_to_action VARCHAR',
    ],
  }

  test('names, keys, columns, types, and what is required', () => {
    const found = SOURCE_TABLES.map(({ name, raw, key, columns }) => [name, [raw, key, line(columns)]])
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(Object.entries(expected).map(([name, [raw, key, text]]) => [name, [raw, key, words(text)]])),
    )
    expect(found.map(([name]) => name)).toEqual(Object.keys(expected))
  })

  test('bookmarks, and which copy of a key survives', () => {
    expect(SOURCE_TABLES.map(({ bookmark, latestBy }) => [bookmark.column, bookmark.inclusive, latestBy])).toEqual([
      ['id', false, 'last_modified_timestamp'],
      ['id', false, undefined],
      ['booking_id', false, undefined],
      ['viewed_at', true, undefined],
    ])
  })

  test('technical columns begin with a low line, and no other does', () => {
    expect(line(TECHNICAL_COLUMNS)).toBe(
      '_load_seq! BIGINT, _run_id! VARCHAR, _position! BIGINT, _superseded! BIGINT, _nullified VARCHAR',
    )
    expect(SOURCE_TABLES.flatMap(({ columns }) => columns).filter(({ name }) => name.startsWith('_'))).toEqual([])
    expect(TEXT_LIMIT_BYTES).toBe(65_535)
  })
})

test('the curated tables of semantics.md §3: only keys are never NULL', () => {
  const found = [...CURATED_TABLES, DIM_DATES].map(({ name, key, columns }) => [name, [key, line(columns)]])
  expect(Object.fromEntries(found)).toEqual({
    dim_listings: [
      ['listing_id'],
      words(`listing_id! BIGINT, title VARCHAR, source VARCHAR, price DECIMAL(10,2), currency VARCHAR,
        listing_created_on DATE, is_active BOOLEAN, last_modified_timestamp TIMESTAMP, category VARCHAR, amenities VARCHAR,
        bathrooms DECIMAL(4,1), bedrooms DECIMAL(4,1), fee DECIMAL(10,2), has_photo VARCHAR, pets_allowed VARCHAR,
        price_display VARCHAR, price_type VARCHAR, square_feet INTEGER, address VARCHAR, cityname VARCHAR, state VARCHAR,
        latitude DECIMAL(9,6), longitude DECIMAL(9,6), active_from DATE, active_to DATE`),
    ],
    fact_bookings: [
      ['booking_id'],
      words(`booking_id! BIGINT, user_id BIGINT, listing_id BIGINT, booking_date DATE, checkin_date DATE,
        checkout_date DATE, total_price DECIMAL(10,2), currency VARCHAR, booking_status VARCHAR, payment_status VARCHAR,
        num_guests INTEGER`),
    ],
    fact_user_views: [
      ['user_id', 'listing_id', 'viewed_timestamp'],
      words(`user_id! BIGINT, listing_id! BIGINT, viewed_at DATE, viewed_timestamp! TIMESTAMP, is_wishlisted BOOLEAN,
        call_to_action VARCHAR`),
    ],
    dim_users: [
      ['user_id'],
      words(`user_id! BIGINT, view_count BIGINT, wishlist_count BIGINT, first_viewed_on DATE, last_viewed_on DATE,
        booking_count BIGINT, confirmed_booking_count BIGINT, first_booked_on DATE, last_booked_on DATE`),
    ],
    dim_dates: [['day'], 'day! DATE, week_start! DATE, month_start! DATE'],
  })
})

test('a source table is found by its name, and by that in raw', () => {
  for (const table of SOURCE_TABLES) {
    expect(sourceTable(table.name)).toBe(table)
    expect(sourceTable(table.raw)).toBe(table)
  }
  expect(() => sourceTable('dim_users')).toThrow(new RangeError('no source table dim_users'))
})

import { describe, expect, test } from 'vitest'
import type { Row } from '../../../../src/lib/core/trace/facts.js'
import { type FedBy, whyNotFed } from '../../../../src/lib/core/trace/feeds.js'
import type { TraceKind } from '../../../../src/lib/core/trace/key.js'

const AS_OF = '2025-03-24'
const LIVE: Row = { active_from: '2025-01-01', active_to: null }
const BOOKING: Row = {
  booking_date: '2025-02-01',
  checkin_date: '2025-02-10',
  checkout_date: '2025-02-12',
  user_id: '7',
}

describe('why a key has no part in a view', () => {
  const of = (curated: Row | null, listing: Row | null = LIVE): FedBy => ({ curated, listing, as_of: AS_OF })
  const booked = (more: Row, listing: Row | null = LIVE): FedBy => of({ ...BOOKING, ...more }, listing)
  const stays = 'vw_occupancy_rate_monthly'
  test.each<[TraceKind, string, FedBy, string]>([
    ['booking', stays, of(null), 'not_curated'],
    ['booking', 'vw_bookings_per_user_weekly', booked({ booking_date: null }), 'null_booking_date'],
    ['booking', 'vw_avg_booking_duration', booked({ booking_date: '2025-03-25' }), 'after_as_of'],
    ['booking', 'vw_repeat_customer_rate', booked({ user_id: null }), 'null_user_id'],
    ['booking', 'vw_popular_locations_weekly', booked({}, null), 'unknown_listing'],
    ['booking', stays, booked({}, null), 'unknown_listing'],
    ['booking', stays, booked({ checkin_date: null }), 'invalid_stay'],
    ['booking', stays, booked({ checkout_date: null }), 'invalid_stay'],
    ['booking', stays, booked({ checkout_date: '2025-02-10' }), 'invalid_stay'],
    ['booking', stays, booked({ checkin_date: '2025-03-25', checkout_date: '2025-03-26' }), 'checkin_after_as_of'],
    ['booking', stays, booked({}, { active_from: null, active_to: null }), 'never_live'],
    ['booking', stays, booked({}, { active_from: '2025-01-02', active_to: '2025-01-01' }), 'never_live'],
    ['booking', stays, booked({}, { active_from: '2025-01-01', active_to: '2025-01-02' }), 'outside_life'],
    ['booking', 'vw_avg_booking_duration', booked({ checkin_date: null }), 'null_checkin_date'],
    ['booking', 'vw_avg_booking_duration', booked({ checkin_date: '2025-03-25' }), 'checkin_after_as_of'],
    ['listing', 'vw_avg_listing_price_weekly', of({ active_from: '2025-03-25', active_to: null }), 'after_as_of'],
    ['listing', stays, of({ active_from: null, active_to: null }), 'never_live'],
    ['listing', 'vw_top_listings_weekly', of(LIVE), 'no_known_booking'],
    ['user', 'vw_repeat_customer_rate', of({ user_id: '7' }), 'no_known_booking'],
  ])('%s, %s: %o is %s', (kind, view, by, why) => expect(whyNotFed(kind, view, by)).toBe(why))
})

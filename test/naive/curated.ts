import type { Row } from './raw.js'
import { dayOf } from './values.js'

export interface NaiveCurated {
  rows: Record<string, Row[]>
  filtered: Record<string, Record<string, number>>
}

/** The curated tables but for dim_dates, from raw's rows by the table's name in the source. */
export function naiveCurated(raw: Record<string, { rows: Row[] }>): NaiveCurated {
  const of = (name: string): Row[] => raw[name]?.rows ?? []
  const filtered: Record<string, Record<string, number>> = {
    dim_listings: {},
    fact_bookings: {},
    fact_user_views: {},
    dim_users: {},
  }
  const drop = (table: string, rule: string): void => {
    const counts = filtered[table] as Record<string, number>
    counts[rule] = (counts[rule] ?? 0) + 1
  }
  const attributes = new Map(of('apartment_attributes').map((row) => [row['id'], row]))
  const listings: Row[] = []
  for (const { id, ...apartment } of of('apartments')) {
    const found = attributes.get(id as bigint)
    if (!found) drop('dim_listings', 'no_attributes')
    else if (apartment['price'] === null) drop('dim_listings', 'null_price')
    else if (found['cityname'] === null) drop('dim_listings', 'null_cityname')
    else {
      const { id: _, body: __, ...rest } = found
      const from = dateOf(apartment['listing_created_on'])
      const modified = dateOf(apartment['last_modified_timestamp'])
      listings.push({
        ...apartment,
        ...rest,
        listing_id: id as bigint,
        currency: currency(apartment['currency']),
        listing_created_on: from,
        active_from: from,
        active_to: apartment['is_active'] === true ? null : (modified ?? from),
      })
    }
  }
  const bookings: Row[] = []
  for (const { apartment_id, ...booking } of of('bookings')) {
    const status = normalStatus(booking['booking_status'])
    if (status !== 'confirmed') drop('fact_bookings', `not_confirmed:${status ?? 'null'}`)
    else
      bookings.push({
        ...booking,
        listing_id: apartment_id as bigint | null,
        booking_status: status,
        currency: currency(booking['currency']),
      })
  }
  const views = of('user_viewing').map(
    ({ apartment_id, viewed_at, ...view }): Row => ({
      ...view,
      listing_id: apartment_id as bigint,
      viewed_at: dateOf(viewed_at),
      viewed_timestamp: viewed_at as bigint,
    }),
  )
  return {
    rows: {
      dim_listings: listings,
      fact_bookings: bookings,
      fact_user_views: views,
      dim_users: users(views, of('bookings')),
    },
    filtered,
  }
}

function users(views: Row[], bookings: Row[]): Row[] {
  const found = new Map<bigint, Row>()
  const user = (id: bigint): Row => {
    const row = found.get(id) ?? {
      user_id: id,
      ...{ view_count: 0n, wishlist_count: 0n, first_viewed_on: null, last_viewed_on: null },
      ...{ booking_count: 0n, confirmed_booking_count: 0n, first_booked_on: null, last_booked_on: null },
    }
    found.set(id, row)
    return row
  }
  const count = (row: Row, name: string): void => {
    row[name] = (row[name] as bigint) + 1n
  }
  const between = (row: Row, first: string, last: string, day: Row[string] | undefined): void => {
    if (day === null || day === undefined) return
    if (row[first] === null || (row[first] as bigint) > (day as bigint)) row[first] = day
    if (row[last] === null || (row[last] as bigint) < (day as bigint)) row[last] = day
  }
  for (const view of views) {
    const row = user(view['user_id'] as bigint)
    count(row, 'view_count')
    if (view['is_wishlisted'] === true) count(row, 'wishlist_count')
    between(row, 'first_viewed_on', 'last_viewed_on', view['viewed_at'])
  }
  for (const booking of bookings) {
    if (booking['user_id'] === null) continue
    const row = user(booking['user_id'] as bigint)
    count(row, 'booking_count')
    if (normalStatus(booking['booking_status']) === 'confirmed') count(row, 'confirmed_booking_count')
    between(row, 'first_booked_on', 'last_booked_on', booking['booking_date'])
  }
  return [...found.values()]
}

function dateOf(moment: Row[string] | undefined): bigint | null {
  return moment === null || moment === undefined ? null : dayOf(moment as bigint)
}

function currency(text: Row[string] | undefined): string {
  return text === null || text === undefined ? 'XXX' : String(text).replace(/[a-z]/g, (letter) => letter.toUpperCase())
}

function normalStatus(text: Row[string] | undefined): string | null {
  if (text === null || text === undefined) return null
  const status = String(text).replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  return status === 'cancelled' ? 'canceled' : status
}

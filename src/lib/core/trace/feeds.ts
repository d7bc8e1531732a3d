import { ident } from '../sql/names.js'
import type { Row } from './facts.js'
import { keyValue, type TraceKey } from './key.js'

/** How a row of curated comes into a view. */
export interface Feed {
  view: string
  /** Columns that name a row of the view, its period first. */
  key: readonly string[]
  /** A query that gives them, for the rows of the view that the key has a part in. */
  cells: string
}

const BY_DAY = 'inner join curated.dim_dates d on d.day = f.booking_date'
/** The calendar ends at the as-of date, and what is later finds no day there. */
const LIFE = 'd.day >= l.active_from and (l.active_to is null or d.day <= l.active_to)'

/** Of known bookings (f) by their day. */
const PER_USER: readonly [string, readonly string[], string] = [
  'vw_bookings_per_user_weekly',
  ['week_start', 'user_id'],
  `select d.week_start, f.user_id from curated.fact_bookings f ${BY_DAY}`,
]
const TOP: typeof PER_USER = [
  'vw_top_listings_weekly',
  ['week_start', 'currency', 'listing_id'],
  `select d.week_start, f.currency, f.listing_id from curated.fact_bookings f ${BY_DAY}`,
]
const LOCATIONS: typeof PER_USER = [
  'vw_popular_locations_weekly',
  ['week_start', 'cityname', 'state'],
  `select d.week_start, l.cityname, l.state from curated.fact_bookings f ${BY_DAY}
    inner join curated.dim_listings l on l.listing_id = f.listing_id`,
]
const DURATION: typeof PER_USER = [
  'vw_avg_booking_duration',
  ['month_start'],
  `select d.month_start from curated.fact_bookings f cross join curated.build b
    inner join curated.dim_dates d on d.day = f.checkin_date`,
]
const STAYS: typeof PER_USER = [
  'vw_occupancy_rate_monthly',
  ['month_start'],
  `select d.month_start from curated.fact_bookings f cross join curated.build b
    inner join curated.dim_listings l on l.listing_id = f.listing_id
    inner join curated.dim_dates d on d.day >= f.checkin_date and d.day < f.checkout_date and ${LIFE}`,
]
const REPEAT: typeof PER_USER = [
  'vw_repeat_customer_rate',
  ['day'],
  `select d.day from curated.fact_bookings f
    inner join curated.dim_dates d on d.day >= f.booking_date and d.day < f.booking_date + 30`,
]
const PRICES: typeof PER_USER = [
  'vw_avg_listing_price_weekly',
  ['week_start', 'currency'],
  `select d.week_start, l.currency from curated.dim_listings l inner join curated.dim_dates d on ${LIFE}`,
]
const NIGHTS: typeof PER_USER = [
  'vw_occupancy_rate_monthly',
  ['month_start'],
  `select d.month_start from curated.dim_listings l inner join curated.dim_dates d on ${LIFE}`,
]
/** Of the two that look at other days than that of the booking, it has to be a known one. */
const KNOWN = ' and f.booking_date <= b.as_of'

/** The views that a key can have a part in, in the order of the metrics. */
export function feedsOf(key: TraceKey): Feed[] {
  const id = keyValue(key, 0)
  const feed = ([view, columns, from]: typeof PER_USER, condition: string): Feed => ({
    view,
    key: columns,
    cells: `select distinct * from (${from} where ${condition}) cells`,
  })
  switch (key.kind) {
    case 'booking': {
      const own = `f.booking_id = ${id}`
      return [
        feed(STAYS, own + KNOWN),
        feed(LOCATIONS, own),
        feed(TOP, own),
        feed(PER_USER, own),
        feed(DURATION, own + KNOWN),
        feed(REPEAT, `${own} and f.user_id is not null`),
      ]
    }
    case 'listing':
      return [
        feed(PRICES, `l.listing_id = ${id}`),
        feed(NIGHTS, `l.listing_id = ${id}`),
        feed(LOCATIONS, `f.listing_id = ${id}`),
        feed(TOP, `f.listing_id = ${id}`),
      ]
    case 'user':
      return [feed(PER_USER, `f.user_id = ${id}`), feed(REPEAT, `f.user_id = ${id}`)]
    case 'view':
      return []
  }
}

/** The rows of a view that a feed names, newest first, each with the `cells` that there are of them. */
export function feedQuery({ view, key, cells }: Feed, newest: number): string {
  const same = key.map((name) => {
    const [own, other] = [`v.${ident(name)}`, `c.${ident(name)}`]
    return `(${own} = ${other} or (${own} is null and ${other} is null))`
  })
  const order = key.map((name, at) => `v.${ident(name)}${at === 0 ? ' desc' : ''}`)
  // One row more than none at all: the number stands in each.
  return `select v.*, count(*) over () as cells from presentation.${view} v
    inner join (${cells}) c on ${same.join(' and ')} order by ${order.join(', ')} limit ${Math.max(newest, 1)}`
}

export interface FedBy {
  curated: Row | null
  /** Of a booking: its listing in curated. */
  listing: Row | null
  as_of: string
}

/** Why a key has no part in a view: the first thing that is in the way. Dates are compared as texts. */
export function whyNotFed(kind: TraceKey['kind'], view: string, { curated, listing, as_of }: FedBy): string {
  if (curated === null) return 'not_curated'
  if (kind === 'user') return 'no_known_booking'
  if (kind === 'listing') return /price|occupancy/.test(view) ? whyNotLive(curated, as_of) : 'no_known_booking'
  const { booking_date: booked, checkin_date: begins, checkout_date: ends, user_id } = curated
  if (booked === null) return 'null_booking_date'
  if (isAfter(booked, as_of)) return 'after_as_of'
  if (view === REPEAT[0] && user_id === null) return 'null_user_id'
  if (view === LOCATIONS[0]) return 'unknown_listing'
  if (view === STAYS[0]) {
    if (listing === null) return 'unknown_listing'
    if (begins === null || ends === null || !isAfter(ends, begins)) return 'invalid_stay'
    if (isAfter(begins, as_of)) return 'checkin_after_as_of'
    return whyNotLive(listing, as_of, 'outside_life')
  }
  return begins === null ? 'null_checkin_date' : 'checkin_after_as_of'
}

function whyNotLive({ active_from: from, active_to: to }: Row, as_of: string, otherwise = 'never_live'): string {
  if (from === null || (to !== null && isAfter(from, to))) return 'never_live'
  return isAfter(from, as_of) ? 'after_as_of' : otherwise
}

function isAfter(a: Row[string] | undefined, b: Row[string] | undefined): boolean {
  return String(a) > String(b)
}

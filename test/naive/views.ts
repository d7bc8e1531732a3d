import type { Row } from './raw.js'
import { dateText, decimalText, ratio } from './values.js'

export type ViewRow = (string | null)[]

/** The seven views as of a day, by loops over listings, nights, days and bookings; each cell as a text. */
export function naiveViews(curated: Record<string, Row[]>, asOf: bigint): Record<string, ViewRow[]> {
  const listings = curated['dim_listings'] ?? []
  const known = (curated['fact_bookings'] ?? []).filter(
    (row) => row['booking_date'] !== null && day(row, 'booking_date') <= asOf,
  )
  const byId = new Map(listings.map((row) => [row['listing_id'] as bigint, row]))
  return {
    vw_avg_listing_price_weekly: prices(listings, asOf),
    vw_occupancy_rate_monthly: occupancy(listings, known, asOf),
    vw_popular_locations_weekly: locations(known, byId),
    vw_top_listings_weekly: topListings(known, byId),
    vw_bookings_per_user_weekly: perUser(known),
    vw_avg_booking_duration: durations(known, asOf),
    vw_repeat_customer_rate: repeats(known, asOf),
  }
}

/** First and last day of a life, cut at D; undefined for a listing that never lives. */
function life(listing: Row, asOf: bigint): [bigint, bigint] | undefined {
  if (listing['active_from'] === null) return undefined
  const from = day(listing, 'active_from')
  const end = listing['active_to'] === null ? asOf : day(listing, 'active_to')
  if (listing['active_to'] !== null && end < from) return undefined
  const to = end < asOf ? end : asOf
  return from <= to ? [from, to] : undefined
}

/** The calendar: from the month or week of the first thing to show, whichever begins earlier, to D. */
export function naiveDates(curated: Record<string, Row[]>, asOf: bigint): ViewRow[] {
  const lives = (curated['dim_listings'] ?? []).flatMap((listing) => life(listing, asOf)?.[0] ?? [])
  const known = (curated['fact_bookings'] ?? []).filter(
    (row) => row['booking_date'] !== null && day(row, 'booking_date') <= asOf,
  )
  const dates = known.flatMap((row) => [day(row, 'booking_date'), row['checkin_date'] as bigint | null])
  const starts = [...lives, ...dates].filter((one) => one !== null && one <= asOf) as bigint[]
  if (starts.length === 0) return []
  const first = starts.flatMap((one) => [monthOf(one), weekOf(one)]).sort((a, b) => (a < b ? -1 : 1))[0] as bigint
  const rows: ViewRow[] = []
  for (let d = first; d <= asOf; d++) rows.push([dateText(d), dateText(weekOf(d)), dateText(monthOf(d))])
  return rows
}

function prices(listings: Row[], asOf: bigint): ViewRow[] {
  const groups = new Map<string, { week: bigint; currency: string; n: bigint; sum: bigint }>()
  for (const listing of listings) {
    const span = life(listing, asOf)
    if (!span) continue
    for (let week = weekOf(span[0]); week <= span[1]; week += 7n) {
      const currency = String(listing['currency'])
      const group = at(groups, `${week} ${currency}`, () => ({ week, currency, n: 0n, sum: 0n }))
      group.n++
      group.sum += listing['price'] as bigint
    }
  }
  return [...groups.values()].map(({ week, currency, n, sum }) => [
    dateText(week),
    currency,
    String(n),
    decimalText(ratio(sum, n, 0), 2),
  ])
}

function occupancy(listings: Row[], known: Row[], asOf: bigint): ViewRow[] {
  const stays = new Map<bigint, [bigint, bigint][]>()
  for (const booking of known) {
    if (booking['checkin_date'] === null || booking['checkout_date'] === null || booking['listing_id'] === null)
      continue
    at(stays, booking['listing_id'] as bigint, () => []).push([
      day(booking, 'checkin_date'),
      day(booking, 'checkout_date'),
    ])
  }
  const months = new Map<bigint, { available: bigint; booked: bigint }>()
  for (const listing of listings) {
    const span = life(listing, asOf)
    if (!span) continue
    const own = stays.get(listing['listing_id'] as bigint) ?? []
    for (let night = span[0]; night <= span[1]; night++) {
      const month = at(months, monthOf(night), () => ({ available: 0n, booked: 0n }))
      month.available++
      if (own.some(([from, to]) => from <= night && night < to)) month.booked++
    }
  }
  return [...months].map(([month, { available, booked }]) => [
    dateText(month),
    String(booked),
    String(available),
    decimalText(ratio(booked, available, 6), 6),
    String(monthOf(asOf) === month && monthOf(asOf + 1n) === month),
  ])
}

function locations(known: Row[], byId: Map<bigint, Row>): ViewRow[] {
  const groups = new Map<string, { week: bigint; city: string | null; state: string | null; n: bigint }>()
  for (const booking of known) {
    const listing = booking['listing_id'] === null ? undefined : byId.get(booking['listing_id'] as bigint)
    if (!listing) continue
    const week = weekOf(day(booking, 'booking_date'))
    const [city, state] = [listing['cityname'] as string | null, listing['state'] as string | null]
    at(groups, JSON.stringify([String(week), city, state]), () => ({ week, city, state, n: 0n })).n++
  }
  const all = [...groups.values()]
  return all.map((group) => {
    const better = all.filter((other) => other.week === group.week && other.n > group.n).length
    return [dateText(group.week), group.city, group.state, String(group.n), String(better + 1)]
  })
}

function topListings(known: Row[], byId: Map<bigint, Row>): ViewRow[] {
  const groups = new Map<string, { week: bigint; currency: string; id: bigint | null; n: bigint; sum: bigint }>()
  for (const booking of known) {
    const week = weekOf(day(booking, 'booking_date'))
    const currency = String(booking['currency'])
    const id = booking['listing_id'] as bigint | null
    const group = at(groups, `${week} ${currency} ${id}`, () => ({ week, currency, id, n: 0n, sum: 0n }))
    group.n++
    group.sum += (booking['total_price'] as bigint | null) ?? 0n
  }
  const all = [...groups.values()]
  return all.map((group) => {
    const listing = group.id === null ? undefined : byId.get(group.id)
    const better = all.filter(
      (other) => other.week === group.week && other.currency === group.currency && other.sum > group.sum,
    ).length
    return [
      dateText(group.week),
      group.currency,
      group.id === null ? null : String(group.id),
      (listing?.['title'] as string | null) ?? null,
      (listing?.['cityname'] as string | null) ?? null,
      String(group.n),
      decimalText(group.sum, 2),
      String(better + 1),
    ]
  })
}

function perUser(known: Row[]): ViewRow[] {
  const groups = new Map<string, { week: bigint; user: bigint | null; n: bigint }>()
  for (const booking of known) {
    const week = weekOf(day(booking, 'booking_date'))
    const user = booking['user_id'] as bigint | null
    at(groups, `${week} ${user}`, () => ({ week, user, n: 0n })).n++
  }
  return [...groups.values()].map(({ week, user, n }) => [
    dateText(week),
    user === null ? null : String(user),
    String(n),
  ])
}

function durations(known: Row[], asOf: bigint): ViewRow[] {
  const months = new Map<bigint, { nights: bigint[]; invalid: bigint }>()
  for (const booking of known) {
    if (booking['checkin_date'] === null || day(booking, 'checkin_date') > asOf) continue
    const month = at(months, monthOf(day(booking, 'checkin_date')), () => ({ nights: [], invalid: 0n }))
    const nights = booking['checkout_date'] === null ? 0n : day(booking, 'checkout_date') - day(booking, 'checkin_date')
    if (nights > 0n) month.nights.push(nights)
    else month.invalid++
  }
  return [...months].map(([month, { nights, invalid }]) => {
    const sorted = nights.toSorted((a, b) => (a < b ? -1 : 1))
    const n = sorted.length
    const twice = n === 0 ? 0n : (sorted[Math.floor((n - 1) / 2)] as bigint) + (sorted[Math.floor(n / 2)] as bigint)
    const sum = nights.reduce((total, one) => total + one, 0n)
    return [
      dateText(month),
      String(n),
      n === 0 ? null : decimalText(ratio(sum, BigInt(n), 2), 2),
      n === 0 ? null : decimalText(ratio(twice, 2n, 1), 1),
      String(invalid),
    ]
  })
}

function repeats(known: Row[], asOf: bigint): ViewRow[] {
  const dates = known
    .filter((row) => row['user_id'] !== null)
    .map((row) => ({ user: row['user_id'] as bigint, on: day(row, 'booking_date') }))
  const rows: ViewRow[] = []
  const days = new Set(dates.flatMap(({ on }) => Array.from({ length: 30 }, (_, later) => on + BigInt(later))))
  for (const d of days) {
    if (d > asOf) continue
    const counts = new Map<bigint, number>()
    for (const { user, on } of dates) if (on >= d - 29n && on <= d) counts.set(user, (counts.get(user) ?? 0) + 1)
    const repeat = [...counts.values()].filter((n) => n >= 2).length
    rows.push([
      dateText(d),
      String(counts.size),
      String(repeat),
      decimalText(ratio(BigInt(repeat), BigInt(counts.size), 6), 6),
    ])
  }
  return rows
}

function day(row: Row, name: string): bigint {
  return row[name] as bigint
}

/** Monday of a day's week; 1970-01-01 was a Thursday. */
function weekOf(d: bigint): bigint {
  return d - ((((d + 3n) % 7n) + 7n) % 7n)
}

function monthOf(d: bigint): bigint {
  const date = new Date(Number(d) * 86_400_000)
  return BigInt(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / 86_400_000)
}

function at<Key, Group>(groups: Map<Key, Group>, key: Key, make: () => Group): Group {
  const group = groups.get(key) ?? make()
  groups.set(key, group)
  return group
}

import { bookedBefore, dayAt, dayText, season } from './calendar.js'
import { calendarDay, fateOf, lateOn } from './fates.js'
import { homeOf, lifeOf, listingId, listingsBefore } from './listings.js'
import { type Random, STREAM, Weighted } from './random.js'
import { bornOn, LATE, money, type Row, type RowId, variantOf, type World } from './world.js'

const FIRST_ID = 7_000_000_000
const ID_STEP = 4
const FIRST_USER = 100_001
const TRIES = 24

/** Who booked what and when: what the views before it must fit. */
export interface Deal {
  /** Day of the sample. */
  day: number
  user: number
  listing: RowId
}

const STATUSES = new Weighted([
  ['confirmed', 70],
  ['Confirmed', 2],
  ['CONFIRMED', 1],
  ['pending', 10],
  ['canceled', 11],
  ['cancelled', 4],
  ['Cancelled', 2],
] as const)

const GUESTS = new Weighted([
  ['1', 22],
  ['2', 44],
  ['3', 14],
  ['4', 14],
  ['5', 4],
  ['6', 2],
] as const)

/** Ranges of nights: short trips, a week or two, and a month. */
const NIGHTS = new Weighted([
  [[2, 5], 48],
  [[6, 14], 32],
  [[21, 42], 20],
] as const)

/** A user: the first of them come often, the last seldom. */
export function userOf({ size }: World, random: Random): number {
  return FIRST_USER + Math.floor(size.users * random.unit() ** 1.7)
}

/** The core of a booking; also of one that is gone by now. It leaves `world.random` in the booking's sequence. */
export function dealOf(world: World, { index, variant, born }: RowId): Deal {
  const { random, size } = world
  random.row(STREAM.booking, index, variant)
  const share = (index + random.unit()) / size.bookings
  const day = born > 0 && variant !== LATE ? calendarDay(born) : dayAt(bookedBefore, share)
  const user = userOf(world, random)
  return { day, user, listing: listingOn(world, day, born) }
}

/** A listing that was on offer on a day of the sample, the more likely the more it is asked for. */
export function listingOn(world: World, day: number, born: number): RowId {
  const { random, seed } = world
  const known = listingsBefore(world, day)
  for (let tries = 0; tries < TRIES; tries++) {
    const row = { index: Math.floor(random.unit() * known), variant: 0, born: 0 }
    const wanted = random.unit()
    const life = lifeOf(world, row)
    if (wanted > life.popularity) continue
    if (born > 0) {
      const fate = fateOf('listing', seed, row.index, 0, born)
      const offered = (life.ended === undefined) === (fate.flips % 2 === 0)
      if (fate.alive && fate.generation === 0 && offered) return row
    } else if (life.ended === undefined || life.ended > day) return row
  }
  return { index: 0, variant: 0, born: 0 }
}

/** True while the very listing that was booked is there: its deletion takes bookings and views with it. */
export function isListed({ seed, day }: World, { index }: RowId): boolean {
  const fate = fateOf('listing', seed, index, 0, day)
  return fate.alive && fate.generation === 0
}

/** How many bookings were ever made by a day of the history. */
export function bookingsEver(world: World): number {
  return world.size.bookings + world.day * world.added(world.size.bookings)
}

export function bookingBorn({ size, added }: World, index: number): number {
  return bornOn(index, size.bookings, added(size.bookings))
}

export function* bookings(world: World): Generator<Row> {
  const { seed, day, size } = world
  for (let index = 0; index < bookingsEver(world); index++) {
    const fate = fateOf('booking', seed, index, bookingBorn(world, index), day)
    const variant = variantOf(fate.generation)
    if (fate.alive) {
      const row = booking(world, { index, variant, born: fate.born }, fate)
      if (row) yield row
    }
    const late = index < size.bookings ? lateOn('booking', seed, index, day) : 0
    if (late > 0) {
      const untouched = fateOf('booking', seed, index, late, late)
      const row = booking(world, { index, variant: LATE, born: late }, untouched)
      if (row) yield row
    }
  }
}

function booking(
  world: World,
  id: RowId,
  fate: { flips: number; prices: number; corrections: number },
): Row | undefined {
  const { random } = world
  const { day, user, listing } = dealOf(world, id)
  if (!isListed(world, listing)) return undefined
  const checkin = checkinAfter(day, random)
  const [shortest, longest] = NIGHTS.at(random.unit())
  const nights = random.integer(shortest, longest)
  const { city, price } = homeOf(world, listing)
  const nightly = Math.round((price / 30) * (1.1 + 0.5 * random.unit()) * (0.75 + 0.25 * season(checkin)))
  const status = statusAfter(STATUSES.at(random.unit()), fate.flips)
  const elsewhere = random.chance(0.03)
  const otherCurrency = random.pick(['USD', 'EUR', 'GBP'])
  const guests = GUESTS.at(random.unit())
  const paid = random.unit()
  const place = id.variant === LATE ? ID_STEP - 1 : world.inner.row(STREAM.id, id.index, 1).integer(0, ID_STEP - 2)
  const fields = [
    String(FIRST_ID + id.index * ID_STEP + place),
    String(user),
    String(listingId(world, listing.index, listing.variant)),
    dayText(day),
    dayText(checkin),
    dayText(checkin + nights),
    money(Math.round(nightly * nights * 1.05 ** fate.prices)),
    elsewhere ? otherCurrency : city.currency,
    status,
    paymentOf(status, paid),
    fate.corrections % 2 === 0 ? guests : String((Number(guests) % 6) + 1),
  ]
  return { ...id, fields }
}

/** Within four months, mostly soon; of several days that come to mind the one in the better season is more likely. */
function checkinAfter(day: number, random: Random): number {
  for (let tries = 0; tries < 4; tries++) {
    const checkin = day + Math.floor(random.unit() ** 2 * 120)
    if (random.unit() * 1.6 < season(checkin)) return checkin
  }
  return day + Math.floor(random.unit() ** 2 * 120)
}

/** Confirmed ones are canceled, pending and canceled ones confirmed after all. */
function statusAfter(first: string, flips: number): string {
  const confirmed = first.toLowerCase() === 'confirmed'
  if (flips === 0) return first
  return confirmed === (flips % 2 === 0) ? 'confirmed' : 'canceled'
}

function paymentOf(status: string, unit: number): string {
  if (status.toLowerCase() === 'confirmed') return unit < 0.93 ? 'paid' : 'partially_paid'
  if (status.toLowerCase().startsWith('cancel')) return unit < 0.6 ? 'refunded' : 'unpaid'
  return unit < 0.9 ? 'unpaid' : ''
}

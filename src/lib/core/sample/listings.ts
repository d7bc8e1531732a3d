import { createdBefore, dayAt, LAST, timeText, two } from './calendar.js'
import { calendarDay, type Fate, fateOf, lateOn } from './fates.js'
import {
  AMENITIES,
  BEDROOMS,
  CATEGORIES,
  CITIES,
  type City,
  FLAIRS,
  PETS,
  PHOTOS,
  REMARKS,
  SOURCES,
  STREETS,
} from './places.js'
import { STREAM } from './random.js'
import { bornOn, LATE, money, type Row, type RowId, variantOf, type World } from './world.js'

/** Ids of real listings exceed 32 bits. */
const FIRST_ID = 5_508_000_000
const ID_STEP = 37

/** When a listing is on offer, and how much it is asked for (0 to 1). */
export interface Life {
  /** Day of the sample. */
  created: number
  second: number
  /** Last day on offer; undefined while it is. */
  ended: number | undefined
  popularity: number
}

/** What prices and titles follow. */
export interface Home {
  city: City
  bedrooms: number
  /** Monthly, in cents, before any change. */
  price: number
}

interface Listing extends RowId {
  id: number
  fate: Fate
  life: Life
}

/** The id of a listing; it rises with the day of creation, and leaves room for late ones. */
export function listingId(world: World, index: number, variant: number): number {
  // One place of each step is kept for a late row. A key that is taken again is the same number.
  const place = variant === LATE ? ID_STEP - 1 : world.inner.row(STREAM.id, index).integer(0, ID_STEP - 2)
  return FIRST_ID + index * ID_STEP + place
}

export function lifeOf(world: World, { index, variant, born }: RowId): Life {
  const random = world.inner.row(STREAM.life, index, variant)
  const created = born > 0 && variant !== LATE ? calendarDay(born) : createdDay(world, index, random.unit())
  const second = random.integer(0, 86_399)
  const popularity = 0.1 + 0.9 * random.unit() ** 3
  // Listing 0 is always on offer, and so is what has only just come.
  const ends = index > 0 && random.chance(0.22) && created < LAST - 40
  const ended = ends ? random.integer(created + 30, LAST - 1) : undefined
  return { created, second, ended, popularity }
}

export function homeOf(world: World, { index, variant }: RowId): Home {
  const random = world.inner.row(STREAM.listing, index, variant)
  const city = CITIES.at(random.unit())
  const bedrooms = BEDROOMS.at(random.unit())
  const whole = Math.round(city.rent * (0.68 + 0.32 * bedrooms) * (0.8 + 0.4 * random.unit()))
  return { city, bedrooms, price: whole * 100 + (random.chance(0.2) ? 99 : 0) }
}

/** How many listings were surely created before a day of the sample; at least 1, since listing 0 came first. */
export function listingsBefore({ size }: World, day: number): number {
  return Math.max(1, Math.floor(size.listings * (createdBefore[Math.min(day, LAST + 1)] as number)))
}

export function* apartments(world: World): Generator<Row> {
  for (const listing of listings(world)) {
    const { life, fate, id, index, variant, born } = listing
    const { city, bedrooms, price } = homeOf(world, listing)
    const random = world.random.row(STREAM.listing, index, variant + 1000)
    const initially = life.ended === undefined
    const active = fate.flips % 2 === 0 ? initially : !initially
    const touched = initially && random.chance(0.4) && life.created < LAST
    const second = random.integer(0, 86_399)
    let modified = timeText(life.created, life.second)
    if (touched) modified = timeText(random.integer(life.created + 1, LAST), second)
    if (life.ended !== undefined) modified = timeText(life.ended, second)
    if (fate.changed !== undefined) modified = timeText(calendarDay(fate.changed), second)
    const rooms = bedrooms === 0 ? 'studio' : `${bedrooms} bedroom apartment`
    const fields = [
      String(id),
      `${random.pick(FLAIRS)} ${rooms}, ${random.pick(STREETS)}, ${city.name}`,
      random.pick(SOURCES),
      money(Math.round(price * 1.02 ** fate.prices)),
      city.currency,
      timeText(life.created, life.second),
      active ? '1' : '0',
      modified,
    ]
    yield { index, variant, born, fields }
  }
}

export function* attributes(world: World): Generator<Row> {
  for (const listing of listings(world)) {
    const { fate, id, index, variant, born } = listing
    const { city, bedrooms, price } = homeOf(world, listing)
    const random = world.random.row(STREAM.attributes, index, variant)
    const squareFeet = 380 + bedrooms * 260 + random.integer(0, 240) + fate.corrections
    const amenities = AMENITIES.filter(() => random.chance(0.4)).join(', ')
    const address = `${random.integer(1, 980)} ${random.pick(STREETS)}`
    const first = random.integer(0, REMARKS.length - 1)
    const remarks = [0, 1, 2].map((next) => REMARKS[(first + next * 2) % REMARKS.length]).join(' ')
    const fields = [
      String(id),
      CATEGORIES.at(random.unit()),
      `This place is located at ${address}, ${city.name}, ${city.state}. It has ${squareFeet} square feet. ${remarks}`,
      amenities,
      ['1', '1', '1.5', '2', '2.5', '3'][Math.min(bedrooms + random.integer(0, 1), 5)] as string,
      String(bedrooms),
      random.chance(0.7) ? '0' : `${random.integer(2, 20) * 5}`,
      random.pick(PHOTOS),
      random.pick(PETS),
      displayed(Math.floor(price / 100), city),
      random.chance(0.98) ? 'Monthly' : 'Weekly',
      String(squareFeet),
      random.chance(0.9) ? address : '',
      city.name,
      city.state,
      (city.latitude + (random.unit() - 0.5) * 0.2).toFixed(4),
      (city.longitude + (random.unit() - 0.5) * 0.2).toFixed(4),
    ]
    yield { index, variant, born, fields }
  }
}

/** Listings on a day of the history, in the order of their ids. */
function* listings(world: World): Generator<Listing> {
  const { seed, day, size } = world
  const added = world.added(size.listings)
  for (let index = 0; index < size.listings + day * added; index++) {
    const fate = fateOf('listing', seed, index, bornOn(index, size.listings, added), day)
    if (fate.alive) {
      const row = { index, variant: variantOf(fate.generation), born: fate.born }
      yield { ...row, fate, id: listingId(world, index, row.variant), life: lifeOf(world, row) }
    }
    const late = index < size.listings ? lateOn('listing', seed, index, day) : 0
    if (late > 0) {
      const row = { index, variant: LATE, born: late }
      const untouched = fateOf('listing', seed, index, late, late)
      yield { ...row, fate: untouched, id: listingId(world, index, LATE), life: lifeOf(world, row) }
    }
  }
}

function createdDay({ size }: World, index: number, jitter: number): number {
  return index === 0 ? 0 : dayAt(createdBefore, (index + jitter) / size.listings)
}

const SIGNS = { USD: '$', EUR: '€', GBP: '£' }

function displayed(whole: number, { currency }: City): string {
  const thousands = Math.floor(whole / 1000)
  const rest = whole % 1000
  const text = thousands > 0 ? `${thousands},${two(Math.floor(rest / 10))}${rest % 10}` : String(whole)
  return `${SIGNS[currency]}${text}`
}

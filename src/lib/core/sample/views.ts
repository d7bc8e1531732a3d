import { bookingBorn, bookingsEver, dealOf, isListed, listingOn, userOf } from './bookings.js'
import { LAST, timeText } from './calendar.js'
import { calendarDay, type Fate, fateOf, lateOn } from './fates.js'
import { lifeOf, listingId } from './listings.js'
import { STREAM, Weighted } from './random.js'
import { LATE, type Row, type RowId, variantOf, type World } from './world.js'

const ACTIONS = new Weighted([
  ['', 34],
  ['contact_agent', 26],
  ['shortlisted', 24],
  ['shared', 12],
  ['reported', 4],
] as const)

/** Of the two views that stand beside a booking, how often each one led to it; otherwise somebody looked around. */
const LED = [0.85, 0.35] as const

/** Two rows for each booking ever made, in the order of bookings. */
export function* views(world: World): Generator<Row> {
  const { seed, day, size } = world
  for (let index = 0; index < 2 * bookingsEver(world); index++) {
    const born = bookingBorn(world, index >> 1)
    const fate = fateOf('view', seed, index, born, day)
    if (fate.alive) {
      const row = view(world, { index, variant: 0, born }, fate)
      if (row) yield row
    }
    const late = index < 2 * size.bookings ? lateOn('view', seed, index, day) : 0
    if (late > 0) {
      const row = view(world, { index, variant: LATE, born: late }, fateOf('view', seed, index, late, late))
      if (row) yield row
    }
  }
}

/** One view. A key that was deleted and comes again is the same user, listing and moment, with another action. */
function view(world: World, id: RowId, fate: Fate): Row | undefined {
  const { index, variant, born } = id
  const booking = { index: index >> 1, variant: 0, born: bookingBorn(world, index >> 1) }
  const deal = dealOf(world, booking)
  const random = world.random.row(STREAM.view, index, variant)
  const led = random.unit() < LED[(index & 1) as 0 | 1]
  const before = Math.floor(random.unit() ** 2 * 15)
  const second = random.integer(0, 43_199)
  const user = led ? deal.user : userOf(world, random)
  const listing = led ? deal.listing : listingOn(world, deal.day, booking.born)
  if (!isListed(world, listing)) return undefined
  const { created } = lifeOf(world, listing)
  // A new row of the history is seen on its own day: only late ones are dated back.
  const latest = born > 0 && variant !== LATE ? calendarDay(born) : Math.min(deal.day, LAST)
  const viewedOn = born > 0 && variant !== LATE ? latest : Math.max(created + 1, latest - before)
  // Even and odd seconds keep the two views beside one booking apart.
  const moment = 2 * second + (index & 1)
  const wishlisted = random.chance(led ? 0.3 : 0.12)
  const action = ACTIONS.at((random.unit() + (fate.corrections + fate.generation) * 0.37) % 1)
  const fields = [
    String(user),
    String(listingId(world, listing.index, listing.variant)),
    timeText(viewedOn, moment),
    wishlisted === (fate.flips % 2 === 0) ? 'y' : 'n',
    action,
  ]
  return { index, variant: variant === LATE ? LATE : variantOf(fate.generation), born: fate.born, fields }
}

import { LAST } from './calendar.js'
import { chance, STREAM } from './random.js'

/**
 * What has become of a row by a day of the history. Each decision depends on the row and the day alone, so that a day
 * is written row by row without the day before it.
 */
export interface Fate {
  alive: boolean
  /** Which row has the key: 0 the first, then one more for each time that a freed key was taken again. */
  generation: number
  /** Day of the history on which this generation came; 0 for what was there at the start. */
  born: number
  /** How many times a status was changed. */
  flips: number
  /** How many times a price was changed. */
  prices: number
  /** How many times a value was corrected without a trace in the row's own timestamps. */
  corrections: number
  /** Day of the last change that the row's timestamps tell; undefined without one. */
  changed: number | undefined
}

interface Rates {
  stream: number
  deleted: number
  flipped: number
  repriced: number
  corrected: number
  reborn: number
}

const LISTING: Rates = {
  stream: STREAM.listingFate,
  deleted: 0.002,
  flipped: 0.006,
  repriced: 0.012,
  corrected: 0.006,
  reborn: 0.3,
}
const BOOKING: Rates = {
  stream: STREAM.bookingFate,
  deleted: 0.001,
  flipped: 0.008,
  repriced: 0.002,
  corrected: 0.003,
  reborn: 0.2,
}
const VIEW: Rates = {
  stream: STREAM.viewFate,
  deleted: 0.001,
  flipped: 0.004,
  repriced: 0,
  corrected: 0.002,
  reborn: 0.3,
}
const RATES = { listing: LISTING, booking: BOOKING, view: VIEW }

const UNTOUCHED: Fate = { alive: true, generation: 0, born: 0, flips: 0, prices: 0, corrections: 0, changed: undefined }

/**
 * The fate of row `index` at the end of a day of the history (0: before it), when the row came on day `born`.
 * Listing 0 has none: bookings that find no other listing take it.
 */
export function fateOf(kind: keyof typeof RATES, seed: number, index: number, born: number, day: number): Fate {
  if (day <= born) return born === 0 ? UNTOUCHED : { ...UNTOUCHED, born }
  if (kind === 'listing' && index === 0) return UNTOUCHED
  const { stream, deleted, flipped, repriced, corrected, reborn } = RATES[kind]
  const fate: Fate = { ...UNTOUCHED, born }
  for (let today = born + 1; today <= day; today++) {
    const drawn = chance(seed, stream, index, today)
    if (!fate.alive) {
      if (drawn >= reborn) continue
      Object.assign(fate, { ...UNTOUCHED, generation: fate.generation + 1, born: today })
    } else if (drawn < deleted) fate.alive = false
    else if (drawn < deleted + flipped) {
      fate.flips++
      fate.changed = today
    } else if (drawn < deleted + flipped + repriced) {
      fate.prices++
      fate.changed = today
    } else if (drawn < deleted + flipped + repriced + corrected) fate.corrections++
  }
  return fate
}

/** The day of the history on which a late row turned up beside row `index`, with a low id or an old time; 0 if none did. */
export function lateOn(kind: keyof typeof RATES, seed: number, index: number, day: number): number {
  for (let today = 1; today <= day; today++) {
    if (chance(seed, STREAM.late, index, today, RATES[kind].stream) < 0.001) return today
  }
  return 0
}

/** The calendar day of a day of the history. */
export function calendarDay(historyDay: number): number {
  return LAST + historyDay
}

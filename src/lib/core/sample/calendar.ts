import { SAMPLE_LAST_DAY } from './sample.js'

const DAY_MS = 86_400_000

/** Days are counted from the first of the sample, which is 0; this is its last. A history goes on beyond it. */
export const LAST = 1095

const LAST_EPOCH = Date.parse(SAMPLE_LAST_DAY) / DAY_MS
const TWO = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'))
const dayTexts: string[] = []

/** `YYYY-MM-DD` of a day of the sample. */
export function dayText(day: number): string {
  const known = dayTexts[day]
  if (known !== undefined) return known
  const text = new Date((LAST_EPOCH - LAST + day) * DAY_MS).toISOString().slice(0, 10)
  if (day >= 0) dayTexts[day] = text
  return text
}

/** `YYYY-MM-DD HH:MM:SS` of a day and a second of it. */
export function timeText(day: number, second: number): string {
  return `${dayText(day)} ${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`
}

/** A number below 100 with two digits. */
export function two(value: number): string {
  return TWO[value] as string
}

/** How much is going on, by the time of the year: 1 on average, most in the middle of July, least in January. */
export function season(day: number): number {
  // 30 June is day 181 of a year, and day LAST of the sample.
  const ofYear = 181 + day - LAST
  return 1 + 0.6 * Math.cos((2 * Math.PI * (ofYear - 196)) / 365.25)
}

/** Shares of all listings that were created before each day, 0 … LAST + 1: a start with some stock, then steady growth. */
export const createdBefore: Float64Array = cumulative((day) => (day < 60 ? 0.15 / 60 : 0) + 0.85 / (LAST + 1))

/** Shares of all bookings made before each day: they follow the number of listings, the season, and the weekend. */
export const bookedBefore: Float64Array = cumulative((day) => {
  const weekday = new Date((LAST_EPOCH - LAST + day) * DAY_MS).getUTCDay()
  return (createdBefore[day] as number) * season(day + 25) * (weekday === 0 || weekday === 6 ? 1.15 : 1)
})

/** The day at which a share in [0, 1) of something is reached. */
export function dayAt(before: Float64Array, share: number): number {
  let from = 0
  let to = LAST
  while (from < to) {
    const middle = (from + to + 1) >> 1
    if ((before[middle] as number) <= share) from = middle
    else to = middle - 1
  }
  return from
}

function cumulative(weight: (day: number) => number): Float64Array {
  const sums = new Float64Array(LAST + 2)
  for (let day = 0; day <= LAST; day++) sums[day + 1] = (sums[day] as number) + weight(day)
  const total = sums[LAST + 1] as number
  return sums.map((sum) => sum / total)
}

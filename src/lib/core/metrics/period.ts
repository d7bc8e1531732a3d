import { EtlError } from '../errors.js'

/** Units of time, finest first. */
export const UNITS = ['day', 'week', 'month', 'year'] as const
export type Unit = (typeof UNITS)[number]

/** Days as `YYYY-MM-DD`; `from` belongs to it, `to` does not. */
export interface Period {
  from: string
  to: string
  /** The finer unit of its two ends. */
  unit: Unit
}

const DAY_MS = 86_400_000
const EXAMPLES: Record<Unit, string> = { day: '2026-05-01', week: '2026-W05', month: '2026-05', year: '2026' }

/**
 * The period that a text stands for: a year, a month, an ISO week, a day, or a span of two of them with both ends in it.
 * @throws EtlError USAGE for a text that is none, for a date that does not exist, and for a span that ends before it begins
 */
export function parsePeriod(text: string): Period {
  const ends = text.split('..')
  if (ends.length > 2) throw malformed(text, 'a span has two ends')
  const [first, last] = [parsePart(ends[0] ?? '', text), parsePart(ends.at(-1) ?? '', text)]
  if (last.to <= first.from) {
    throw usage(`period "${text}" ends before it begins`, `rental-etl metrics occupancy ${ends[1]}..${ends[0]}`)
  }
  const unit = isFiner(first.unit, last.unit) ? first.unit : last.unit
  const [, to = last.to] = [first.to, last.to].sort()
  return { from: first.from, to, unit }
}

/** The last `count` periods of a unit up to the one that holds a day. */
export function lastPeriods(count: number, unit: Unit, day: string): Period {
  const start = startOf(day, unit)
  return { from: plus(start, unit, 1 - count), to: plus(start, unit, 1), unit }
}

/** True when `unit` is shorter than `other`. */
export function isFiner(unit: Unit, other: Unit): boolean {
  return UNITS.indexOf(unit) < UNITS.indexOf(other)
}

/** The period of a unit that begins at `start` or holds it, as it is written on the command line. */
export function periodName(start: string, unit: Unit): string {
  if (unit === 'day') return start
  if (unit === 'month') return start.slice(0, 7)
  if (unit === 'year') return start.slice(0, 4)
  // An ISO week belongs to the year of its Thursday.
  const thursday = addDays(startOf(start, 'week'), 3)
  const week = 1 + Math.floor(daysBetween(`${thursday.slice(0, 4)}-01-01`, thursday) / 7)
  return `${thursday.slice(0, 4)}-W${String(week).padStart(2, '0')}`
}

/** True when the period that begins at `start` is not over at the end of a day. */
export function isPartial(start: string, unit: Unit, day: string): boolean {
  return addDays(plus(start, unit, 1), -1) > day
}

/** The first day of the period that holds a day. */
export function startOf(day: string, unit: Unit): string {
  if (unit === 'day') return day
  if (unit === 'month') return `${day.slice(0, 7)}-01`
  if (unit === 'year') return `${day.slice(0, 4)}-01-01`
  return addDays(day, -((time(day).getUTCDay() + 6) % 7))
}

function parsePart(part: string, whole: string): Period {
  const [, year = '', month, day, week] = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?|-W(\d\d))?$/.exec(part) ?? []
  if (year === '') throw malformed(whole, part === '' ? 'an end is missing' : corrected(part))
  if (year < '1900' || year > '2199') throw malformed(whole, `${year} is not a year from 1900 to 2199`)
  if (week !== undefined) return weekPeriod(year, week, whole)
  const unit = day ? 'day' : month ? 'month' : 'year'
  const from = `${year}-${month ?? '01'}-${day ?? '01'}`
  const at = Date.parse(from)
  // Date.parse takes 31 February for a day in March on some engines.
  if (Number.isNaN(at) || text(new Date(at)) !== from) throw malformed(whole, `there is no ${unit} ${part}`)
  return { from, to: plus(from, unit, 1), unit }
}

function weekPeriod(year: string, week: string, whole: string): Period {
  // The first week of a year is the one that holds 4 January.
  const from = addDays(startOf(`${year}-01-04`, 'week'), 7 * (Number(week) - 1))
  if (periodName(from, 'week') !== `${year}-W${week}`) throw malformed(whole, `there is no week ${week} in ${year}`)
  return { from, to: addDays(from, 7), unit: 'week' }
}

/** What may have been meant: a number without its leading zero, a week in lower case or without a hyphen. */
function corrected(part: string): string | undefined {
  const [, year, w = '', number = '', day] = /^(\d{4})[-/]?([wW]?)(\d{1,2})(?:[-/](\d{1,2}))?$/.exec(part) ?? []
  if (!year) return undefined
  const head = `${year}-${w.toUpperCase()}${number.padStart(2, '0')}`
  return `perhaps ${day ? `${head}-${day.padStart(2, '0')}` : head} is meant`
}

function plus(start: string, unit: Unit, count: number): string {
  if (unit === 'day') return addDays(start, count)
  if (unit === 'week') return addDays(start, 7 * count)
  const at = time(start)
  if (unit === 'month') at.setUTCMonth(at.getUTCMonth() + count)
  else at.setUTCFullYear(at.getUTCFullYear() + count)
  return text(at)
}

function addDays(day: string, count: number): string {
  return text(new Date(time(day).getTime() + count * DAY_MS))
}

function daysBetween(from: string, to: string): number {
  return (time(to).getTime() - time(from).getTime()) / DAY_MS
}

function time(day: string): Date {
  return new Date(`${day}T00:00:00Z`)
}

function text(at: Date): string {
  return at.toISOString().slice(0, 10)
}

function malformed(period: string, why: string | undefined): EtlError {
  const forms = `${EXAMPLES.year}, ${EXAMPLES.month}, ${EXAMPLES.week}, ${EXAMPLES.day}, or a span such as 2026-01..2026-06`
  return usage(
    `"${period}" is no period${why === undefined ? '' : `: ${why}`}; a period is ${forms}`,
    'rental-etl metrics occupancy 2026-01..2026-06',
  )
}

function usage(message: string, suggestion: string): EtlError {
  return new EtlError(message, { code: 'USAGE', suggestions: [suggestion] })
}

import { EtlError } from '../errors.js'

const DAY_MS = 86_400_000

/** The last day that is over at a moment, in UTC, as `YYYY-MM-DD`: the default as-of date. */
export function lastCompleteDay(now: Date): string {
  return new Date(now.getTime() - DAY_MS).toISOString().slice(0, 10)
}

/**
 * The as-of date that a text stands for: a date itself, or a moment (RFC 3339), for which it is the day before, since
 * that is the last complete one. The workflow gives the moment of its start where its input names no date.
 * @throws EtlError USAGE
 */
export function asOfDate(text: string): string {
  const time = Date.parse(text)
  if (/^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(time)) {
    const date = new Date(time).toISOString().slice(0, 10)
    // Date.parse takes 31 February for a day in March on some engines.
    if (date === text && text >= '1900-01-01' && text <= '2199-12-31') return text
  } else if (/^\d{4}-\d\d-\d\dT.*Z$/.test(text) && !Number.isNaN(time)) {
    return lastCompleteDay(new Date(time))
  }
  throw new EtlError(`"${text}" is no as-of date: it takes YYYY-MM-DD from 1900-01-01 to 2199-12-31`, {
    code: 'USAGE',
    suggestions: ['rental-etl run --as-of 2025-03-24'],
  })
}

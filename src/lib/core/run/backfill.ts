import { EtlError } from '../errors.js'
import type { RunState } from './events.js'

const DAY_MS = 86_400_000

/** The span of days that a run is one of: one run for each, in their order. */
export interface Backfill {
  /** First and last as-of date, `YYYY-MM-DD`. */
  start: string
  end: string
  /** The first run of it: days that an earlier backfill of the same span did are not of this one. */
  id: string
}

export interface BackfillDay {
  as_of: string
  /** The run that did it, or was the last to try; null while none has. */
  run: RunState | null
  /** Done by an earlier command: it is not done again. */
  before: boolean
}

/** Every day of a span, both ends included. @throws EtlError USAGE when it ends before it starts */
export function daysBetween(start: string, end: string): string[] {
  const first = Date.parse(start)
  const count = (Date.parse(end) - first) / DAY_MS + 1
  if (count < 1) {
    throw new EtlError(`--end ${end} is before --start ${start}: a backfill goes from the first day to the last`, {
      code: 'USAGE',
      suggestions: [`rental-etl backfill --start ${end} --end ${start}`],
    })
  }
  return Array.from({ length: count }, (_, at) => new Date(first + at * DAY_MS).toISOString().slice(0, 10))
}

import { EtlError } from '../errors.js'

/** The moments of a crontab line: for each field the values that it takes. */
export interface Cron {
  minutes: ReadonlySet<number>
  hours: ReadonlySet<number>
  days: ReadonlySet<number>
  months: ReadonlySet<number>
  /** 0 is Sunday. */
  weekdays: ReadonlySet<number>
  /** Cron's old rule: when both are restricted, which is without a star, a day of the month or of the week is enough. */
  eitherDay: boolean
}

const FIELDS = [
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day of month', from: 1, to: 31 },
  { name: 'month', from: 1, to: 12 },
  { name: 'day of week', from: 0, to: 7 },
] as const

const YEARS_AHEAD = 8

/** A crontab's five fields, with `*`, lists, spans and steps. @throws EtlError CONFIG_INVALID */
export function parseCron(text: string): Cron {
  const words = text.trim().split(/\s+/)
  if (words.length !== FIELDS.length) throw wrong(text, `it has ${words.length} fields, not 5`)
  const [minutes, hours, days, months, weekdays] = FIELDS.map((field, at) =>
    parseField(text, words[at] as string, field),
  )
  return {
    minutes: minutes as Set<number>,
    hours: hours as Set<number>,
    days: days as Set<number>,
    months: months as Set<number>,
    // Sunday is 0 and 7.
    weekdays: new Set([...(weekdays as Set<number>)].map((day) => day % 7)),
    eitherDay: !words[2]?.startsWith('*') && !words[4]?.startsWith('*'),
  }
}

/** The first moment after another at which a cron job starts, in UTC; undefined for never. */
export function nextMoment(cron: Cron, after: Date): Date | undefined {
  const at = new Date(after)
  at.setUTCSeconds(0, 0)
  at.setUTCMinutes(at.getUTCMinutes() + 1)
  const last = after.getUTCFullYear() + YEARS_AHEAD
  while (at.getUTCFullYear() <= last) {
    if (!cron.months.has(at.getUTCMonth() + 1)) at.setUTCMonth(at.getUTCMonth() + 1, 1), at.setUTCHours(0, 0)
    else if (!isDay(cron, at)) at.setUTCDate(at.getUTCDate() + 1), at.setUTCHours(0, 0)
    else if (!cron.hours.has(at.getUTCHours())) at.setUTCHours(at.getUTCHours() + 1, 0)
    else if (!cron.minutes.has(at.getUTCMinutes())) at.setUTCMinutes(at.getUTCMinutes() + 1)
    else return at
  }
  return undefined
}

function isDay({ days, weekdays, eitherDay }: Cron, at: Date): boolean {
  const byDate = days.has(at.getUTCDate())
  const byWeekday = weekdays.has(at.getUTCDay())
  return eitherDay ? byDate || byWeekday : byDate && byWeekday
}

function parseField(text: string, word: string, { name, from, to }: (typeof FIELDS)[number]): Set<number> {
  const values = new Set<number>()
  for (const part of word.split(',')) {
    const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part)
    if (!match) throw wrong(text, `"${part}" is no ${name}`)
    const [, first, second, step] = match
    const low = first === undefined ? from : Number(first)
    const high = second !== undefined ? Number(second) : first === undefined || step !== undefined ? to : low
    const every = Number(step ?? 1)
    if (low < from || high > to || low > high || every === 0)
      throw wrong(text, `"${part}" is no ${name} (${from} to ${to})`)
    for (let value = low; value <= high; value += every) values.add(value)
  }
  return values
}

function wrong(text: string, why: string): EtlError {
  return new EtlError(`"${text}" is no crontab schedule: ${why}; an example is "0 2 * * *"`, {
    code: 'CONFIG_INVALID',
    suggestions: ['rental-etl config explain schedule'],
  })
}

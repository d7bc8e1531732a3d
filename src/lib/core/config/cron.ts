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

/** The last moment at which a cron job started, up to and with another one, in UTC; undefined for never. */
export function previousMoment(cron: Cron, until: Date): Date | undefined {
  const at = new Date(until)
  at.setUTCSeconds(0, 0)
  const first = until.getUTCFullYear() - YEARS_AHEAD
  while (at.getUTCFullYear() >= first) {
    // The day 0 of a month is the last one of the month before.
    if (!cron.months.has(at.getUTCMonth() + 1)) at.setUTCDate(0), at.setUTCHours(23, 59)
    else if (!isDay(cron, at)) at.setUTCDate(at.getUTCDate() - 1), at.setUTCHours(23, 59)
    else if (!cron.hours.has(at.getUTCHours())) at.setUTCHours(at.getUTCHours() - 1, 59)
    else if (!cron.minutes.has(at.getUTCMinutes())) at.setUTCMinutes(at.getUTCMinutes() - 1)
    else return at
  }
  return undefined
}

/**
 * The same moments as five fields in the zone of a clock that is so many minutes ahead of UTC; undefined where five
 * fields cannot say them, because some cross midnight and the days are restricted, or the hours differ by the minute.
 */
export function shifted(cron: Cron, text: string, minutesAhead: number): string | undefined {
  if (minutesAhead === 0) return text
  const [, , days = '', months = '', weekdays = ''] = text.trim().split(/\s+/)
  const moments = [...cron.hours].flatMap((hour) =>
    [...cron.minutes].map((minute) => hour * 60 + minute + minutesAhead),
  )
  const times = new Set(moments.map((at) => (at + 2 * DAY) % DAY))
  const minutes = new Set([...times].map((at) => at % 60))
  const hours = new Set([...times].map((at) => Math.floor(at / 60)))
  if (times.size !== minutes.size * hours.size) return undefined
  const time = `${field(minutes, 60)} ${field(hours, 24)}`
  if (days === '*' && months === '*' && weekdays === '*') return `${time} * * *`
  const crossed = new Set(moments.map((at) => Math.floor(at / DAY)))
  const [by = 0] = crossed
  if (crossed.size > 1) return undefined
  if (by === 0) return `${time} ${days} ${months} ${weekdays}`
  if (days !== '*' || months !== '*') return undefined
  return `${time} * * ${field(new Set([...cron.weekdays].map((day) => (day + by + 7) % 7)), 7)}`
}

const DAY = 24 * 60

function field(values: ReadonlySet<number>, all: number): string {
  return values.size === all ? '*' : [...values].sort((a, b) => a - b).join(',')
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

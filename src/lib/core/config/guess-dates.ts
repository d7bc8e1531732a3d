import { literal } from '../sql/names.js'
import { areFew, type Form, mostly, plainBut } from './value-form.js'

const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d'
/** What the typing takes as it is: ISO, and slashes with the day first. */
const ISO = new RegExp(`^\\d{4}-\\d\\d-\\d\\d(?:[ T]${TIME}(?:\\.\\d{1,6})?Z?)?$`)
const SLASHED = new RegExp(`^\\d\\d/\\d\\d/\\d{4}(?: ${TIME})?$`)

/** Forms whose order says itself, as the engine writes them. */
const DATES: readonly [form: string, pattern: string][] = [
  ['\\d{4}-\\d{1,2}-\\d{1,2}', '%Y-%m-%d'],
  ['\\d{4}/\\d{1,2}/\\d{1,2}', '%Y/%m/%d'],
  ['\\d{4}\\.\\d{1,2}\\.\\d{1,2}', '%Y.%m.%d'],
  ['(?:19|20|21)\\d\\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])', '%Y%m%d'],
  ['\\d{1,2} [a-z]{3} \\d{4}', '%d %b %Y'],
  ['\\d{1,2}-[a-z]{3}-\\d{4}', '%d-%b-%Y'],
  ['\\d{1,2} [a-z]{3,9} \\d{4}', '%d %B %Y'],
  ['[a-z]{3} \\d{1,2}, \\d{4}', '%b %d, %Y'],
  ['[a-z]{3,9} \\d{1,2}, \\d{4}', '%B %d, %Y'],
]
const TIMES: readonly [form: string, pattern: string][] = [
  ['', ''],
  [' \\d{1,2}:\\d\\d', ' %H:%M'],
  [' \\d{1,2}:\\d\\d:\\d\\d', ' %H:%M:%S'],
  ['T\\d{1,2}:\\d\\d', 'T%H:%M'],
  [' \\d{1,2}:\\d\\d [ap]m', ' %I:%M %p'],
  [' \\d{1,2}:\\d\\d:\\d\\d [ap]m', ' %I:%M:%S %p'],
]
/** Day and month, or month and day. */
const NUMBERED = /^(\d{1,2})([/.-])(\d{1,2})\2\d{4}(.*)$/
const UTC = /^(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?) ?(?:\+00:?00|UTC|GMT)$/
/** Of 2001 to 2065. */
const EPOCHS = [
  ['[12][0-9]{9}', '1000000', '', 'seconds'],
  ['[12][0-9]{12}', '1000', '.%g', 'milliseconds'],
] as const

/** How texts are read as dates and moments. @param values without NULLs */
export function dateForm(column: string, values: readonly string[]): Form {
  const strange = values.filter((text) => !ISO.test(text))
  const unread = strange.filter((text) => !SLASHED.test(text) || monthOf(text) > 12)
  if (areFew(strange, values)) return plainBut(unread, values)
  const parts = mostly(strange, (text) => NUMBERED.test(text))
  if (parts) return numbered(column, parts)
  const odd = unread.some((text) => SLASHED.test(text)) ? strange : unread
  if (odd === unread && areFew(unread, values)) return plainBut(unread, values)
  const utc = mostly(odd, (text) => UTC.test(text))
  if (utc)
    return {
      kind: 'made',
      sql: `regexp_replace(${column}, ' ?([+]00:?00|UTC|GMT)$', 'Z')`,
      note: `moments such as ${utc[0]}`,
    }
  const epoch = epochForm(column, odd)
  if (epoch) return epoch
  const pattern = patternOf(odd, DATES)
  if (pattern) return parsed(column, pattern.pattern, `dates such as ${pattern.such}`)
  if (odd.length * 2 <= values.length) return plainBut(odd, values)
  // Of another kind altogether, or a date that nobody here can read.
  const looks = mostly(odd, (text) => /\d\D+\d/.test(text) && /^[\p{L}\d\s:.,/+-]{6,40}$/u.test(text))
  return looks
    ? { kind: 'unclear', note: `its dates are of no form that is known, such as ${looks[0]}` }
    : { kind: 'none' }
}

/** The month of a date with the day first. */
function monthOf(text: string): number {
  return Number(NUMBERED.exec(text)?.[3])
}

/** Which of both comes first is told by days beyond the twelfth: by nearly all of them, since some dates may be bad. */
function numbered(column: string, values: readonly string[]): Form {
  const such = `such as ${values[0]}`
  const telling = values.filter((text) => monthOf(text) > 12 !== Number(NUMBERED.exec(text)?.[1]) > 12)
  const months = telling.filter((text) => monthOf(text) > 12)
  const days = telling.filter((text) => monthOf(text) <= 12)
  const monthFirst = telling.length > 0 && areFew(days, telling)
  const dayFirst = telling.length > 0 && areFew(months, telling)
  const slashed = mostly(values, (text) => SLASHED.test(text))
  if (slashed && dayFirst) return plainBut(months, values)
  if (slashed && telling.length === 0)
    return { kind: 'plain', note: `read with the day first, and no value tells whether it is, ${such}` }
  if (telling.length === 0) return { kind: 'unclear', note: `its dates may have the day or the month first, ${such}` }
  if (monthFirst === dayFirst) return { kind: 'unclear', note: 'its dates have the day first and the month first' }
  const sign = NUMBERED.exec(values[0] as string)?.[2] as string
  const order = monthFirst ? ['%m', '%d', '%Y'] : ['%d', '%m', '%Y']
  const found = patternOf(values, [[`\\d{1,2}[${sign}]\\d{1,2}[${sign}]\\d{4}`, order.join(sign)]])
  if (!found) {
    const unread = values.filter((text) => !SLASHED.test(text) || monthOf(text) > 12)
    if (dayFirst && unread.length * 2 <= values.length) return plainBut(unread, values)
    return { kind: 'unclear', note: `its dates are of no form that is known, such as ${unread[0]}` }
  }
  return parsed(
    column,
    found.pattern,
    `dates with the ${monthFirst ? 'month' : 'day'} first such as ${months[0] ?? days[0]}`,
  )
}

/** The pattern of the engine that the texts have. */
function patternOf(
  values: readonly string[],
  dates: readonly (readonly [form: string, pattern: string])[],
): { pattern: string; such: string } | undefined {
  for (const [date, datePattern] of dates)
    for (const [time, timePattern] of TIMES) {
      const form = new RegExp(`^${date}${time}$`, 'i')
      const [such] = mostly(values, (text) => form.test(text)) ?? []
      if (such !== undefined) return { pattern: `${datePattern}${timePattern}`, such }
    }
  return undefined
}

/** What is of another form stays as it stands, for the typing to judge. */
function parsed(column: string, pattern: string, note: string): Form {
  const out = pattern.includes(':') ? '%Y-%m-%d %H:%M:%S' : '%Y-%m-%d'
  const sql = `coalesce(try(strftime(strptime(${column}, ${literal(pattern)}), ${literal(out)})), ${column})`
  return { kind: 'made', sql, note }
}

/** Seconds or milliseconds since 1970. A 0 is no moment of that year, but a mark that there is none: it stays as it stands. */
function epochForm(column: string, values: readonly string[]): Form | undefined {
  for (const [digits, factor, fraction, name] of EPOCHS) {
    const form = new RegExp(`^${digits}$`)
    const [such] = mostly(values, (text) => form.test(text)) ?? []
    if (such === undefined) continue
    const moment = `strftime(make_timestamp(cast(${column} as bigint) * ${factor}), '%Y-%m-%d %H:%M:%S${fraction}')`
    const sql = `case when regexp_full_match(trim(${column}), '${digits}') then ${moment} else ${column} end`
    return { kind: 'made', sql, note: `${name} since 1970 such as ${such}` }
  }
  return undefined
}

import { literal } from '../sql/names.js'
import type { Form } from './guess-values.js'

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
/** Of 2001 to 2039. */
const SECONDS = /^[12]\d{9}$/
const MILLIS = /^[12]\d{12}$/

/** How texts are read as dates and moments. @param values without NULLs */
export function dateForm(column: string, values: readonly string[]): Form {
  const odd = values.filter((text) => !ISO.test(text))
  if (odd.length === 0) return { kind: 'plain' }
  const slashed = odd.every((text) => SLASHED.test(text))
  if (odd.every((text) => NUMBERED.test(text))) return numbered(column, odd, slashed)
  const such = `such as ${odd[0]}`
  if (odd.every((text) => UTC.test(text)))
    return made(`regexp_replace(${column}, ' ?([+]00:?00|UTC|GMT)$', 'Z')`, column, `moments ${such}`)
  if (odd.every((text) => SECONDS.test(text))) return epoch(column, ' * 1000000', '', `seconds since 1970 ${such}`)
  if (odd.every((text) => MILLIS.test(text))) return epoch(column, ' * 1000', '.%g', `milliseconds since 1970 ${such}`)
  const pattern = patternOf(odd, DATES)
  if (pattern !== undefined) return parsed(column, pattern, `dates ${such}`)
  if (odd.length * 2 <= values.length)
    return { kind: 'plain', note: `${odd.length} of the first ${values.length} dates cannot be read, ${such}` }
  // Of another kind altogether, or a date that nobody here can read.
  const looks = odd.every((text) => /\d/.test(text) && /^[\p{L}\d\s:.,/+-]{6,40}$/u.test(text) && /\d\D+\d/.test(text))
  return looks ? { kind: 'unclear', note: `its dates are of no form that is known, ${such}` } : { kind: 'none' }
}

/** Which of both comes first is told by a day beyond the twelfth. */
function numbered(column: string, values: readonly string[], slashed: boolean): Form {
  const parts = values.map((text) => NUMBERED.exec(text) as RegExpExecArray)
  const day = parts.some(([, first]) => Number(first) > 12)
  const month = parts.some(([, , , second]) => Number(second) > 12)
  const such = `such as ${values[0]}`
  if (slashed && !month)
    return day
      ? { kind: 'plain' }
      : { kind: 'plain', note: `read with the day first, and no value tells whether it is, ${such}` }
  if (day === month)
    return {
      kind: 'unclear',
      note: day
        ? `its dates have the day first and the month first`
        : `its dates may have the day or the month first, ${such}`,
    }
  const sign = (parts[0] as RegExpExecArray)[2] as string
  const order = month ? ['%m', '%d', '%Y'] : ['%d', '%m', '%Y']
  const date = `\\d{1,2}${sign === '.' ? '\\.' : sign}\\d{1,2}${sign === '.' ? '\\.' : sign}\\d{4}`
  const pattern = patternOf(values, [[date, order.join(sign)]])
  if (pattern === undefined) return { kind: 'unclear', note: `its dates are of no form that is known, ${such}` }
  return parsed(column, pattern, `dates with the ${month ? 'month' : 'day'} first ${such}`)
}

/** The pattern of the engine that all texts have. */
function patternOf(
  values: readonly string[],
  dates: readonly (readonly [form: string, pattern: string])[],
): string | undefined {
  for (const [date, datePattern] of dates)
    for (const [time, timePattern] of TIMES) {
      const form = new RegExp(`^${date}${time}$`, 'i')
      if (values.every((text) => form.test(text))) return `${datePattern}${timePattern}`
    }
  return undefined
}

function parsed(column: string, pattern: string, note: string): Form {
  const out = pattern.includes(':') ? '%Y-%m-%d %H:%M:%S' : '%Y-%m-%d'
  return made(`try(strftime(strptime(${column}, ${literal(pattern)}), ${literal(out)}))`, column, note)
}

function epoch(column: string, factor: string, fraction: string, note: string): Form {
  const out = literal(`%Y-%m-%d %H:%M:%S${fraction}`)
  return made(`try(strftime(make_timestamp(cast(${column} as bigint)${factor}), ${out}))`, column, note)
}

/** What is of another form stays as it stands, for the typing to judge. */
function made(expression: string, column: string, note: string): Form {
  return { kind: 'made', sql: expression.startsWith('try(') ? `coalesce(${expression}, ${column})` : expression, note }
}

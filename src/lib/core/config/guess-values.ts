import type { SqlType } from '../model.js'
import { literal } from '../sql/names.js'
import { NUMBER, WHOLE } from '../words/bad-value.js'
import { dateForm } from './guess-dates.js'
import { areFew, type Form, mostly, plainBut } from './value-form.js'

/** Texts that are NULL, or are taken for it here. */
const NULLS = /^(|\\N|null|none|nan|n\/a)$/i
const BOOLEAN = /^(1|0|true|false|t|f|yes|no|y|n)$/i

/** @param column the source's column, as it stands in an expression */
export function formOf(type: SqlType, column: string, texts: readonly string[]): Form {
  const values = texts.map((text) => text.trim()).filter((text) => !NULLS.test(text))
  if (type === 'VARCHAR' || values.length === 0) return { kind: 'plain' }
  if (type === 'DATE' || type === 'TIMESTAMP') return dateForm(column, values)
  const fits = type === 'BOOLEAN' ? BOOLEAN : type.startsWith('DECIMAL') ? NUMBER : WHOLE
  const odd = values.filter((text) => !fits.test(text))
  if (areFew(odd, values)) return plainBut(odd, values)
  const form = type === 'BOOLEAN' ? booleanForm(column, odd) : numberForm(column, values, fits)
  return form.kind === 'none' && odd.length * 2 <= values.length ? plainBut(odd, values) : form
}

const DATE_TYPES = ['date', 'datetime', 'timestamp', 'time']
const NUMBER_TYPES = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'float', 'double', 'bit', 'year']

/** Whether a database's column can be one of the model, where there are no values to look at. */
export function fitsType(type: SqlType, source: string): boolean {
  const isDate = type === 'DATE' || type === 'TIMESTAMP'
  return type === 'VARCHAR' || !(isDate ? NUMBER_TYPES : DATE_TYPES).includes(source.toLowerCase())
}

const SIGNS = /[$€£¥₹]/g
const BLANK = /\s/g
/** Thousands by commas, a fraction by a point; and the other way round. Three digits behind a sign are thousands. */
const POINT = /^[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?$/
const COMMA = /^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d{1,2})?$/

function numberForm(column: string, values: readonly string[], fits: RegExp): Form {
  const bare = (text: string): string => text.replaceAll(SIGNS, '').replaceAll(BLANK, '')
  const has = (form: RegExp, text: string): boolean => bare(text) !== '' && form.test(bare(text))
  const numbers = mostly(values, (text) => has(POINT, text) || has(COMMA, text))
  if (!numbers) return { kind: 'none' }
  const [point, comma] = [POINT, COMMA].map((form) => numbers.every((text) => has(form, text)))
  // One by one they are numbers, and no reading is right for all.
  if (!point && !comma) return { kind: 'unclear', note: `commas and points in it part now thousands, now a fraction` }
  const signs = [...new Set(numbers.flatMap((text) => text.match(SIGNS) ?? []))]
  if (signs.length > 1) return { kind: 'unclear', note: `its values are in several currencies: ${signs.join(' ')}` }
  const fractions = numbers.some((text) => /[.]\d+$/.test(bare(text)))
  if (point && comma && fractions)
    return { kind: 'unclear', note: `a point in it may part thousands or a fraction, as in ${quote(numbers, /[.]/)}` }
  const blanks = [...new Set(numbers.flatMap((text) => text.match(BLANK) ?? []))]
  const strip: [string, string][] = [...signs, ...blanks].map((sign) => [sign, ''])
  // Where a point parts fractions a comma can part thousands only, also in rows that were not looked at.
  if (!point) strip.push(['.', ''], [',', '.'])
  else if (fractions || numbers.some((text) => text.includes(','))) strip.push([',', ''])
  const sql = strip.reduce((text, [from, to]) => `replace(${text}, ${literal(from)}, ${literal(to)})`, column)
  const made = strip.reduce((texts, [from, to]) => texts.map((text) => text.replaceAll(from, to)), numbers)
  if (!made.every((text) => fits.test(text)) || strip.length === 0) return { kind: 'none' }
  return { kind: 'made', sql, note: `numbers such as ${quote(numbers, /[^\d.+-]/)}` }
}

/** Pairs of words for what is so and what is not. */
const PAIRS = [
  ['active', 'inactive'],
  ['enabled', 'disabled'],
  ['on', 'off'],
  ['published', 'unpublished'],
] as const

function booleanForm(column: string, odd: readonly string[]): Form {
  const pair = PAIRS.find((words) => mostly(odd, (text) => words.some((word) => word === text.toLowerCase())))
  if (!pair) return { kind: 'none' }
  const [yes, no] = pair
  return {
    kind: 'made',
    sql: `case lower(trim(${column})) when '${yes}' then 'true' when '${no}' then 'false' else ${column} end`,
    note: `words ${yes} and ${no}`,
  }
}

/** The first value that shows what is meant. */
export function quote(values: readonly string[], shows: RegExp): string {
  const found = values.find((text) => shows.test(text)) ?? values[0] ?? ''
  return found.length > 40 ? `${found.slice(0, 40)}…` : found
}

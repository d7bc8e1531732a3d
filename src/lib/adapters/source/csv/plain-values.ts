import type { Column } from '../../../core/model.js'
import { COMMA, type CsvRecord } from './fields.js'

const [ZERO, NINE, MINUS, DOT, COLON, SPACE] = [0x30, 0x39, 0x2d, 0x2e, 0x3a, 0x20]
const NOT_PLAIN = -1

/** The place behind a value that begins at `at` and is plain; NOT_PLAIN otherwise. What follows is not looked at. */
type Form = (bytes: Buffer, at: number, end: number) => number

/**
 * Looks whether every value of a record that is no text is plain: written in such a way that the engine's own reader
 * takes it for what our rules of typing do (semantics.md §1). A table of plain values needs none of the rules: no value
 * is bad, and none is NULL. Empty values, quotes and blanks are not plain.
 */
export class PlainValues {
  readonly #forms: readonly (Form | undefined)[]

  /** @param header names of all fields, of which the model knows some */
  constructor(header: readonly string[], columns: readonly Column[]) {
    this.#forms = header.map((name) => formOf(columns.find((column) => column.name === name)?.type ?? 'VARCHAR'))
  }

  hold({ bytes, start, end, quoted }: CsvRecord): boolean {
    if (quoted) return false
    const forms = this.#forms
    let at = start
    for (let field = 0; field < forms.length; field++) {
      if (field > 0) {
        if (at >= end || bytes[at] !== COMMA) return false
        at++
      }
      at = (forms[field] ?? text)(bytes, at, end)
      if (at === NOT_PLAIN) return false
    }
    return at === end
  }
}

function formOf(type: Column['type']): Form | undefined {
  if (type === 'VARCHAR') return undefined
  if (type === 'BIGINT') return (bytes, at, end) => whole(bytes, at, end, 18)
  if (type === 'INTEGER') return (bytes, at, end) => whole(bytes, at, end, 9)
  if (type === 'DATE') return date
  if (type === 'TIMESTAMP') return timestamp
  if (type === 'BOOLEAN') return boolean
  const [precision = 0, scale = 0] = /\d+,\d+/.exec(type)?.[0].split(',').map(Number) ?? []
  return (bytes, at, end) => decimal(bytes, at, end, precision - scale, scale)
}

function text(bytes: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && bytes[at] !== COMMA) at++
  return at
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}

function digits(bytes: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && isDigit(bytes[at])) at++
  return at
}

/** No zero stands before other digits. @param most digits of which every number fits its type */
function whole(bytes: Buffer, from: number, end: number, most: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from
  const at = digits(bytes, first, end)
  if (at === first || at - first > most || (bytes[first] === ZERO && at - from > 1)) return NOT_PLAIN
  return at
}

function decimal(bytes: Buffer, from: number, end: number, most: number, scale: number): number {
  const first = bytes[from] === MINUS ? from + 1 : from
  const point = digits(bytes, first, end)
  if (point === first || point - first > most || (bytes[first] === ZERO && point - first > 1)) return NOT_PLAIN
  if (point >= end || bytes[point] !== DOT) return point
  const at = digits(bytes, point + 1, end)
  return at === point + 1 || at - point - 1 > scale ? NOT_PLAIN : at
}

/** The number of two digits; NaN where they are none. */
function two(bytes: Buffer, at: number): number {
  const [tens, ones] = [bytes[at], bytes[at + 1]]
  return isDigit(tens) && isDigit(ones) ? ((tens as number) - ZERO) * 10 + (ones as number) - ZERO : Number.NaN
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** A day of the years 1900 to 2199. */
function date(bytes: Buffer, at: number, end: number): number {
  if (at + 10 > end || bytes[at + 4] !== MINUS || bytes[at + 7] !== MINUS) return NOT_PLAIN
  const year = two(bytes, at) * 100 + two(bytes, at + 2)
  const month = two(bytes, at + 5)
  const day = two(bytes, at + 8)
  if (!(year >= 1900 && year < 2200 && month >= 1 && month <= 12 && day >= 1)) return NOT_PLAIN
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= (DAYS[month - 1] as number) + (leap ? 1 : 0) ? at + 10 : NOT_PLAIN
}

function timestamp(bytes: Buffer, from: number, end: number): number {
  const at = date(bytes, from, end)
  if (at === NOT_PLAIN || at + 9 > end) return NOT_PLAIN
  if (bytes[at] !== SPACE || bytes[at + 3] !== COLON || bytes[at + 6] !== COLON) return NOT_PLAIN
  if (!(two(bytes, at + 1) < 24 && two(bytes, at + 4) < 60 && two(bytes, at + 7) < 60)) return NOT_PLAIN
  const point = at + 9
  if (point >= end || bytes[point] !== DOT) return point
  const last = digits(bytes, point + 1, end)
  return last === point + 1 || last - point - 1 > 6 ? NOT_PLAIN : last
}

const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')

function boolean(bytes: Buffer, at: number, end: number): number {
  if (bytes[at] === TRUE[0]) return is(bytes, at, end, TRUE)
  if (bytes[at] === FALSE[0]) return is(bytes, at, end, FALSE)
  return at < end && (bytes[at] === ZERO || bytes[at] === ZERO + 1) ? at + 1 : NOT_PLAIN
}

function is(bytes: Buffer, from: number, end: number, word: Buffer): number {
  if (from + word.length > end) return NOT_PLAIN
  for (let at = 1; at < word.length; at++) if (bytes[from + at] !== word[at]) return NOT_PLAIN
  return from + word.length
}

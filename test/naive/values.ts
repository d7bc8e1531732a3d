import type { SqlType } from '../../src/lib/core/model.js'
import { trim } from './csv.js'

/**
 * A typed value: BIGINT, INTEGER as they are; DECIMAL in units of its last digit; DATE in days and TIMESTAMP in
 * microseconds since 1970.
 */
export type Value = bigint | boolean | string | null

export const BAD = Symbol('bad value')

const DAY = 86_400_000_000n

/** Which words mean NULL: of MySQL none does, but for the empty text. */
export type Words = 'csv' | 'mysql'

/** The value of a field, null for the words that mean it, BAD for what is no value of the type. */
export function parseValue(field: string, type: SqlType, words: Words = 'csv'): Value | typeof BAD {
  const text = trim(field)
  if (text === '') return null
  if (words === 'csv' && (text === '\\N' || asciiLower(text) === 'null')) return null
  if (type === 'VARCHAR') return cut(text)
  if (words === 'csv' && ['none', 'nan', 'n/a'].includes(asciiLower(text))) return null
  if (type === 'BOOLEAN') {
    if (['1', 'true', 't', 'yes', 'y'].includes(asciiLower(text))) return true
    return ['0', 'false', 'f', 'no', 'n'].includes(asciiLower(text)) ? false : BAD
  }
  if (type === 'DATE' || type === 'TIMESTAMP') {
    const moment = parseMoment(text)
    if (moment === BAD) return BAD
    return type === 'TIMESTAMP' ? moment : dayOf(moment)
  }
  const number = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text)
  if (!number || !/\d/.test(text)) return BAD
  const [, sign, digits = '', fraction = ''] = number
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(type)
  const scale = decimal ? Number(decimal[2]) : 0
  if (!decimal && /[1-9]/.test(fraction)) return BAD
  let units = BigInt(digits + fraction.padEnd(scale, '0').slice(0, scale) || '0')
  if (decimal && Number(fraction[scale] ?? '0') >= 5) units += 1n
  if (sign === '-') units = -units
  const limit = decimal
    ? 10n ** BigInt(decimal[1] as string) - 1n
    : type === 'INTEGER'
      ? 2n ** 31n - 1n
      : 2n ** 63n - 1n
  const least = decimal ? -limit : -limit - 1n
  return units > limit || units < least ? BAD : units
}

function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function cut(text: string): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= 65_535) return text
  let to = 65_535
  while (((bytes[to] as number) & 0xc0) === 0x80) to--
  return bytes.subarray(0, to).toString()
}

function parseMoment(text: string): bigint | typeof BAD {
  const iso = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?Z?)?$/.exec(text)
  const slashed = /^(\d\d)\/(\d\d)\/(\d{4})(?: (\d\d):(\d\d):(\d\d))?$/.exec(text)
  const parts = iso ?? slashed
  if (!parts) return BAD
  const [year, month, day] = (iso ? [parts[1], parts[2], parts[3]] : [parts[3], parts[2], parts[1]]).map(Number) as [
    number,
    number,
    number,
  ]
  const [hour, minute, second] = [parts[4] ?? 0, parts[5] ?? 0, parts[6] ?? 0].map(Number) as [number, number, number]
  if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59)
    return BAD
  const date = new Date(Date.UTC(year, month - 1, day))
  if (date.getUTCMonth() !== month - 1) return BAD
  const micros = BigInt((iso?.[7] ?? '').padEnd(6, '0'))
  return BigInt(date.getTime()) * 1000n + BigInt((hour * 60 + minute) * 60 + second) * 1_000_000n + micros
}

/** Days since 1970 of a moment. */
export function dayOf(moment: bigint): bigint {
  const rest = ((moment % DAY) + DAY) % DAY
  return (moment - rest) / DAY
}

/** A value as cli.md §3 shows it. */
export function show(value: Value | undefined, type: SqlType): string | null {
  if (value === null || value === undefined) return null
  if (type === 'DATE') return dateText(value as bigint)
  if (type === 'TIMESTAMP') {
    const day = dayOf(value as bigint)
    const rest = (value as bigint) - day * DAY
    const seconds = Number(rest / 1_000_000n)
    const two = (n: number): string => String(n).padStart(2, '0')
    const fraction = String(rest % 1_000_000n)
      .padStart(6, '0')
      .replace(/0+$/, '')
    return `${dateText(day)}T${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${fraction ? `.${fraction}` : ''}Z`
  }
  const decimal = /^DECIMAL\(\d+,(\d+)\)$/.exec(type)
  return decimal ? decimalText(value as bigint, Number(decimal[1])) : String(value)
}

export function dateText(day: bigint): string {
  return new Date(Number(day) * 86_400_000).toISOString().slice(0, 10)
}

export function dayNumber(text: string): bigint {
  return BigInt(Date.parse(text) / 86_400_000)
}

export function decimalText(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  return `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** n / d in units of the last digit, rounded half away from zero. */
export function ratio(n: bigint, d: bigint, scale: number): bigint {
  const size = (n < 0n ? -n : n) * 10n ** BigInt(scale)
  const rounded = (2n * size + d) / (2n * d)
  return n < 0n ? -rounded : rounded
}

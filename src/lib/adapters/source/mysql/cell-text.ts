import type { Field } from './connection.js'
import type { ShapeColumn } from './table-shape.js'

/** A text that cannot be one of the warehouse. `column` is its place. */
export class TextFault extends Error {
  constructor(
    readonly column: number,
    fault: string,
  ) {
    super(fault)
  }
}

/** Digits and an exponent, as the server writes a DOUBLE that is very large or very small. */
const EXPONENT = /^(-?)(\d+)(?:\.(\d+))?e([+-]?\d+)$/i

/**
 * How a cell of a column is read as text: as the server writes it, so that no number passes through a float. NULL is the
 * empty text: both mean the same here (semantics.md §1).
 * @param at its place among the columns, for the TextFault of bytes that are no text
 */
export function cellText({ kind }: ShapeColumn, at: number): (field: Field) => string {
  if (kind === 'bytes') return (field) => textOfBytes(field.buffer(), at)
  if (kind === 'float') return (field) => withoutExponent(field.string('utf8') ?? '')
  // The server sends all texts in the session's letters; of some types it does not say so.
  return (field) => field.string('utf8') ?? ''
}

function textOfBytes(bytes: Buffer | null, at: number): string {
  if (bytes === null) return ''
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new TextFault(at, 'holds bytes that are no UTF-8')
  }
}

function withoutExponent(text: string): string {
  const [, sign = '', digits = '', fraction = '', power = '0'] = EXPONENT.exec(text) ?? []
  if (digits === '') return text
  const all = digits + fraction
  const point = digits.length + Number(power)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${all}`
  return `${sign}${all.slice(0, point).padEnd(point, '0')}${all.length > point ? `.${all.slice(point)}` : ''}`
}

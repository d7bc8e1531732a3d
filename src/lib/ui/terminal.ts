import { Chalk } from 'chalk'
import { eachPainted, unpainted } from './paint.js'
import { wrappedText } from './wrap.js'

export interface Look {
  color: boolean
  /** Columns to which lines keep; without it they may have any length. */
  width?: number
}

/**
 * What may be written to a terminal: every character that moves its cursor, rings its bell, turns the direction of a line
 * or cannot be seen is written out (`\u001b`), but for the ends of lines. Colour is added after that.
 */
export function toTerminal(text: string, { color, width = Number.POSITIVE_INFINITY }: Look): string {
  if (PLAIN.test(text)) return wrappedText(text, width)
  // First of all: what is written out is wider than it was.
  const safe = text.replaceAll(HIDDEN, (character) => (character === '\n' ? '\n' : written(character)))
  const lines = wrappedText(safe, width)
  return color ? eachPainted(lines, (style, inner) => CHALK[style](inner)) : unpainted(lines)
}

/** A text on one line: line ends are written out, too, and so are the marks of our own colours. */
export function visible(text: string): string {
  return PRINTABLE.test(text) ? text : text.replaceAll(HIDDEN, written).replaceAll(OURS, written)
}

function written(character: string): string {
  const code = character.codePointAt(0) as number
  const digits = code.toString(16).padStart(4, '0')
  return NAMED[character] ?? (code > 0xffff ? `\\u{${digits}}` : `\\u${digits}`)
}

const CHALK = new Chalk({ level: 1 })
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }
// Most texts are of these alone, and are looked at once.
const PLAIN = /^[\x20-\x7e\n]*$/
const PRINTABLE = /^[\x20-\x7e]*$/
/**
 * Control characters, what formats without being seen (directions, zero widths, tags; not the Arabic signs that are drawn),
 * separators of lines, fillers, and halves of a character, which would be written as another one.
 */
const HIDDEN =
  /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]--[\u0600-\u0605\u06dd\u0890\u0891\u08e2\u{110bd}\u{110cd}]]/gv
const OURS = /[\ufdd0-\ufddf]/g

import { unpainted } from './paint.js'

/**
 * Columns that a text takes on a terminal. What cannot be seen has been written out before, so nothing joins two signs
 * into one: signs are counted, those of East Asia and pictures twice, and those that stand on another one not at all.
 */
export function columnsOf(text: string): number {
  if (ONE_EACH.test(text)) return text.length
  let columns = 0
  for (const sign of text) columns += STANDS_ON_ANOTHER.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1
  return columns
}

/** The same; marks of colours take no columns. */
export function textWidth(text: string): number {
  return ONE_EACH.test(text) ? text.length : columnsOf(unpainted(text))
}

/** The beginning of a text, with an ellipsis, where it is wider than it may be. Without colours. */
export function cutTo(text: string, width: number): string {
  return textWidth(text) <= width ? text : `${beginning(unpainted(text), width - 1)}…`
}

/** As much of a text as has room in so many columns. */
function beginning(text: string, columns: number): string {
  if (ONE_EACH.test(text)) return text.slice(0, Math.max(0, columns))
  let kept = ''
  let taken = 0
  for (const sign of text) {
    taken += columnsOf(sign)
    if (taken > columns) break
    kept += sign
  }
  return kept
}

const ONE_EACH = /^[\x20-\x7e]*$/
const STANDS_ON_ANOTHER = /[\p{Mn}\p{Me}]/u
/** Two halves of a flag are one picture, so each of them counts once. */
const WIDE =
  /[[\p{Emoji_Presentation}\u1100-\u115f\u2329\u232a\u2630-\u2637\u268a-\u268f\u2e80-\u303e\u3041-\u3247\u3250-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f200}-\u{1f2ff}\u{1f3fb}-\u{1f3ff}\u{20000}-\u{3fffd}]--[\p{Mn}\p{Regional_Indicator}]]/v

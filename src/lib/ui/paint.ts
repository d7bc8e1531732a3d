/**
 * How a text is marked in colour: by characters that Unicode keeps for use within a program. Whoever makes up a line marks
 * it; the writer to the terminal makes all else in it safe first, and then puts colours, or nothing, in place of the marks.
 */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'gray'

export const STYLES: readonly Style[] = ['bold', 'dim', 'red', 'green', 'yellow', 'cyan', 'gray']
const FIRST = 0xfdd0
export const END = '\ufddf'

/** A text in a style; inner styles win. */
export function paint(style: Style, text: string): string {
  return text === '' ? '' : `${String.fromCharCode(FIRST + STYLES.indexOf(style))}${text}${END}`
}

/** Each innermost text in a style, with what `change` makes of it. */
export function eachPainted(text: string, change: (style: Style, inner: string) => string): string {
  let done = text
  for (let before = ''; before !== done; ) {
    before = done
    done = done.replaceAll(PAINTED, (_, mark: string, inner: string) =>
      change(STYLES[mark.charCodeAt(0) - FIRST] as Style, inner),
    )
  }
  return unpainted(done)
}

/** The text alone. */
export function unpainted(text: string): string {
  return MARK.test(text) ? text.replaceAll(MARKS, '') : text
}

const PAINTED = /([\ufdd0-\ufdd6])([^\ufdd0-\ufddf]*)\ufddf/g
const MARK = /[\ufdd0-\ufddf]/
const MARKS = /[\ufdd0-\ufddf]/g

/** What came of something: one glyph and one colour for each word, wherever it is shown. */
const SIGNS = {
  ok: ['✓', 'green'],
  pass: ['✓', 'green'],
  succeeded: ['✓', 'green'],
  warn: ['!', 'yellow'],
  fail: ['✗', 'red'],
  failed: ['✗', 'red'],
  canceled: ['■', 'yellow'],
  running: ['…', 'cyan'],
  pending: ['·', 'gray'],
  info: ['·', 'gray'],
  skip: ['–', 'gray'],
  skipped: ['–', 'gray'],
} as const satisfies Record<string, readonly [string, Style]>

export type Outcome = keyof typeof SIGNS

/** The sign of an outcome without its colour. */
export function sign(outcome: Outcome): string {
  return SIGNS[outcome][0]
}

export function styleOf(outcome: Outcome): Style {
  return SIGNS[outcome][1]
}

/** The sign of an outcome, in its colour. */
export function glyph(outcome: Outcome): string {
  return paint(styleOf(outcome), sign(outcome))
}

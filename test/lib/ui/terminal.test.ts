import { expect, test } from 'vitest'
import { paint } from '../../../src/lib/ui/paint.js'
import { toTerminal, visible } from '../../../src/lib/ui/terminal.js'

const PLAIN = { color: false }

test('what moves a cursor, rings, turns a line or cannot be seen is written out; line ends stay', () => {
  expect(toTerminal('a\nb\r\tc\u001b[31m\u0000\u0007\u007f\u009b é', PLAIN)).toBe(
    'a\nb\\r\\tc\\u001b[31m\\u0000\\u0007\\u007f\\u009b é',
  )
  const unseen = [
    ...['\u202a', '\u202e', '\u2066', '\u2069', '\u200e', '\u200f', '\u061c'],
    ...['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u2028', '\u2029', '\u2063', '\u00ad', '\u3164', '\u180e'],
  ]
  for (const character of unseen)
    expect(toTerminal(character, PLAIN)).toBe(`\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
  expect(toTerminal('\u{e0041}', PLAIN)).toBe('\\u{e0041}')
  expect(toTerminal('\ud800', PLAIN)).toBe('\\ud800')
})

test('every other character stays, and of those that control nothing but a line end', () => {
  const text = '東京 é ✓ – … 👍 ٣ \u0600١ naïve'
  expect(toTerminal(text, PLAIN)).toBe(text)
  const passed: number[] = []
  for (let code = 0; code < 0x110000; code++) {
    const shown = toTerminal(String.fromCodePoint(code), PLAIN)
    if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(shown)) passed.push(code)
  }
  expect(passed).toEqual([10])
})

test('our colours are added after that, and only where there are any', () => {
  const text = `${paint('green', 'good')} ${paint('bold', `all ${paint('red', 'bad')} all`)} \u001b[31m`
  expect(toTerminal(text, PLAIN)).toBe('good all bad all \\u001b[31m')
  expect(toTerminal(text, { color: true })).toBe(
    '\u001b[32mgood\u001b[39m \u001b[1mall \u001b[31mbad\u001b[39m all\u001b[22m \\u001b[31m',
  )
  expect(toTerminal('\ufdd3 no end', PLAIN)).toBe(' no end')
})

test('on one line line ends are written out, too, and data cannot mark anything', () => {
  expect(visible('a\nb\r\tc\u001b[31m\u0000\u202e é')).toBe('a\\nb\\r\\tc\\u001b[31m\\u0000\\u202e é')
  expect(visible(paint('red', 'x'))).toBe('\\ufdd2x\\ufddf')
})

test('lines keep to a width, measured as they are written', () => {
  expect(toTerminal('one \u001b[2J two', { color: false, width: 10 })).toBe('one\n    \\u001b[2J\n    two')
})

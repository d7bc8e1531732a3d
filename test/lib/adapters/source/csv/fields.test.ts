import fc from 'fast-check'
import { expect, test } from 'vitest'
import { trimBlanks } from '../../../../../src/lib/adapters/source/csv/fields.js'

test('blanks are space, tab, CR and LF at the ends of a text', () => {
  const text = fc
    .array(fc.constantFrom(' ', '\t', '\r', '\n', 'a', '\u00a0', '\u000b', '\ufeff'))
    .map((all) => all.join(''))
  fc.assert(
    fc.property(text, (some) => {
      expect(trimBlanks(some)).toBe(some.replace(/^[ \t\r\n]+/, '').replace(/[ \t\r\n]+$/, ''))
    }),
  )
})

test('many of them inside a text take no more than a look at each end', () => {
  const text = `a${' '.repeat(20_000_000)}b`
  const begin = performance.now()
  expect(trimBlanks(text).length).toBe(text.length)
  expect(performance.now() - begin).toBeLessThan(1000)
})

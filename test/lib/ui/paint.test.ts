import { expect, test } from 'vitest'
import { eachPainted, glyph, paint, STYLES, sign, styleOf, unpainted } from '../../../src/lib/ui/paint.js'

test('styles are found again, inner ones first', () => {
  const told: string[] = []
  const text = `a${paint('red', `b${paint('bold', 'c')}`)}d`
  expect(eachPainted(text, (style, inner) => `<${told.push(style)}:${inner}>`)).toBe('a<2:b<1:c>>d')
  expect(told).toEqual(['bold', 'red'])
  for (const style of STYLES) expect(eachPainted(paint(style, 'x'), (found) => found)).toBe(style)
})

test('without its marks a text is as it was', () => {
  expect([unpainted(paint('red', 'a')), unpainted('a'), paint('red', '')]).toEqual(['a', 'a', ''])
})

test('an outcome has one sign and one colour', () => {
  expect(glyph('failed')).toBe(paint('red', '✗'))
  expect([sign('skip'), styleOf('warn'), sign('running')]).toEqual(['–', 'yellow', '…'])
})

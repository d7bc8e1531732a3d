import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearest } from '../../../../src/lib/core/words/nearest.js'

const METRICS = ['price', 'occupancy', 'locations', 'listings', 'bookings', 'duration', 'repeat']

test.each([
  ['occupancy', METRICS, ['occupancy']],
  ['ocupancy', METRICS, ['occupancy']],
  ['lisitngs', METRICS, ['listings']],
  // 3 letters for a short word, a third of a long one.
  ['prixxxx', ['price'], []],
  ['abcd', ['abcdefg', 'abcdefgh'], ['abcdefg']],
  ['abcdefghijkl', ['abcdefghWXYZ', 'abcdefgVWXYZ'], ['abcdefghWXYZ']],
  // Of equally near ones the earlier, and no more than three.
  ['ab', ['abc', 'xab', 'ab', 'aab', 'b'], ['ab', 'abc', 'xab']],
  ['x', [], []],
  ['', ['abc', 'abcd'], ['abc']],
])('%s', (name, known, near) => {
  expect(nearest(name, known)).toEqual(near)
})

test('a name with one letter more, less or other is found first among far ones', () => {
  const slip = fc.tuple(fc.constantFrom('more', 'less', 'other'), fc.nat({ max: 7 }), fc.constantFrom('x', 'q', '-'))
  fc.assert(
    fc.property(fc.constantFrom(...METRICS), slip, (name, [kind, place, letter]) => {
      const at = place % name.length
      const rest = name.slice(kind === 'more' ? at : at + 1)
      expect(nearest(`${name.slice(0, at)}${kind === 'less' ? '' : letter}${rest}`, METRICS)[0]).toBe(name)
    }),
  )
})

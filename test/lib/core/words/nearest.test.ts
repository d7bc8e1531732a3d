import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearest } from '../../../../src/lib/core/words/nearest.js'

const METRICS = ['price', 'occupancy', 'locations', 'listings', 'bookings', 'duration', 'repeat']

test.each([
  ['occupancy', METRICS, ['occupancy']],
  ['ocupancy', METRICS, ['occupancy']],
  ['lisitngs', METRICS, ['listings']],
  ['LISTINGS', METRICS, ['listings']],
  // A name's beginning.
  ['occ', METRICS, ['occupancy']],
  ['oc', METRICS, []],
  // Far-fetched ones are worse than none: each of these was once suggested.
  ['may', ['extract', 'raw', 'curated', 'day'], ['day']],
  ['foo', ['extract', 'raw', 'curated'], []],
  ['list', ['init', 'runs', 'logs'], []],
  ['bogus', ['logs', 'doctor'], []],
  ['report', ['export', 'resume', 'rerun'], []],
  ['-q', ['--to', '--from'], []],
  // One slip for a short word, two for a longer one, then a third of it.
  ['lgos', ['logs'], ['logs']],
  ['lxxs', ['logs'], []],
  ['rseume', ['resume'], ['resume']],
  ['prixxxx', ['price'], []],
  ['abcdefghijkl', ['abcdefghWXYZ', 'abcdefgVWXYZ'], ['abcdefghWXYZ']],
  // Of equally near ones the earlier, and no more than three.
  ['abc', ['abd', 'abcx', 'abc', 'aabc', 'ab'], ['abc', 'abd', 'abcx']],
  ['x', [], []],
  ['', ['abc', 'abcd'], []],
  ['price'.repeat(100_000), ['price'], []],
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

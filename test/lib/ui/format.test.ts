import { expect, test } from 'vitest'
import { ageText, countText, durationText, visible, wrapped } from '../../../src/lib/ui/format.js'

test('counts have a comma at every thousand', () => {
  expect([0, 999, 1000, 1234567, -1500, 9007199254740993n].map(countText)).toEqual([
    '0',
    '999',
    '1,000',
    '1,234,567',
    '-1,500',
    '9,007,199,254,740,993',
  ])
})

test('durations are as exact as their size asks for', () => {
  expect([0, 49, 400, 9_940, 10_000, 59_499, 59_500, 125_000, 3_599_000, 3_720_000].map(durationText)).toEqual([
    '0.0 s',
    '0.0 s',
    '0.4 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 0 s',
    '2 min 5 s',
    '59 min 59 s',
    '1 h 2 min',
  ])
})

test('a line is broken between words, and what follows is indented', () => {
  expect(wrapped('  one two three four', 12)).toEqual(['  one two', '      three', '      four'])
  expect(wrapped('short', 12)).toEqual(['short'])
  expect(wrapped('one two', Number.POSITIVE_INFINITY)).toEqual(['one two'])
})

test('a word longer than the line stays whole', () => {
  expect(wrapped('a abcdefghijklmnop b', 8)).toEqual(['a', '    abcdefghijklmnop', '    b'])
})

test('control characters are written out', () => {
  expect(visible('a\nb\r\tc\u001b[31m\u0000\u202e é')).toBe('a\\nb\\r\\tc\\u001b[31m\\u0000\\u202e é')
})

test('how long ago', () => {
  const now = new Date('2026-05-02T05:00:00Z')
  const ages = [
    '2026-05-02T04:59:48Z',
    '2026-05-02T04:30:00Z',
    '2026-05-02T02:00:00Z',
    '2026-04-29T05:00:00Z',
    '2025-01-01T00:00:00Z',
    '2026-05-03T01:02:03Z',
  ]
  expect(ages.map((at) => ageText(at, now))).toEqual([
    '12 s ago',
    '30 min ago',
    '3 h ago',
    '3 d ago',
    '2025-01-01',
    '2026-05-03 01:02',
  ])
})

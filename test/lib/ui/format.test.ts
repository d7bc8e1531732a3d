import { expect, test } from 'vitest'
import { ageText, durationText } from '../../../src/lib/ui/format.js'

test('durations are as exact as their size asks for', () => {
  expect([0, 49, 400, 9_940, 10_000, 59_499, 59_500, 125_000, 3_599_000, 3_720_000].map(durationText)).toEqual([
    '0.0 s',
    '0.0 s',
    '0.4 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1m 0s',
    '2m 5s',
    '59m 59s',
    '1h 2m',
  ])
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

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

test('how long ago a moment was', () => {
  const now = new Date('2026-05-04T12:00:00Z')
  const age = (at: string): string => ageText(at, now)
  expect(
    [
      '2026-05-04T12:00:30Z',
      '2026-05-04T11:59:48Z',
      '2026-05-04T11:30:01Z',
      '2026-05-04T08:59:00Z',
      '2026-05-02T12:30:00Z',
      '2026-05-01T11:00:00Z',
      '2025-05-04T12:00:00Z',
      '2026-06-01T02:10:00Z',
    ].map(age),
  ).toEqual(['0 s ago', '12 s ago', '29 min ago', '3 h ago', '47 h ago', '3 d ago', '2025-05-04', '2026-06-01 02:10'])
})

import { expect, test } from 'vitest'
import { asOfDate, lastCompleteDay } from '../../../../src/lib/core/run/as-of.js'

test.each([
  ['2026-05-04T00:00:00.000Z', '2026-05-03'],
  ['2026-05-04T23:59:59.999Z', '2026-05-03'],
  ['2026-03-01T02:00:00.000Z', '2026-02-28'],
])('at %s the last complete day is %s', (now, day) => {
  expect(lastCompleteDay(new Date(now))).toBe(day)
})

test.each([
  ['2025-03-24', '2025-03-24'],
  ['1900-01-01', '1900-01-01'],
  ['2199-12-31', '2199-12-31'],
  ['2026-05-04T02:00:00Z', '2026-05-03'],
])('%s stands for %s', (text, date) => {
  expect(asOfDate(text)).toBe(date)
})

test.each([
  '',
  'yesterday',
  '2025-02-29',
  '2025-3-4',
  '1899-12-31',
  '2200-01-01',
  '24/03/2025',
  '2026-05-04T02:00:00+02:00',
])('"%s" is no as-of date', (text) => {
  expect(() => asOfDate(text)).toThrow(expect.objectContaining({ code: 'USAGE', exit: 'usage' }))
})

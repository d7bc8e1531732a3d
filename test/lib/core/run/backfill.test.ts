import { expect, test } from 'vitest'
import { daysBetween } from '../../../../src/lib/core/run/backfill.js'

test('both ends are days of it, over a month, a leap day and the change to summer time', () => {
  expect(daysBetween('2024-02-28', '2024-03-01')).toEqual(['2024-02-28', '2024-02-29', '2024-03-01'])
  expect(daysBetween('2025-03-30', '2025-03-30')).toEqual(['2025-03-30'])
  const year = daysBetween('2025-01-01', '2025-12-31')
  expect([year.length, new Set(year).size, year.at(-1)]).toEqual([365, 365, '2025-12-31'])
})

test('a span that ends before it starts is told the right way round', () => {
  expect(() => daysBetween('2025-03-02', '2025-03-01')).toThrow(
    expect.objectContaining({
      code: 'USAGE',
      suggestions: ['rental-etl backfill --start 2025-03-01 --end 2025-03-02'],
    }),
  )
})

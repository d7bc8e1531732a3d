import { describe, expect, test } from 'vitest'
import { isPartial, lastPeriods, parsePeriod, periodName, startOf } from '../../../../src/lib/core/metrics/period.js'

describe('parsePeriod', () => {
  test.each([
    ['2026', '2026-01-01', '2027-01-01', 'year'],
    ['2026-05', '2026-05-01', '2026-06-01', 'month'],
    ['2026-12', '2026-12-01', '2027-01-01', 'month'],
    ['2026-05-01', '2026-05-01', '2026-05-02', 'day'],
    ['2024-02-29', '2024-02-29', '2024-03-01', 'day'],
    ['2026-W05', '2026-01-26', '2026-02-02', 'week'],
    ['2026-W01', '2025-12-29', '2026-01-05', 'week'],
    ['2026-W53', '2026-12-28', '2027-01-04', 'week'],
    ['2026-01..2026-06', '2026-01-01', '2026-07-01', 'month'],
    ['2026-W05..2026-06', '2026-01-26', '2026-07-01', 'week'],
    ['2025..2026-03-15', '2025-01-01', '2026-03-16', 'day'],
    ['2026..2026-03', '2026-01-01', '2027-01-01', 'month'],
    ['2026-03..2026-03', '2026-03-01', '2026-04-01', 'month'],
  ])('%s', (text, from, to, unit) => {
    expect(parsePeriod(text)).toEqual({ from, to, unit })
  })

  const forms = 'a period is 2026, 2026-05, 2026-W05, 2026-05-01, or a span such as 2026-01..2026-06'

  test.each([
    ['yesterday', '"yesterday" is no period'],
    ['', '"" is no period: an end is missing'],
    ['2026-01..', '"2026-01.." is no period: an end is missing'],
    ['2026..2027..2028', '"2026..2027..2028" is no period: a span has two ends'],
    ['2026-5', '"2026-5" is no period: perhaps 2026-05 is meant'],
    ['2026-w5', '"2026-w5" is no period: perhaps 2026-W05 is meant'],
    ['2026/5/1', '"2026/5/1" is no period: perhaps 2026-05-01 is meant'],
    ['2026-13', '"2026-13" is no period: there is no month 2026-13'],
    ['2026-00', '"2026-00" is no period: there is no month 2026-00'],
    ['2026-02-30', '"2026-02-30" is no period: there is no day 2026-02-30'],
    ['2025-W53', '"2025-W53" is no period: there is no week 53 in 2025'],
    ['2026-W00', '"2026-W00" is no period: there is no week 00 in 2026'],
    ['1066', '"1066" is no period: 1066 is not a year from 1900 to 2199'],
  ])('refuses %s', (text, message) => {
    expect(() => parsePeriod(text)).toThrow(
      expect.objectContaining({ message: `${message}; ${forms}`, exit: 'usage', code: 'USAGE' }),
    )
  })

  test('a span that ends before it begins is turned around in the suggestion', () => {
    expect(() => parsePeriod('2026-06..2026-01')).toThrow(
      expect.objectContaining({
        message: 'period "2026-06..2026-01" ends before it begins',
        suggestions: ['rental-etl metrics occupancy 2026-01..2026-06'],
      }),
    )
  })
})

test('the last periods end with the one that holds the day', () => {
  expect(lastPeriods(12, 'month', '2025-03-24')).toEqual({ from: '2024-04-01', to: '2025-04-01', unit: 'month' })
  expect(lastPeriods(12, 'week', '2025-03-24')).toEqual({ from: '2025-01-06', to: '2025-03-31', unit: 'week' })
  expect(lastPeriods(12, 'week', '2025-03-30')).toEqual({ from: '2025-01-06', to: '2025-03-31', unit: 'week' })
  expect(lastPeriods(12, 'day', '2025-03-24')).toEqual({ from: '2025-03-13', to: '2025-03-25', unit: 'day' })
  expect(lastPeriods(2, 'year', '2025-03-24')).toEqual({ from: '2024-01-01', to: '2026-01-01', unit: 'year' })
})

test('each day of 300 years lies in the week that its name stands for', () => {
  for (let at = Date.parse('1900-01-01'); at < Date.parse('2199-12-20'); at += 86_400_000) {
    const day = new Date(at).toISOString().slice(0, 10)
    // In the middle of a year, the first and the last day of a week speak for those between them.
    if (!/-(01|12)-/.test(day) && new Date(at).getUTCDay() > 1) continue
    const week = parsePeriod(periodName(day, 'week'))
    if (week.from > day || week.to <= day || week.from !== startOf(day, 'week')) expect([day, week]).toEqual('in it')
  }
  expect(periodName('2026-01-01', 'week')).toBe('2026-W01')
  expect(periodName('2027-01-03', 'week')).toBe('2026-W53')
  expect(periodName('2026-05-09', 'month')).toBe('2026-05')
  expect(periodName('2026-05-09', 'year')).toBe('2026')
  expect(periodName('2026-05-09', 'day')).toBe('2026-05-09')
})

test('a period is partial until its last day is over', () => {
  expect(isPartial('2025-03-24', 'week', '2025-03-29')).toBe(true)
  expect(isPartial('2025-03-24', 'week', '2025-03-30')).toBe(false)
  expect(isPartial('2025-03-01', 'month', '2025-03-30')).toBe(true)
  expect(isPartial('2025-03-01', 'month', '2025-03-31')).toBe(false)
  expect(isPartial('2025-03-24', 'day', '2025-03-24')).toBe(false)
})

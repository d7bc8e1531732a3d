import fc from 'fast-check'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { nextMoment, parseCron, previousMoment, shifted } from '../../../../src/lib/core/config/cron.js'

const span = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at)

const EVERY = {
  minutes: span(0, 59),
  hours: span(0, 23),
  days: span(1, 31),
  months: span(1, 12),
  weekdays: span(0, 6),
  eitherDay: false,
}

function parsed(text: string): Record<string, unknown> {
  const { eitherDay, ...fields } = parseCron(text)
  const sorted = Object.entries(fields).map(([name, values]) => [name, [...values].sort((a, b) => a - b)])
  return { ...Object.fromEntries(sorted), eitherDay }
}

describe('parseCron', () => {
  test.each([
    ['* * * * *', {}],
    ['0 2 * * *', { minutes: [0], hours: [2] }],
    ['  15\t3   * * *  ', { minutes: [15], hours: [3] }],
    ['*/20 9-11 * * *', { minutes: [0, 20, 40], hours: [9, 10, 11] }],
    ['10-30/10,59 * * * *', { minutes: [10, 20, 30, 59] }],
    ['50/5 * * * *', { minutes: [50, 55] }],
    ['0 0 1,15 2 *', { minutes: [0], hours: [0], days: [1, 15], months: [2] }],
    ['0 0 * * 7', { minutes: [0], hours: [0], weekdays: [0] }],
    ['0 0 * * 5-7', { minutes: [0], hours: [0], weekdays: [0, 5, 6] }],
    ['0 0 13 * 5', { minutes: [0], hours: [0], days: [13], weekdays: [5], eitherDay: true }],
    // As cron has it, a field that begins with a star restricts nothing, be it with a step.
    ['0 0 */10 * 1', { minutes: [0], hours: [0], days: [1, 11, 21, 31], weekdays: [1], eitherDay: false }],
    ['0 0 13 * */2', { minutes: [0], hours: [0], days: [13], weekdays: [0, 2, 4, 6], eitherDay: false }],
  ])('%s', (text, fields) => {
    expect(parsed(text)).toEqual({ ...EVERY, ...fields })
  })

  test.each([
    ['', 'it has 1 fields, not 5'],
    ['0 2 * *', 'it has 4 fields, not 5'],
    ['0 2 * * * *', 'it has 6 fields, not 5'],
    ['60 2 * * *', '"60" is no minute (0 to 59)'],
    ['0 24 * * *', '"24" is no hour (0 to 23)'],
    ['0 2 0 * *', '"0" is no day of month (1 to 31)'],
    ['0 2 * 13 *', '"13" is no month (1 to 12)'],
    ['0 2 * * 8', '"8" is no day of week (0 to 7)'],
    ['30-10 2 * * *', '"30-10" is no minute (0 to 59)'],
    ['*/0 2 * * *', '"*/0" is no minute (0 to 59)'],
    ['0 2 * jan *', '"jan" is no month'],
    ['1,,2 2 * * *', '"" is no minute'],
    ['-1 2 * * *', '"-1" is no minute'],
  ])('refuses "%s"', (text, why) => {
    expect(() => parseCron(text)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        exit: 'invalid',
        message: `"${text}" is no crontab schedule: ${why}; an example is "0 2 * * *"`,
        suggestions: ['rental-etl config explain schedule'],
      }),
    )
  })
})

describe('nextMoment', () => {
  test.each([
    ['0 2 * * *', '2026-05-04T01:59:59.999Z', '2026-05-04T02:00:00.000Z'],
    ['0 2 * * *', '2026-05-04T02:00:00.000Z', '2026-05-05T02:00:00.000Z'],
    ['0 2 * * *', '2026-12-31T02:00:30.000Z', '2027-01-01T02:00:00.000Z'],
    ['*/15 * * * *', '2026-05-04T02:50:00.000Z', '2026-05-04T03:00:00.000Z'],
    ['0 0 29 2 *', '2026-05-04T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
    ['0 0 31 * *', '2026-04-01T00:00:00.000Z', '2026-05-31T00:00:00.000Z'],
    // 2026-05-04 is a Monday.
    ['30 6 * * 1', '2026-05-04T06:30:00.000Z', '2026-05-11T06:30:00.000Z'],
    ['0 0 * * 7', '2026-05-04T00:00:00.000Z', '2026-05-10T00:00:00.000Z'],
    ['0 0 20 * 5', '2026-05-04T00:00:00.000Z', '2026-05-08T00:00:00.000Z'],
    ['0 0 6 * 5', '2026-05-04T00:00:00.000Z', '2026-05-06T00:00:00.000Z'],
    ['0 0 */10 * 1', '2026-05-04T00:00:00.000Z', '2026-05-11T00:00:00.000Z'],
  ])('%s after %s', (cron, after, next) => {
    expect(nextMoment(parseCron(cron), new Date(after))?.toISOString()).toBe(next)
  })

  test('never comes on 30 February', () => {
    expect(nextMoment(parseCron('0 0 30 2 *'), new Date('2026-05-04T00:00:00Z'))).toBeUndefined()
  })

  test('is the first minute after the moment that all fields hold, in UTC', () => {
    const field = (from: number, to: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min: from, max: to }).map(String),
        fc.integer({ min: 2, max: 9 }).map((step) => `*/${step}`),
      )
    // Every month and weekday, so that a look at each minute of 32 days finds it.
    const line = fc.tuple(field(0, 59), field(0, 23), field(1, 28), fc.constant('*'), fc.constant('*'))
    const moment = fc.date({ min: new Date('1999-01-01'), max: new Date('2101-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(line, moment, (words, after) => {
        const { minutes, hours, days } = parseCron(words.join(' '))
        let expected = Math.floor(after.getTime() / 60_000) + 1
        const holds = (at: Date): boolean =>
          minutes.has(at.getUTCMinutes()) && hours.has(at.getUTCHours()) && days.has(at.getUTCDate())
        while (!holds(new Date(expected * 60_000))) expected++
        expect(nextMoment(parseCron(words.join(' ')), after)).toEqual(new Date(expected * 60_000))
      }),
      { numRuns: 60 },
    )
  })
})

test('the zone of the machine does not matter: the crontab line sets UTC', () => {
  vi.stubEnv('TZ', 'America/New_York')
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })
  expect(nextMoment(parseCron('0 2 * * *'), new Date('2026-05-04T01:00:00Z'))).toEqual(new Date('2026-05-04T02:00:00Z'))
  // An hour that the clock there skips.
  expect(nextMoment(parseCron('30 2 8 3 *'), new Date('2026-03-01T00:00:00Z'))).toEqual(
    new Date('2026-03-08T02:30:00Z'),
  )
})

describe('previousMoment', () => {
  test.each([
    ['0 2 * * *', '2026-05-04T02:00:00Z', '2026-05-04T02:00:00.000Z'],
    ['0 2 * * *', '2026-05-04T01:59:59Z', '2026-05-03T02:00:00.000Z'],
    ['*/20 9-11 * * *', '2026-05-04T08:00:00Z', '2026-05-03T11:40:00.000Z'],
    ['30 4 1 * *', '2026-03-01T04:29:00Z', '2026-02-01T04:30:00.000Z'],
    ['0 0 29 2 *', '2026-05-04T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['0 2 * * 1', '2026-05-10T00:00:00Z', '2026-05-04T02:00:00.000Z'],
    ['0 0 31 12 *', '2026-01-01T00:00:00Z', '2025-12-31T00:00:00.000Z'],
    ['0 2 30 2 *', '2026-05-04T00:00:00Z', undefined],
  ])('%s before %s', (text, until, found) => {
    expect(previousMoment(parseCron(text), new Date(until))?.toISOString()).toBe(found)
  })

  test('is the one to which the next one belongs', () => {
    const part = (from: number, to: number) =>
      fc.oneof(fc.constant('*'), fc.integer({ min: from, max: to }).map(String))
    const cron = fc
      .tuple(part(0, 59), part(0, 23), part(1, 28), part(1, 12), part(0, 6))
      .map((parts) => parts.join(' '))
    const moment = fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(cron, moment, (text, at) => {
        const parsed = parseCron(text)
        const next = nextMoment(parsed, at)
        const before = next && previousMoment(parsed, new Date(next.getTime() - 1))
        // Both ends: nothing lies between the two, and the earlier one is not after the moment.
        expect(before === undefined || before.getTime() <= at.getTime()).toBe(true)
        if (before) expect(nextMoment(parsed, before)).toEqual(next)
        expect(next && previousMoment(parsed, next)).toEqual(next)
      }),
      { numRuns: 200 },
    )
  })
})

describe('shifted', () => {
  test.each([
    ['0 2 * * *', 0, '0 2 * * *'],
    ['0 2 * * *', 120, '0 4 * * *'],
    ['0 2 * * *', -300, '0 21 * * *'],
    ['30 2 * * *', 330, '0 8 * * *'],
    ['0 2 * * *', 345, '45 7 * * *'],
    ['*/15 * * * *', 330, '0,15,30,45 * * * *'],
    ['* * * * *', -720, '* * * * *'],
    ['0 1,13 * * *', -120, '0 11,23 * * *'],
    ['0 2 * * 1-5', 120, '0 4 * * 1-5'],
    ['0 2 1 * *', 120, '0 4 1 * *'],
    ['0 23 * * 1', 120, '0 1 * * 2'],
    ['0 1 * * 0', -120, '0 23 * * 6'],
    // The day before the first of a month, some before midnight only, and hours that differ by the minute.
    ['0 1 1 * *', -120, undefined],
    ['0 1,13 * * 1', -120, undefined],
    ['0,30 2 * * *', 15, '15,45 2 * * *'],
    ['0,30 2 * * *', 45, undefined],
  ])('%s, %i minutes ahead', (text, ahead, local) => {
    expect(shifted(parseCron(text), text, ahead)).toBe(local)
  })
})

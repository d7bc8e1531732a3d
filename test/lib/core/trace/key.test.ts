import { describe, expect, test } from 'vitest'
import {
  isInRowText,
  isKeyText,
  keyCondition,
  keyPattern,
  rowPattern,
  type TraceKind,
  traceKey,
} from '../../../../src/lib/core/trace/key.js'

describe('a key that is typed', () => {
  test.each<[TraceKind, string, string]>([
    ['booking', '4711', '4711'],
    ['booking', ' +0047 ', '47'],
    ['listing', '-7.00', '-7'],
    ['listing', '9223372036854775807', '9223372036854775807'],
    ['user', '-9223372036854775808', '-9223372036854775808'],
    ['view', '7,19,2026-05-01T10:00:00Z', '7,19,2026-05-01T10:00:00Z'],
    ['view', '7, 19, 2026-05-01 10:00:00', '7,19,2026-05-01T10:00:00Z'],
    ['view', '7,19,01/05/2026 10:00:00', '7,19,2026-05-01T10:00:00Z'],
    ['view', '7,19,2026-05-01', '7,19,2026-05-01T00:00:00Z'],
    ['view', '7,19,2026-05-01T10:00:00.250Z', '7,19,2026-05-01T10:00:00.25Z'],
  ])('%s %s is %s', (kind, text, shown) => {
    expect(traceKey(kind, text).text).toBe(shown)
    expect(traceKey(kind, shown)).toEqual(traceKey(kind, text))
  })

  test.each<[TraceKind, string]>([
    ['booking', 'x'],
    ['booking', ''],
    ['booking', '1,2'],
    ['booking', '1.5'],
    ['booking', '1e3'],
    ['listing', '9223372036854775808'],
    ['user', '-9223372036854775809'],
    ['view', '7,19'],
    ['view', '7,19,2026-02-30'],
    ['view', '7,19,2026-05-01T24:00:00Z'],
    ['view', '7,19,2026-05-01T10:00:00+02:00'],
    ['view', '7,19,1899-12-31'],
    ['view', '7,19,2026-05-01,1'],
  ])('%s "%s" is none, and the right form is shown', (kind, text) => {
    const example = kind === 'view' ? '7,19,2026-05-01T10:00:00Z' : '4711'
    expect(() => traceKey(kind, text)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringContaining(`such as ${example}`),
        suggestions: ['rental-etl trace --help'],
      }),
    )
  })
})

const VIEW = traceKey('view', '7,19,2026-05-01')

test('a key in quarantine is known in each form that the source may have given it', () => {
  const booking = traceKey('booking', '7')
  expect(['7', ' 7', '07', '+7', '7.0', '7\r'].map((text) => isKeyText(booking, text))).toEqual(Array(6).fill(true))
  expect(['17', '7.5', '', '7 | 1', 'x'].map((text) => isKeyText(booking, text))).toEqual(Array(5).fill(false))
  expect(isKeyText(VIEW, '07 | 19 | 01/05/2026')).toBe(true)
  expect(isKeyText(VIEW, '7 | 19 | 2026-05-02')).toBe(false)
  const user = traceKey('user', '7')
  expect(isInRowText(user, '{"booking_id":"1","user_id":" 07"}')).toBe(true)
  expect(
    ['{"booking_id":"7","user_id":"1"}', '{"booking_id":"7"}', '["7","7"]'].map((text) => isInRowText(user, text)),
  ).toEqual([false, false, false])
})

test('patterns and conditions quote what they hold', () => {
  expect(keyPattern(traceKey('booking', '-7'))).toBe(`'%7%'`)
  expect(keyPattern(VIEW)).toBe(`'%7% | %19% | %'`)
  expect(rowPattern(traceKey('user', '7'))).toBe(`'%"user_id":"%7%'`)
  expect(keyCondition(VIEW, ['user_id', 'apartment_id', 'viewed_at'], 'r.')).toBe(
    `r."user_id" = cast('7' as BIGINT) and r."apartment_id" = cast('19' as BIGINT) and r."viewed_at" = cast('2026-05-01 00:00:00' as TIMESTAMP)`,
  )
})

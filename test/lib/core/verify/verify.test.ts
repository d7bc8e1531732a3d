import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type CheckResult,
  DEFAULT_SCOPES,
  judge,
  type LedgerLine,
  ledgerLine,
  SCOPES,
  skipped,
  total,
  verdictOf,
} from '../../../../src/lib/core/verify/verify.js'

test('only freshness and checksum look at the live source, and only when they are asked for', () => {
  expect(SCOPES).toEqual(['counts', 'ledger', 'rules', 'views', 'freshness', 'checksum'])
  expect(DEFAULT_SCOPES).toEqual(['counts', 'ledger', 'rules', 'views'])
})

describe('ledgerLine', () => {
  test('all keys are there, and nothing balances', () => {
    expect(ledgerLine('raw_to_curated', 'dim_users', {})).toEqual({
      hop: 'raw_to_curated',
      table: 'dim_users',
      status: 'pass',
      rows_in: 0,
      rows_out: 0,
      superseded: 0,
      quarantined: {},
      nullified: {},
      filtered: {},
      unexplained: 0,
    })
  })

  const counts = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat({ max: 1_000_000 }))
  const parts = fc.record({ rows_out: fc.nat(), superseded: fc.nat(), quarantined: counts, filtered: counts })

  test('what comes in is what goes out, was superseded, quarantined or filtered, and what nobody can explain', () => {
    fc.assert(
      fc.property(parts, counts, fc.integer({ min: -5, max: 5 }), (given, nullified, off) => {
        const { rows_out, superseded, quarantined, filtered } = given
        const sum = (counted: Record<string, number>): number => Object.values(counted).reduce((a, b) => a + b, 0)
        const rows_in = rows_out + superseded + sum(quarantined) + sum(filtered) + off
        expect(ledgerLine('lake_to_raw', 'stg_bookings', { ...given, rows_in, nullified })).toEqual({
          hop: 'lake_to_raw',
          table: 'stg_bookings',
          ...given,
          rows_in,
          // Values, not rows: they do not count.
          nullified,
          unexplained: off,
          status: off === 0 ? 'pass' : 'fail',
        })
      }),
    )
  })
})

test('total', () => {
  expect(total({})).toBe(0)
  expect(total({ a: 2, b: 3 })).toBe(5)
})

describe('judge', () => {
  const sample = [{ id: '7' }]
  const rule = (severity: CheckResult['severity']) => ({
    name: 'rates',
    scope: 'views' as const,
    severity,
    sql: 'select 1',
    message: 'not in the result',
  })

  test.each<[CheckResult['severity'], number, number, CheckResult['status']]>([
    ['error', 0, 0, 'pass'],
    ['error', 1, 0, 'fail'],
    ['error', 3, 3, 'pass'],
    ['error', 4, 3, 'fail'],
    ['warn', 0, 0, 'pass'],
    ['warn', 1, 0, 'warn'],
    ['warn', 2, 2, 'pass'],
    ['info', 9, 0, 'pass'],
  ])('%s with %i bad rows of %i allowed: %s', (severity, bad, allowed, status) => {
    expect(judge(rule(severity), bad, sample, allowed)).toEqual({
      name: 'rates',
      scope: 'views',
      severity,
      status,
      bad_rows: bad,
      sample,
      sql: 'select 1',
    })
  })

  test('nothing is allowed unless it is said', () => {
    expect(judge(rule('error'), 1, []).status).toBe('fail')
  })
})

test('a check that was not made says why', () => {
  expect(skipped('rates', 'views', 'curated was not built yet')).toEqual({
    name: 'rates',
    scope: 'views',
    severity: 'warn',
    status: 'skip',
    bad_rows: 0,
    sample: [],
    sql: '-- not checked: curated was not built yet',
  })
})

test.each<[LedgerLine['status'][], CheckResult['status'][], string]>([
  [[], [], 'ok'],
  [['pass'], ['pass'], 'ok'],
  [['pass', 'fail'], ['pass'], 'fail'],
  [['pass'], ['warn', 'fail'], 'fail'],
  [['skip'], ['fail'], 'fail'],
  [['pass'], ['warn'], 'warn'],
  [['skip'], ['pass'], 'warn'],
  [['pass'], ['skip'], 'warn'],
])('ledger %j and checks %j: %s', (lines, checks, verdict) => {
  const line = ledgerLine('lake_to_raw', 'stg_bookings', {})
  expect(
    verdictOf(
      lines.map((status) => ({ ...line, status })),
      checks.map((status) => ({ ...skipped('c', 'rules', ''), status })),
    ),
  ).toBe(verdict)
})

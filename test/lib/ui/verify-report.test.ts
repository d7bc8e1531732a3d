import { expect, test } from 'vitest'
import { judge, ledgerLine, skipped, type VerifyResult } from '../../../src/lib/core/verify/verify.js'
import { toTerminal } from '../../../src/lib/ui/terminal.js'
import { closerLook, verifyReport } from '../../../src/lib/ui/verify-report.js'

const LEDGER = [
  ledgerLine('source_to_lake', 'bookings', { rows_in: 1200, rows_out: 1200 }),
  ledgerLine('lake_to_raw', 'stg_bookings', {
    rows_in: 1200,
    rows_out: 1190,
    superseded: 4,
    quarantined: { 'null_key:booking_id': 5, 'bad_row:fields': 0 },
    nullified: { total_price: 2 },
  }),
  { ...ledgerLine('raw_to_curated', 'dim_users', {}), status: 'skip' as const },
]
const rule = (name: string, severity: 'error' | 'warn' | 'info', bad: number) =>
  judge({ name, scope: 'rules', severity, sql: 'select 1' }, bad, [
    { id: '1', city: null },
    { id: '2', city: 'Rome' },
  ])
const plain = (text: string, width?: number): string[] =>
  toTerminal(text, { color: false, ...(width ? { width } : {}) }).split('\n')
const RESULT: VerifyResult = {
  verdict: 'fail',
  ledger: LEDGER,
  checks: [
    rule('good', 'error', 0),
    rule('known', 'info', 7),
    rule('doubtful', 'warn', 1000),
    rule('bad', 'error', 2),
    skipped('lake', 'ledger', 'the lake is gone'),
  ],
}

test('equations by hop, what is not in order with its first rows, and what was not looked at', () => {
  const scopes = ['counts', 'ledger', 'rules'] as const
  expect(plain(verifyReport(RESULT, { scopes }))).toEqual([
    'source → lake',
    '  ✓ bookings: 1,200 = 1,200; unexplained 0',
    'lake → raw',
    '  ✗ stg_bookings: 1,200 = 1,190 + 4 superseded + 5 quarantined (null_key:booking_id 5); 2 nullified; unexplained 1',
    'raw → curated',
    '  – dim_users: not checked',
    '',
    'ledger: 0 of 1 checks passed',
    '  – lake: not checked: the lake is gone',
    'rules: 2 of 4 checks passed',
    '  · known: 7 rows',
    '  ! doubtful: 1,000 bad rows (warn)',
    '      id=1 city=NULL',
    '      id=2 city=Rome',
    '  ✗ bad: 2 bad rows (error)',
    '      id=1 city=NULL',
    '      id=2 city=Rome',
    'not looked at: views, freshness, checksum   (rental-etl verify --scope all)',
    '✗ verify: fail. unexplained 1; 3 passed, 1 warned, 2 failed, 2 not checked',
  ])
})

test('on a narrow terminal long lines are broken between words', () => {
  const result: VerifyResult = { verdict: 'ok', ledger: LEDGER.slice(0, 2), checks: [] }
  expect(plain(verifyReport(result, { scopes: ['counts'] }), 40).slice(3)).toEqual([
    'lake → raw',
    '  ✗ stg_bookings: 1,200 = 1,190 + 4',
    '      superseded + 5 quarantined',
    '      (null_key:booking_id 5); 2',
    '      nullified; unexplained 1',
    '',
    'not looked at: ledger, rules, views,',
    '    freshness, checksum',
    '    (rental-etl verify --scope all)',
    '✓ verify: ok. unexplained 1; 1 passed, 1',
    '    failed',
  ])
})

test('all is well', () => {
  const scopes = ['counts', 'ledger', 'rules', 'views', 'freshness', 'checksum'] as const
  const result: VerifyResult = { verdict: 'ok', ledger: [], checks: [rule('good', 'error', 0)] }
  expect(plain(verifyReport(result, { scopes }))).toEqual(['rules: 1 of 1 checks passed', '✓ verify: ok. 1 passed'])
})

test('the verdict and what is not in order are in colour', () => {
  const report = toTerminal(verifyReport(RESULT, { scopes: ['counts', 'rules'] }), { color: true })
  expect(report).toContain('  \u001b[31m✗\u001b[39m bad: 2 bad rows (error)')
  expect(report).toContain('; unexplained \u001b[31m1\u001b[39m\n')
  expect(report).toContain('\u001b[31m✗\u001b[39m verify: \u001b[31mfail\u001b[39m.')
})

test('what only warns says where to look closer', () => {
  const look = (...checks: VerifyResult['checks']) => closerLook({ verdict: 'warn', ledger: [], checks })
  expect(look(rule('good', 'error', 0))).toEqual([])
  expect(look(rule('doubtful', 'warn', 3), rule('odd', 'warn', 1))).toEqual([
    'rental-etl verify --scope rules --json   # each check with its query',
  ])
  const unbuilt = 'curated was not built yet: rental-etl resume'
  expect(
    look(skipped('a', 'rules', unbuilt), skipped('b', 'views', unbuilt), skipped('c', 'ledger', 'no lake')),
  ).toEqual(['rental-etl resume'])
})

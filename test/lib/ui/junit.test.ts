import { expect, test } from 'vitest'
import { type CheckResult, judge, ledgerLine, skipped, verdictOf } from '../../../src/lib/core/verify/verify.js'
import { junitXml } from '../../../src/lib/ui/junit.js'
import { verifyExit } from '../../../src/lib/use-cases/verify.js'

const rule = (name: string, severity: CheckResult['severity'], bad: number): CheckResult =>
  judge({ name, scope: 'rules', severity, sql: 'select "a" & b' }, bad, bad > 0 ? [{ key: '<1>\u0000' }] : [])

test('a suite for each scope that was looked at, with what failed, warned, and was not checked', () => {
  const ledger = [
    ledgerLine('lake_to_raw', 'stg_bookings', { rows_in: 3, rows_out: 2, quarantined: { 'null_key:booking_id': 1 } }),
  ]
  const checks = [
    { ...rule('good', 'error', 0), duration_ms: 16 },
    { ...rule('bad', 'error', 2), duration_ms: 1500 },
    rule('doubtful', 'warn', 1),
    skipped('far', 'checksum', 'the source is <away>'),
  ]
  expect(junitXml({ verdict: 'fail', ledger, checks }, 'error')).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="rental-etl verify" tests="5" failures="1" time="1.516">
  <testsuite name="counts" tests="1" failures="0" skipped="0" time="0.000">
    <testcase classname="counts" name="lake_to_raw stg_bookings" time="0.000"/>
  </testsuite>
  <testsuite name="rules" tests="3" failures="1" skipped="0" time="1.516">
    <testcase classname="rules" name="good" time="0.016"/>
    <testcase classname="rules" name="bad" time="1.500">
      <failure message="2 bad rows" type="error">select &quot;a&quot; &amp; b
{&quot;key&quot;:&quot;&lt;1&gt;\\u0000&quot;}</failure>
    </testcase>
    <testcase classname="rules" name="doubtful" time="0.000">
      <system-out>1 bad rows (warning)
select &quot;a&quot; &amp; b
{&quot;key&quot;:&quot;&lt;1&gt;\\u0000&quot;}</system-out>
    </testcase>
  </testsuite>
  <testsuite name="checksum" tests="1" failures="0" skipped="1" time="0.000">
    <testcase classname="checksum" name="far" time="0.000">
      <skipped message="not checked: the source is &lt;away&gt;"/>
    </testcase>
  </testsuite>
</testsuites>
`)
})

test('a hop that does not balance fails with its line', () => {
  const line = ledgerLine('source_to_lake', 'bookings', { rows_in: 2, rows_out: 1 })
  const text = JSON.stringify(line, undefined, 2).replaceAll('"', '&quot;')
  expect(
    junitXml({ verdict: 'fail', ledger: [line], checks: [] }, 'stale'),
  ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="rental-etl verify" tests="1" failures="1" time="0.000">
  <testsuite name="counts" tests="1" failures="1" skipped="0" time="0.000">
    <testcase classname="counts" name="source_to_lake bookings" time="0.000">
      <failure message="unexplained 1" type="error">${text}</failure>
    </testcase>
  </testsuite>
</testsuites>
`)
})

test('nothing looked at is an empty report', () => {
  expect(junitXml({ verdict: 'ok', ledger: [], checks: [] }, 'error')).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="rental-etl verify" tests="0" failures="0" time="0.000">\n\n</testsuites>\n',
  )
})

test('is red exactly where the command is', () => {
  const late = judge({ name: 'late', scope: 'freshness', severity: 'warn', sql: 's' }, 1, [])
  const cases: [string, CheckResult[]][] = [
    ['fine', [rule('good', 'error', 0)]],
    ['a rule fails', [rule('bad', 'error', 1)]],
    ['a rule warns', [rule('doubtful', 'warn', 1)]],
    ['not checked', [skipped('far', 'checksum', 'away')]],
    ['stale', [late]],
    ['stale, not checked', [skipped('late', 'freshness', 'away')]],
    ['never built', [judge({ name: 'ever', scope: 'freshness', severity: 'error', sql: 's' }, 1, [])]],
  ]
  const failOns = ['error', 'warn', 'stale'] as const
  for (const [why, checks] of cases) {
    const result = { verdict: verdictOf([], checks), ledger: [], checks }
    const failures = failOns.map((failOn) => junitXml(result, failOn).match(/ failures="(\d+)"/)?.[1])
    const exits = failOns.map((failOn) => (verifyExit(result, failOn) === 'ok' ? '0' : '1'))
    expect([why, failures]).toEqual([why, exits])
  }
})

test('what XML cannot hold is written out', () => {
  const name = 'odd\u0001 \u001b[31m \ud800 \r 𝄞 \t\uffff\u202e\u200b\ufffe<'
  const check = judge({ name, scope: 'views', severity: 'error', sql: '' }, 0, [])
  expect(junitXml({ verdict: 'ok', ledger: [], checks: [check] }, 'error')).toContain(
    'name="odd\\u0001 \\u001b[31m \\ud800 \\r 𝄞 \\t\\uffff\\u202e\\u200b\\ufffe&lt;"',
  )
})

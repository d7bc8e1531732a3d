import { expect, test } from 'vitest'
import { type CheckResult, judge, ledgerLine, skipped } from '../../../src/lib/core/verify/verify.js'
import { junitXml } from '../../../src/lib/ui/junit.js'

const rule = (name: string, severity: CheckResult['severity'], bad: number): CheckResult =>
  judge({ name, scope: 'rules', severity, sql: 'select "a" & b' }, bad, bad > 0 ? [{ key: '<1>\u0000' }] : [])

test('a suite for each scope that was looked at, with what failed, warned, and was not checked', () => {
  const ledger = [
    ledgerLine('lake_to_raw', 'stg_bookings', { rows_in: 3, rows_out: 2, quarantined: { 'null_key:booking_id': 1 } }),
  ]
  const checks = [
    rule('good', 'error', 0),
    rule('bad', 'error', 2),
    rule('doubtful', 'warn', 1),
    skipped('far', 'checksum', 'the source is <away>'),
  ]
  expect(junitXml({ verdict: 'fail', ledger, checks })).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="rental-etl verify" tests="5" failures="1">
  <testsuite name="counts" tests="1" failures="0" skipped="0">
    <testcase classname="counts" name="lake_to_raw stg_bookings"/>
  </testsuite>
  <testsuite name="rules" tests="3" failures="1" skipped="0">
    <testcase classname="rules" name="good"/>
    <testcase classname="rules" name="bad">
      <failure message="2 bad rows" type="error">select &quot;a&quot; &amp; b
{&quot;key&quot;:&quot;&lt;1&gt;\\u0000&quot;}</failure>
    </testcase>
    <testcase classname="rules" name="doubtful">
      <system-out>1 bad rows (warning)
select &quot;a&quot; &amp; b
{&quot;key&quot;:&quot;&lt;1&gt;\\u0000&quot;}</system-out>
    </testcase>
  </testsuite>
  <testsuite name="checksum" tests="1" failures="0" skipped="1">
    <testcase classname="checksum" name="far">
      <skipped message="-- not checked: the source is &lt;away&gt;"/>
    </testcase>
  </testsuite>
</testsuites>
`)
})

test('a hop that does not balance fails with its line', () => {
  const line = ledgerLine('source_to_lake', 'bookings', { rows_in: 2, rows_out: 1 })
  const text = JSON.stringify(line, undefined, 2).replaceAll('"', '&quot;')
  expect(junitXml({ verdict: 'fail', ledger: [line], checks: [] })).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="rental-etl verify" tests="1" failures="1">
  <testsuite name="counts" tests="1" failures="1" skipped="0">
    <testcase classname="counts" name="source_to_lake bookings">
      <failure message="unexplained 1" type="error">${text}</failure>
    </testcase>
  </testsuite>
</testsuites>
`)
})

test('nothing looked at is an empty report', () => {
  expect(junitXml({ verdict: 'ok', ledger: [], checks: [] })).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="rental-etl verify" tests="0" failures="0">\n\n</testsuites>\n',
  )
})

test('what XML cannot hold, and what a reader would not see, is written out', () => {
  const check = judge({ name: 'odd\u0001\u202e\u200b\ufffe<', scope: 'views', severity: 'error', sql: '' }, 0, [])
  expect(junitXml({ verdict: 'ok', ledger: [], checks: [check] })).toContain(
    'name="odd\\u0001\\u202e\\u200b\\ufffe&lt;"',
  )
})

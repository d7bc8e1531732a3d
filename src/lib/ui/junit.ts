import { SCOPES, type VerifyResult } from '../core/verify/verify.js'
import { toTerminal } from './terminal.js'

/** The result of verify as JUnit XML: a suite for each scope; the ledger's lines are part of counts. */
export function junitXml({ ledger, checks }: VerifyResult): string {
  const cases = [
    ...ledger.map((line) => ({
      scope: 'counts',
      name: `${line.hop} ${line.table}`,
      status: line.status,
      severity: 'error',
      message: `unexplained ${line.unexplained}`,
      detail: JSON.stringify(line, undefined, 2),
    })),
    ...checks.map((check) => ({
      scope: check.scope,
      name: check.name,
      status: check.status,
      severity: check.severity,
      message: `${check.bad_rows} bad rows`,
      detail: `${check.sql}\n${check.sample.map((row) => JSON.stringify(row)).join('\n')}`,
    })),
  ]
  const suites = SCOPES.flatMap((scope) => {
    const own = cases.filter((one) => one.scope === scope)
    if (own.length === 0) return []
    const count = (status: string): number => own.filter((one) => one.status === status).length
    const lines = own.map((one) => {
      const open = `    <testcase classname="${scope}" name="${xml(one.name)}"`
      if (one.status === 'fail')
        return `${open}>\n      <failure message="${xml(one.message)}" type="${one.severity}">${xml(one.detail)}</failure>\n    </testcase>`
      if (one.status === 'skip')
        return `${open}>\n      <skipped message="${xml(one.detail.split('\n')[0] ?? '')}"/>\n    </testcase>`
      if (one.status === 'warn')
        return `${open}>\n      <system-out>${xml(`${one.message} (warning)\n${one.detail}`)}</system-out>\n    </testcase>`
      return `${open}/>`
    })
    return [
      `  <testsuite name="${scope}" tests="${own.length}" failures="${count('fail')}" skipped="${count('skip')}">\n${lines.join('\n')}\n  </testsuite>`,
    ]
  })
  const failures = cases.filter(({ status }) => status === 'fail').length
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="rental-etl verify" tests="${cases.length}" failures="${failures}">\n${suites.join('\n')}\n</testsuites>\n`
}

/** Text as XML holds it. What XML has no way to write, and what would not be seen in a report, is written out. */
function xml(text: string): string {
  return toTerminal(text, { color: false })
    .replaceAll('\ufffe', '\\ufffe')
    .replaceAll('\uffff', '\\uffff')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

import { type CheckResult, type FailOn, isRed, SCOPES, type VerifyResult } from '../core/verify/verify.js'
import { toTerminal } from './terminal.js'

interface Case {
  scope: CheckResult['scope']
  name: string
  status: CheckResult['status']
  severity: CheckResult['severity']
  message: string
  detail: string
  duration_ms?: number
}

/**
 * The result of verify as JUnit XML: a suite for each scope; the ledger's lines are part of counts. A case has failed
 * where the exit code says so, too.
 */
export function junitXml({ ledger, checks }: VerifyResult, failOn: FailOn): string {
  const cases: Case[] = [
    ...ledger.map(({ duration_ms, ...line }) => ({
      ...timed(duration_ms),
      scope: 'counts' as const,
      name: `${line.hop} ${line.table}`,
      status: line.status,
      severity: 'error' as const,
      message: line.status === 'skip' ? 'not checked' : `unexplained ${line.unexplained}`,
      detail: JSON.stringify(line, undefined, 2),
    })),
    ...checks.map((check) => ({
      ...timed(check.duration_ms),
      scope: check.scope,
      name: check.name,
      status: check.status,
      severity: check.severity,
      message: check.status === 'skip' ? check.sql.replace(/^-- /, '') : `${check.bad_rows} bad rows`,
      detail: `${check.sql}\n${check.sample.map((row) => JSON.stringify(row)).join('\n')}`,
    })),
  ]
  const suites = SCOPES.flatMap((scope) => {
    const own = cases.filter((one) => one.scope === scope)
    if (own.length === 0) return []
    const lines = own.map((one) => caseXml(one, failOn))
    return [`  <testsuite name="${scope}" ${counts(own, failOn)}>\n${lines.join('\n')}\n  </testsuite>`]
  })
  const all = counts(cases, failOn).replace(/ skipped="\d+"/, '')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="rental-etl verify" ${all}>\n${suites.join('\n')}\n</testsuites>\n`
}

function caseXml(one: Case, failOn: FailOn): string {
  const open = `    <testcase classname="${one.scope}" name="${xml(one.name)}" time="${seconds([one])}"`
  const closed = (content: string): string => `${open}>\n      ${content}\n    </testcase>`
  if (isRed(one, failOn))
    return closed(`<failure message="${xml(one.message)}" type="${one.severity}">${xml(one.detail)}</failure>`)
  if (one.status === 'skip') return closed(`<skipped message="${xml(one.message)}"/>`)
  if (one.status === 'warn') return closed(`<system-out>${xml(`${one.message} (warning)\n${one.detail}`)}</system-out>`)
  return `${open}/>`
}

function counts(cases: readonly Case[], failOn: FailOn): string {
  const failures = cases.filter((one) => isRed(one, failOn)).length
  const skipped = cases.filter((one) => one.status === 'skip' && !isRed(one, failOn)).length
  return `tests="${cases.length}" failures="${failures}" skipped="${skipped}" time="${seconds(cases)}"`
}

function seconds(cases: readonly Case[]): string {
  return (cases.reduce((sum, { duration_ms = 0 }) => sum + duration_ms, 0) / 1000).toFixed(3)
}

function timed(ms: number | undefined): { duration_ms?: number } {
  return ms === undefined ? {} : { duration_ms: ms }
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

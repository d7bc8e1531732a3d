import type { Counts } from '../run/run.js'

export const SCOPES = ['counts', 'ledger', 'rules', 'views', 'freshness', 'checksum'] as const
export type Scope = (typeof SCOPES)[number]
/** What `verify` looks at unasked. Only freshness and checksum look at the live source. */
export const DEFAULT_SCOPES: readonly Scope[] = ['counts', 'ledger', 'rules', 'views']

export type Severity = 'error' | 'warn' | 'info'
export type Hop = 'source_to_lake' | 'lake_to_raw' | 'raw_to_curated' | 'curated_to_presentation'

/** One equation of the ledger, as a state; rows. */
export interface LedgerLine {
  hop: Hop
  table: string
  status: 'pass' | 'fail' | 'skip'
  rows_in: number
  rows_out: number
  superseded: number
  quarantined: Counts
  nullified: Counts
  filtered: Counts
  unexplained: number
  /** How long it took; for JUnit, and no part of `--json`. */
  duration_ms?: number
}

export type SampleRow = Record<string, string | number | boolean | null>

/** One check: a query for bad rows; none is a pass. */
export interface CheckResult {
  name: string
  scope: Scope
  severity: Severity
  status: 'pass' | 'warn' | 'fail' | 'skip'
  bad_rows: number
  /** The first bad rows, with their keys. */
  sample: SampleRow[]
  /** The query, for a look at all of them; for what is not a query, what was compared. */
  sql: string
  /** How long it took; for JUnit, and no part of `--json`. */
  duration_ms?: number
}

export type Verdict = 'ok' | 'warn' | 'fail'

export interface VerifyResult {
  verdict: Verdict
  ledger: LedgerLine[]
  checks: CheckResult[]
}

/** A line from its counts; it fails when anything is unexplained. */
export function ledgerLine(hop: Hop, table: string, counts: Partial<LedgerLine>): LedgerLine {
  const line: LedgerLine = {
    rows_in: 0,
    rows_out: 0,
    superseded: 0,
    quarantined: {},
    nullified: {},
    filtered: {},
    ...counts,
    hop,
    table,
    status: 'pass',
    unexplained: 0,
  }
  line.unexplained = line.rows_in - line.rows_out - line.superseded - total(line.quarantined) - total(line.filtered)
  line.status = line.unexplained === 0 ? 'pass' : 'fail'
  return line
}

export function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0)
}

/** A check's result from its bad rows; more than `allowed` of them are what its severity says. */
export function judge(
  check: Pick<CheckResult, 'name' | 'scope' | 'severity' | 'sql'>,
  badRows: number,
  sample: SampleRow[],
  allowed = 0,
): CheckResult {
  const over = badRows > allowed
  const status = !over || check.severity === 'info' ? 'pass' : check.severity === 'warn' ? 'warn' : 'fail'
  return {
    name: check.name,
    scope: check.scope,
    severity: check.severity,
    status,
    bad_rows: badRows,
    sample,
    sql: check.sql,
  }
}

/** A check that was not made, and is not counted as passed. */
export function skipped(name: string, scope: Scope, why: string): CheckResult {
  return { name, scope, severity: 'warn', status: 'skip', bad_rows: 0, sample: [], sql: `-- not checked: ${why}` }
}

/** Fail where anything failed; warn where anything warned, or was asked for and could not be checked. */
export function verdictOf(ledger: readonly LedgerLine[], checks: readonly CheckResult[]): Verdict {
  const states = [...ledger.map(({ status }) => status), ...checks.map(({ status }) => status)]
  if (states.includes('fail')) return 'fail'
  return states.includes('warn') || states.includes('skip') ? 'warn' : 'ok'
}

export type FailOn = 'error' | 'warn' | 'stale'

/** Whether a line of the ledger (scope counts) or a check makes the command red: its exit code and JUnit say the same. */
export function isRed({ scope, status }: Pick<CheckResult, 'scope' | 'status'>, failOn: FailOn): boolean {
  if (status === 'fail' || status === 'pass') return status === 'fail'
  return failOn === 'warn' || (failOn === 'stale' && scope === 'freshness')
}

/** The result as `--json` shows it. */
export function withoutDurations({ verdict, ledger, checks }: VerifyResult): VerifyResult {
  return {
    verdict,
    ledger: ledger.map(({ duration_ms: _, ...line }) => line),
    checks: checks.map(({ duration_ms: _, ...check }) => check),
  }
}

/** Gives each its part of the time that all took, where it has none of its own. */
export function withDurations<One extends { duration_ms?: number }>(all: readonly One[], ms: number): One[] {
  const own = all.reduce((sum, { duration_ms = 0 }) => sum + duration_ms, 0)
  const others = all.filter(({ duration_ms }) => duration_ms === undefined).length
  const share = Math.max(0, ms - own) / Math.max(1, others)
  return all.map((one) => ({ ...one, duration_ms: one.duration_ms ?? share }))
}

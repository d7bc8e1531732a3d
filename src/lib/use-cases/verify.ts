import { EtlError, type ExitName } from '../core/errors.js'
import { parseRule, type QualityOverrides, type QualityRule, withOverrides } from '../core/verify/quality.js'
import {
  type CheckResult,
  judge,
  type SampleRow,
  type Scope,
  skipped,
  type VerifyResult,
  verdictOf,
} from '../core/verify/verify.js'
import type { SourceCheck } from '../ports/source-check.js'
import type { StoredAudit } from '../ports/stored-audit.js'
import type { Cell, Warehouse } from '../ports/warehouse.js'
import { type LedgerSql, ledgerState } from './ledger-state.js'

export interface VerifyPorts {
  warehouse: Warehouse
  audit: StoredAudit
  source: SourceCheck
  /** Texts of sql/checks and sql/ledger, by name. */
  checks: Record<string, string>
  ledger: LedgerSql
}

export interface VerifyOptions {
  scopes: readonly Scope[]
  overrides: QualityOverrides
  /** The as-of date that a run would have now. */
  expectedAsOf: string
  signal: AbortSignal
  onScope?: (scope: Scope) => void
}

const SAMPLE_ROWS = 5

/** Looks at everything that the scopes name. @throws EtlError CONFIG_INVALID for a rule of quality.yml that cannot run */
export async function verify(ports: VerifyPorts, options: VerifyOptions): Promise<VerifyResult> {
  const { scopes, signal } = options
  const { warehouse, audit, source } = ports
  const result: VerifyResult = { verdict: 'ok', ledger: [], checks: [] }
  const rules = withOverrides(
    Object.entries(ports.checks).map(([name, text]) => parseRule(name, text)),
    options.overrides,
  )
  const own = new Set((options.overrides.add ?? []).map(({ name }) => name))
  const built = (await rowsOf(warehouse, 'select 1 as n from curated.build', signal)).length > 0
  const unbuilt = built ? undefined : 'curated was not built yet: rental-etl resume'
  const rulesOf = (name: Scope): QualityRule[] => rules.filter(({ scope }) => scope === name)
  const steps: Record<Scope, () => Promise<CheckResult[]>> = {
    counts: async () => {
      const state = await ledgerState(warehouse, ports.ledger)
      result.ledger = state.ledger
      return state.checks
    },
    ledger: () => audit.content(signal),
    rules: () => checkRules(warehouse, rulesOf('rules'), own, unbuilt, signal),
    views: async () => {
      if (unbuilt) return checkRules(warehouse, rulesOf('views'), own, unbuilt, signal)
      const defined = await audit.views(signal)
      const why = defined.status === 'fail' ? 'the views are not as defined: rental-etl rerun curated' : undefined
      return [defined, ...(await checkRules(warehouse, rulesOf('views'), own, why, signal))]
    },
    freshness: () => checkFreshness(warehouse, source, options.expectedAsOf, built, signal),
    checksum: () => source.compare(signal),
  }
  for (const scope of scopes) {
    options.onScope?.(scope)
    result.checks.push(...(await steps[scope]()))
  }
  return { ...result, verdict: verdictOf(result.ledger, result.checks) }
}

/** What `verify` says where there is no warehouse, for a monitor that asks whether the data are stale. */
export function neverRan(): VerifyResult {
  const check = {
    name: 'ever_ran',
    scope: 'freshness',
    severity: 'error',
    sql: '-- there is no warehouse yet',
  } as const
  const checks = [judge(check, 1, [])]
  return { verdict: verdictOf([], checks), ledger: [], checks }
}

export type FailOn = 'error' | 'warn' | 'stale'

/** The exit code of a verdict (cli.md §4). */
export function verifyExit({ verdict, ledger, checks }: VerifyResult, failOn: FailOn): ExitName {
  const isStale = ({ scope, status }: CheckResult): boolean => scope === 'freshness' && status !== 'pass'
  const judged = failOn === 'stale' ? checks.filter((check) => !isStale(check)) : checks
  if ([...ledger, ...judged].some(({ status }) => status === 'fail')) return 'failed'
  if (failOn === 'stale' && checks.some(isStale)) return 'stale'
  return failOn === 'warn' && verdict === 'warn' ? 'warnings' : 'ok'
}

/** @param why the rules cannot be checked; undefined where they can */
async function checkRules(
  warehouse: Warehouse,
  rules: readonly QualityRule[],
  own: ReadonlySet<string>,
  why: string | undefined,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const rule of rules) {
    if (why !== undefined) results.push(skipped(rule.name, rule.scope, why))
    else results.push(await checkRule(warehouse, rule, own.has(rule.name), signal))
  }
  return results
}

async function checkRule(
  warehouse: Warehouse,
  rule: QualityRule,
  own: boolean,
  signal: AbortSignal,
): Promise<CheckResult> {
  try {
    // On lines of its own: a query may end with a comment.
    const [row] = await rowsOf(warehouse, `select count(*) as n from (\n${rule.sql}\n) as bad`, signal)
    const bad = Number(row?.['n'] ?? 0)
    const sample =
      bad > 0 ? await rowsOf(warehouse, `select * from (\n${rule.sql}\n) as bad limit ${SAMPLE_ROWS}`, signal) : []
    return judge(rule, bad, sample, rule.allowed)
  } catch (error) {
    if (!own || !(error instanceof EtlError)) throw error
    throw new EtlError(`quality.yml: rule ${rule.name} cannot run: ${error.message}`, {
      code: 'CONFIG_INVALID',
      suggestions: ['rental-etl tables   # relations and their columns'],
      cause: error,
    })
  }
}

/** Whether the views show what they could: the last complete day, rows, and a source that has not moved on. */
async function checkFreshness(
  warehouse: Warehouse,
  source: SourceCheck,
  expectedAsOf: string,
  built: boolean,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  if (!built)
    return [
      judge({ name: 'ever_built', scope: 'freshness', severity: 'error', sql: 'select * from curated.build' }, 1, []),
    ]
  const asOf = 'select run_id, as_of from curated.build'
  const behind = (await rowsOf(warehouse, asOf, signal)).filter((row) => String(row['as_of']) < expectedAsOf)
  const empty = `select table_name, source_rows from raw_data.load_log where seq = (select max(seq) from raw_data.load_log) and source_rows = 0`
  const emptyRows = await rowsOf(warehouse, empty, signal)
  return [
    judge(
      { name: 'as_of_is_current', scope: 'freshness', severity: 'warn', sql: asOf },
      behind.length,
      behind.map((row) => ({ ...row, expected: expectedAsOf })),
    ),
    judge({ name: 'source_not_empty', scope: 'freshness', severity: 'warn', sql: empty }, emptyRows.length, emptyRows),
    ...(await source.count(signal)),
  ]
}

async function rowsOf(warehouse: Warehouse, sql: string, signal: AbortSignal): Promise<SampleRow[]> {
  const { columns, chunks } = await warehouse.query(sql, signal)
  const rows: SampleRow[] = []
  for await (const chunk of chunks) {
    for (const row of chunk) rows.push(Object.fromEntries(columns.map(({ name }, at) => [name, row[at] as Cell])))
  }
  return rows
}

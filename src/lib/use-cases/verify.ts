import { EtlError, type ExitName } from '../core/errors.js'
import { BUILD_QUERY, type Build, UNBUILT } from '../core/sql/build.js'
import { parseRule, type QualityOverrides, type QualityRule, withOverrides } from '../core/verify/quality.js'
import { UNIQUE_KEYS } from '../core/verify/unique-keys.js'
import {
  type CheckResult,
  type FailOn,
  isRed,
  judge,
  type SampleRow,
  type Scope,
  skipped,
  type VerifyResult,
  verdictOf,
  withDurations,
} from '../core/verify/verify.js'
import type { Clock } from '../ports/clock.js'
import type { RunRecord } from '../ports/run-store.js'
import type { SourceCheck } from '../ports/source-check.js'
import type { StoredAudit } from '../ports/stored-audit.js'
import type { Warehouse } from '../ports/warehouse.js'
import { checkFreshness, type Due } from './freshness.js'
import { type LedgerSql, ledgerState } from './ledger-state.js'
import { checkNewestBuild, checkNewestLoad } from './newest-load.js'
import { ask, together } from './question.js'
import { checkReconciled } from './reconciled.js'
import { sampleOf } from './row-stream.js'

export interface VerifyPorts {
  warehouse: Warehouse
  audit: StoredAudit
  source: SourceCheck
  /** All runs, newest first, as they were before the warehouse was opened: none of them has loaded what it does not hold. */
  runs: readonly RunRecord[]
  clock: Clock
  /** Texts of sql/checks, sql/ledger and sql/presentation, by name. */
  checks: Record<string, string>
  ledger: LedgerSql
  views: Record<string, string>
}

export interface VerifyOptions {
  scopes: readonly Scope[]
  overrides: QualityOverrides
  due: Due
  signal: AbortSignal
  onScope?: (scope: Scope) => void
}

const SAMPLE_ROWS = 5

/** Looks at everything that the scopes name. @throws EtlError CONFIG_INVALID for a rule of quality.yml that cannot run */
export async function verify(ports: VerifyPorts, options: VerifyOptions): Promise<VerifyResult> {
  const { scopes, signal } = options
  const { warehouse, audit, source, clock } = ports
  const result: VerifyResult = { verdict: 'ok', ledger: [], checks: [] }
  const rules = withOverrides(
    Object.entries(ports.checks).map(([name, text]) => parseRule(name, text)),
    options.overrides,
  )
  let read: Promise<Build | undefined> | undefined
  const built = (): Promise<Build | undefined> => {
    read ??= warehouse.read<{ builds: Build }>({ builds: BUILD_QUERY }).then(({ builds }) => builds[0])
    return read
  }
  const unbuilt = async (): Promise<string | undefined> => ((await built()) ? undefined : UNBUILT)
  const checked = (scope: Scope, why: string | undefined): Promise<CheckResult[]> =>
    checkRules(
      ports,
      rules.filter((rule) => rule.scope === scope),
      why,
    )
  const steps: Record<Scope, () => Promise<CheckResult[]>> = {
    counts: async () => {
      const build = await built()
      const asked = together(ledgerState(ports.ledger, build), checkNewestLoad(ports.runs), checkReconciled())
      const [state, load, reconciled] = await ask(warehouse, asked)
      result.ledger = state.ledger
      return [...state.checks, load, checkNewestBuild(build, ports.runs), reconciled]
    },
    ledger: () => audit.content(signal),
    rules: async () => checked('rules', await unbuilt()),
    views: async () => {
      const not = await unbuilt()
      if (not !== undefined) return checked('views', not)
      const defined = await audit.views(signal)
      const why = defined.status === 'fail' ? 'the views are not as defined: rental-etl rerun curated' : undefined
      const asked = rules.filter((rule) => rule.scope === 'views').map(({ sql }) => sql)
      // What other scopes ask after this one is not known here.
      if (why === undefined)
        await warehouse.keep(Object.keys(ports.views), scopes.at(-1) === 'views' ? asked : undefined)
      return [defined, ...(await checked('views', why))]
    },
    freshness: async () => {
      const build = await built()
      return [...(await checkFreshness(ports, build, options.due)), ...(build ? await source.count(signal) : [])]
    },
    checksum: () => source.compare(signal),
  }
  for (const scope of scopes) {
    options.onScope?.(scope)
    const begin = clock.now().getTime()
    const checks = await steps[scope]().catch((error) => [cannotLook(scope, error)])
    const lasted = clock.now().getTime() - begin
    // The ledger's lines are counted with the checks of their scope, and share its time.
    const lines = scope === 'counts' ? result.ledger : []
    const timed = withDurations<{ duration_ms?: number }>([...lines, ...checks], lasted)
    result.ledger = result.ledger.map((line, at) => (scope === 'counts' ? { ...line, ...timed[at] } : line))
    result.checks.push(...(timed.slice(lines.length) as CheckResult[]))
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

/** The exit code of a verdict (cli.md §4). */
export function verifyExit({ ledger, checks }: VerifyResult, failOn: FailOn): ExitName {
  const all = [...ledger.map(({ status }) => ({ scope: 'counts' as const, status })), ...checks]
  const red = all.filter((one) => isRed(one, failOn))
  const isStale = ({ scope }: Pick<CheckResult, 'scope'>): boolean => failOn === 'stale' && scope === 'freshness'
  if (red.some((one) => one.status === 'fail' && !isStale(one))) return 'failed'
  if (red.some(isStale)) return 'stale'
  return red.length > 0 ? 'warnings' : 'ok'
}

/** What to type after a verdict. */
export function nextAfterVerify({ verdict, ledger, checks }: VerifyResult): string[] {
  if (verdict === 'ok') return []
  const open = checks.filter(({ status }) => status !== 'pass')
  if (open.some(({ name }) => name === 'newest_run_succeeded')) return ['rental-etl runs show @failed']
  if (open.some(({ scope }) => scope === 'freshness')) return ['rental-etl run --watch']
  if (verdict === 'fail') return ['rental-etl run --full-refresh   # loads everything again from the source']
  // A line of the ledger is skipped only where curated waits for the rest of a run.
  if (ledger.some(({ status }) => status === 'skip')) return ['rental-etl resume']
  const unbuilt = open.find(({ status, sql }) => status === 'skip' && / rental-etl (resume|rerun curated)$/.test(sql))
  if (unbuilt) return [unbuilt.sql.slice(unbuilt.sql.indexOf('rental-etl '))]
  const odd = open.filter(({ name }) => name !== 'source_reconciled')
  const scopes = [...new Set(odd.map(({ scope }) => scope))].join(',')
  return [
    ...(odd.length < open.length
      ? ['rental-etl run   # looks for the changes and deletions that bookmarks alone do not see']
      : []),
    ...(scopes === ''
      ? []
      : [`rental-etl verify --scope ${scopes} --json   # each with its query and its first bad rows`]),
  ]
}

/** A scope that cannot be looked at since somebody changed the tables is red, and the others go on. @throws any other error */
function cannotLook(scope: Scope, error: unknown): CheckResult {
  if (!(error instanceof EtlError) || error.code !== 'WAREHOUSE_STRUCTURE') throw error
  const check = {
    name: `${scope}_can_be_looked_at`,
    scope,
    severity: 'error',
    sql: '-- all checks of the scope',
  } as const
  return judge(check, 1, [{ problem: error.message }])
}

/** @param why the rules cannot be checked; undefined where they can */
async function checkRules(
  { warehouse, clock }: VerifyPorts,
  rules: readonly QualityRule[],
  why: string | undefined,
): Promise<CheckResult[]> {
  const whyNot = ({ off }: QualityRule): string | undefined => (off ? 'quality.yml switched it off' : why)
  const looked = rules.filter((rule) => whyNot(rule) === undefined && rule.where === undefined)
  const unique = await knownUnique(warehouse, looked)
  const ours = looked.filter(({ name }) => !unique.has(name))
  const samples = ours.map((rule) => [rule.name, sampleQuery(rule)])
  const found = ours.length === 0 ? {} : await warehouse.read<Record<string, SampleRow>>(Object.fromEntries(samples))
  const results: CheckResult[] = []
  for (const rule of rules) {
    const not = whyNot(rule)
    if (not !== undefined) results.push(skipped(rule.name, rule.scope, not))
    else if (rule.where === undefined) results.push(judgeOurs(rule, found[rule.name] ?? []))
    else {
      const begin = clock.now().getTime()
      const result = await checkOfUser(warehouse, rule, rule.where)
      results.push({ ...result, duration_ms: clock.now().getTime() - begin })
    }
  }
  return results
}

/** Rules of which is known that they find nothing: their queries say no more of a table whose keys are unique. */
async function knownUnique(warehouse: Warehouse, rules: readonly QualityRule[]): Promise<ReadonlySet<string>> {
  const tables = rules.flatMap(({ name }) => {
    const table = UNIQUE_KEYS[name]
    return table === undefined ? [] : [[name, table] as const]
  })
  return tables.length === 0 ? new Set() : warehouse.knownUnique(Object.fromEntries(tables))
}

const IN_ALL = 'bad_rows_in_all'

/** One statement: the first bad rows, and with each of them how many there are. */
function sampleQuery({ sql }: QualityRule): string {
  // On lines of its own: a query may end with a comment.
  return `select *, count(*) over () as ${IN_ALL} from (\n${sql}\n) as bad limit ${SAMPLE_ROWS}`
}

function judgeOurs(rule: QualityRule, rows: readonly SampleRow[]): CheckResult {
  const sample = rows.map(({ [IN_ALL]: _, ...row }) => row)
  return judge(rule, Number(rows[0]?.[IN_ALL] ?? 0), sample, rule.allowed)
}

/** @param where it stands in quality.yml */
async function checkOfUser(warehouse: Warehouse, rule: QualityRule, where: string): Promise<CheckResult> {
  try {
    const { rows, last } = await sampleOf(await warehouse.query(sampleQuery(rule)))
    return judge(rule, Number(last ?? 0), rows, rule.allowed)
  } catch (error) {
    if (!(error instanceof EtlError)) throw error
    throw new EtlError(`${where}: rule ${rule.name} cannot run: ${error.message}`, {
      code: 'CONFIG_INVALID',
      suggestions: ['rental-etl tables   # relations and their columns'],
      cause: error,
    })
  }
}

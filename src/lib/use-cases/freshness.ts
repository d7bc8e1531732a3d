import { type Cron, parseCron, previousMoment } from '../core/config/cron.js'
import { SOURCE_TABLES } from '../core/model.js'
import { BUILD_QUERY, type Build, NOT_BUILT } from '../core/sql/build.js'
import { type CheckResult, judge, type SampleRow, type Severity } from '../core/verify/verify.js'
import { durationMs } from '../core/words/duration.js'
import type { Clock } from '../ports/clock.js'
import type { RunRecord } from '../ports/run-store.js'
import type { Warehouse } from '../ports/warehouse.js'

/** When a run is due, and when it is late. */
export interface Due {
  schedule: Cron
  graceMs: number
  /** The as-of date of a run that begins at a moment. */
  asOf(at: Date): string
}

/** When a run is due by the settings of a target. */
export function dueOf({ schedule, grace }: { schedule: string; grace: string }, asOf: (at: Date) => string): Due {
  // Both were looked at where they were read.
  return { schedule: parseCron(schedule), graceMs: durationMs(grace) ?? 0, asOf }
}

export interface FreshnessPorts {
  warehouse: Warehouse
  /** Newest first. */
  runs: readonly RunRecord[]
  clock: Clock
  /** Texts of sql/presentation, by name. */
  views: Record<string, string>
}

/**
 * Whether the views show what they should by now: measured against the last time a run was due whose grace is over.
 * Before the night's load is due nothing is stale; the live source is not looked at.
 */
export async function checkFreshness(
  { warehouse, runs, clock, views }: FreshnessPorts,
  build: Build | undefined,
  { schedule, graceMs, asOf }: Due,
): Promise<CheckResult[]> {
  const newest = newestRun(runs)
  if (!build) return [check('ever_built', 'error', BUILD_QUERY, [{ problem: NOT_BUILT }]), newest]
  const now = clock.now()
  const due = previousMoment(schedule, new Date(now.getTime() - graceMs))
  return [
    newest,
    onTime(runs, due, now),
    asOfIsCurrent(build, asOf(due ?? now)),
    ...(await nothingEmpty(warehouse, views)),
  ]
}

const SOURCE_ROWS =
  'select table_name, source_rows from raw_data.load_log where seq = (select max(seq) from raw_data.load_log) and /* which */'

const RAW_EMPTY = `select l.table_name, l.source_rows, r.raw_rows from (${SOURCE_ROWS.replace('/* which */', 'source_rows > 0')}) l join (${SOURCE_TABLES.map(
  ({ name, raw }) => `select '${name}' as table_name, count(*) as raw_rows from raw_data.${raw}`,
).join(' union all ')}) r on r.table_name = l.table_name where r.raw_rows = 0`

/** What is canceled was stopped by somebody; whether that makes the load late, the schedule tells. */
function newestRun(runs: readonly RunRecord[]): CheckResult {
  const ended = runs.find(({ state: { status } }) => status === 'succeeded' || status === 'failed')
  const bad = ended?.state.status === 'failed' ? [ended] : []
  return check(
    'newest_run_succeeded',
    'warn',
    '-- the newest run of the history that ended by itself',
    bad.map(({ state }) => ({
      run_id: state.run_id,
      started_at: state.started_at,
      error: state.error?.message ?? null,
    })),
  )
}

/** Whether a run has read the source and built curated since it was due. */
function onTime(runs: readonly RunRecord[], due: Date | undefined, now: Date): CheckResult {
  const sql = '-- when the newest run that succeeded read the source, against the schedule'
  if (due === undefined) return check('run_on_time', 'warn', sql, [])
  // What a clock ahead has written down would pass for fresh until that day.
  const times = runs.flatMap((record) => readAt(record, runs) ?? []).filter(({ at }) => Date.parse(at) <= now.getTime())
  const last = times.sort((a, b) => Date.parse(b.at) - Date.parse(a.at))[0]
  const late = last === undefined || Date.parse(last.at) < due.getTime()
  const sample = { due: due.toISOString(), newest_run: last?.run ?? null, read_at: last?.at ?? null }
  return check('run_on_time', 'warn', sql, late ? [sample] : [])
}

/** When the source was read for what a run built; a layer that was skipped was done by another run. */
function readAt({ state }: RunRecord, runs: readonly RunRecord[]): { run: string; at: string } | undefined {
  const [extract, , curated] = state.layers
  if (state.status !== 'succeeded' || curated?.status !== 'succeeded') return undefined
  const by = extract?.status === 'skipped' ? extract.done_by : state.run_id
  const started = runs.find((record) => record.state.run_id === by)?.state.started_at
  return started ? { run: state.run_id, at: started } : undefined
}

function asOfIsCurrent({ run_id, as_of }: Build, expected: string): CheckResult {
  return check('as_of_is_current', 'warn', BUILD_QUERY, as_of < expected ? [{ run_id, as_of, expected }] : [])
}

async function nothingEmpty(warehouse: Warehouse, views: Record<string, string>): Promise<CheckResult[]> {
  const statements = {
    source_not_empty: SOURCE_ROWS.replace('/* which */', 'source_rows = 0'),
    raw_not_empty: RAW_EMPTY,
    views_not_empty: emptyViews(views),
  }
  const rows = await warehouse.read<Record<string, SampleRow>>(statements)
  return Object.entries(statements).map(([name, sql]) => check(name, 'warn', sql, rows[name] ?? []))
}

/** Views without rows, though every source table that they are made of has some. */
function emptyViews(views: Record<string, string>): string {
  const sources = {
    'curated.dim_listings': 'raw_data.stg_apartments',
    'curated.fact_bookings': 'raw_data.stg_bookings',
  }
  const parts = Object.entries(views).map(([name, text]) => {
    const tables = Object.entries(sources).filter(([curated]) => text.includes(curated))
    const has = [`presentation.${name}`, ...tables.map(([, raw]) => raw)].map(
      (relation) => `exists (select 1 from ${relation})`,
    )
    return `select '${name}' as view_name where not ${has.join(' and ')}`
  })
  return parts.length > 0 ? parts.join(' union all ') : 'select 1 where false'
}

function check(name: string, severity: Severity, sql: string, bad: SampleRow[]): CheckResult {
  return judge({ name, scope: 'freshness', severity, sql }, bad.length, bad)
}

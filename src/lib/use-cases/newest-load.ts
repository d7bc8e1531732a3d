import { SOURCE_TABLES } from '../core/model.js'
import type { TableFlow } from '../core/run/run.js'
import { BUILD_QUERY, type Build } from '../core/sql/build.js'
import { literal } from '../core/sql/names.js'
import { type CheckResult, judge, type SampleRow } from '../core/verify/verify.js'
import type { RunRecord } from '../ports/run-store.js'
import { type Question, question } from './question.js'

type Moved = Pick<TableFlow, 'table' | 'inserted' | 'updated' | 'deleted'>

/**
 * Whether the warehouse still knows the newest load that moved rows, and what that moved: the run history says it from
 * outside, so that a warehouse that was removed, replaced or emptied is not taken for one that is in order.
 */
export function checkNewestLoad(runs: readonly RunRecord[]): Question<CheckResult> {
  const found = runs.map(loadOf).find(({ tables }) => tables.some(moves))
  const judged = (sql: string, bad: SampleRow[]): CheckResult =>
    judge({ name: 'newest_load_is_known', scope: 'counts', severity: 'error', sql }, bad.length, bad)
  if (found === undefined) {
    return { statements: {}, answer: () => judged('-- no run of the history has moved rows', []) }
  }
  const load = `select table_name, inserted, updated, deleted from raw_data.load_log where run_id = ${literal(found.run)}`
  return question<{ load: LoadRow }, CheckResult>({ load }, (rows) => judged(load, differing(found, rows.load)))
}

/**
 * Whether curated is what the newest build of the run history made: as of its date, under its name. A run that was killed
 * between may have built more than its record says.
 */
export function checkNewestBuild(build: Build | undefined, runs: readonly RunRecord[]): CheckResult {
  const last = runs.findIndex(({ state }) =>
    state.layers.some(({ layer, status }) => layer === 'curated' && status === 'succeeded'),
  )
  const bad = last === -1 ? [] : differingBuild(runs.slice(0, last + 1), build)
  return judge({ name: 'newest_build_is_known', scope: 'counts', severity: 'error', sql: BUILD_QUERY }, bad.length, bad)
}

/** @param runs down to the newest that is known to have built curated */
function differingBuild(runs: readonly RunRecord[], build: Build | undefined): SampleRow[] {
  const last = runs.at(-1)?.state.run_id ?? null
  if (!build) return [{ run_id: last, problem: 'has built curated, and curated.build has no row' }]
  const by = runs.find(({ state }) => state.run_id === build.run_id)
  if (!by)
    return [
      { run_id: last, build: build.run_id, problem: 'has built curated last, and curated.build names another run' },
    ]
  if (by.request.as_of === build.as_of) return []
  return [{ run_id: by.state.run_id, as_of: by.request.as_of, build: build.as_of, problem: 'has another as-of date' }]
}

type LoadRow = { table_name: string; inserted: string; updated: string; deleted: string }

/** A manifest is loaded under the name of the run that extracted it. */
function loadOf({ request, state }: RunRecord): { run: string; tables: Moved[] } {
  const raw = state.layers.find(({ layer }) => layer === 'raw')
  const tables = raw?.status === 'succeeded' ? raw.tables : []
  return { run: request.manifest_run ?? state.run_id, tables }
}

function moves({ inserted, updated, deleted }: Moved): boolean {
  return inserted + updated + deleted > 0
}

function differing({ run, tables }: { run: string; tables: Moved[] }, rows: readonly LoadRow[]): SampleRow[] {
  if (rows.length === 0) {
    const loaded = tables.reduce((sum, { inserted, updated }) => sum + inserted + updated, 0)
    return [{ run_id: run, problem: `loaded ${loaded} rows, and raw_data.load_log does not know it` }]
  }
  return tables.flatMap(({ table, inserted, updated, deleted }) => {
    const name = SOURCE_TABLES.find(({ raw }) => raw === table)?.name
    const of = rows.filter((row) => row.table_name === name)
    // One manifest may have been loaded twice.
    const known = of.some(
      (row) => Number(row.inserted) === inserted && Number(row.updated) === updated && Number(row.deleted) === deleted,
    )
    if (known) return []
    const told = of.map((row) => `${row.inserted} inserted, ${row.updated} updated, ${row.deleted} deleted`).join('; ')
    const record = `${inserted} inserted, ${updated} updated, ${deleted} deleted`
    return [{ run_id: run, table, run_record: record, load_log: told || null }]
  })
}

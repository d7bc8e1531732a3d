import { SOURCE_TABLES, type SourceTable } from '../../../core/model.js'
import { literal } from '../../../core/sql/names.js'
import { type CheckResult, type SampleRow, skipped } from '../../../core/verify/verify.js'
import type { Database } from '../engine/database.js'
import { digestQuery } from '../engine/digest.js'
import { found, safely } from './check.js'
import { entryOf, type Load, type LogRow } from './loads.js'

/** The load log against the manifests that were loaded. */
export function auditLoadLog(loads: readonly Load[]): CheckResult {
  const bad = loads.flatMap((load) =>
    SOURCE_TABLES.flatMap((table) =>
      load.rows.filter(({ table_name }) => table_name === table.name).flatMap((row) => differences(load, table, row)),
    ),
  )
  return found('load_log_as_loaded', 'each row of the load log against the manifest that was loaded', bad)
}

function differences(load: Load, table: SourceTable, row: LogRow): SampleRow[] {
  const entry = entryOf(load, table)
  if (!entry || !load.manifest || load.changed) return []
  const { reconciled } = load.manifest
  const wanted: Record<string, string | boolean> = {
    source_unchanged: String(entry.unchanged),
    rows_in: String(entry.extracted + entry.rejected),
    reconciled,
    full_refresh: entry.full,
    // Without reconciling it is what stood there before and what came.
    ...(reconciled || entry.full ? { source_rows: String(entry.source_rows) } : {}),
  }
  return Object.entries(wanted).flatMap(([column, value]) =>
    row[column] === value
      ? []
      : [{ table: table.name, seq: row.seq, column, logged: row[column] ?? null, loaded: String(value) }],
  )
}

/** Each raw table against the digest that its last load has kept: also where the lake is gone. */
export async function auditDigests(db: Database): Promise<CheckResult[]> {
  const rows = await db.all<{ table_name: string; digest: string | null; version: string }>(
    `select table_name, arg_max(digest, seq) as digest, version() as version from raw_data.load_log group by table_name`,
  )
  const checks: CheckResult[] = []
  for (const table of SOURCE_TABLES) {
    const kept = rows.find(({ table_name }) => table_name === table.name)
    if (!kept) continue
    const name = `raw_digest_${table.raw}`
    if (!kept.digest?.startsWith(`${kept.version} `)) {
      const why = kept.digest ? 'its digest is one of another version of the engine' : 'its load has kept no digest'
      checks.push(skipped(name, 'ledger', `${why}; the next load of the table keeps one`))
      continue
    }
    const sql = digestQuery(table)
    const { digest } = kept
    const look = async (): Promise<CheckResult> => {
      const [now] = await db.all<{ digest: string }>(`select (${sql}) as digest`)
      const bad = now?.digest === digest ? [] : [{ table: table.raw, problem: 'is not as its last load left it' }]
      return { ...found(name, '', bad), sql: `${sql}\n-- kept in raw_data.load_log: ${literal(digest)}` }
    }
    checks.push(await safely(name, 'ledger', sql, look))
  }
  return checks
}

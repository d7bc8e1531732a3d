import { SOURCE_TABLES, type SourceTable } from '../model.js'
import { found } from './found.js'
import { entryOf, type Load, type LogRow } from './loads.js'
import type { CheckResult, SampleRow } from './verify.js'

/** The load log against the manifests that were loaded; of a run whose manifest is gone nothing is known. */
export function checkLoadLog(loads: readonly Load[]): CheckResult {
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

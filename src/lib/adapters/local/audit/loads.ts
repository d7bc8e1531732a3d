import type { SourceTable } from '../../../core/model.js'
import type { Manifest, ManifestTable } from '../../../core/run/manifest.js'
import type { Cell } from '../../../ports/warehouse.js'
import type { Database } from '../engine/database.js'
import { exists, readJson } from '../home/files.js'
import type { HomePaths } from '../home/paths.js'
import { manifestHash } from '../jobs/manifest-file.js'

/** A row of the load log. */
export interface LogRow extends Record<string, Cell> {
  seq: string
  run_id: string
  table_name: string
  manifest_hash: string
  source_rows: string
  source_unchanged: string
  rows_in: string
  reconciled: boolean
  full_refresh: boolean
}

/** The loads of one run, and the manifest that they were of. */
export interface Load {
  runId: string
  rows: LogRow[]
  manifest: Manifest | undefined
  /** The manifest is not the one that was loaded. */
  changed: boolean
}

/** All loads of a warehouse, oldest first, each with its manifest where that is still there. */
export async function readLoads(db: Database, paths: HomePaths): Promise<Load[]> {
  const rows = await db.all<LogRow>(
    'select seq, run_id, table_name, manifest_hash, source_rows, source_unchanged, rows_in, reconciled, full_refresh from raw_data.load_log order by seq',
  )
  const runs = [...new Set(rows.map(({ run_id }) => run_id))]
  return Promise.all(
    runs.map(async (runId) => {
      const own = rows.filter(({ run_id }) => run_id === runId)
      const manifest = await readKnown(paths.manifest(runId))
      const changed = manifest !== undefined && manifestHash(manifest) !== own.at(-1)?.manifest_hash
      return { runId, rows: own, manifest, changed }
    }),
  )
}

/** The loads of one table since it was last rebuilt. */
export function sinceRebuild(loads: readonly Load[], table: SourceTable): Load[] {
  const full = loads.findLastIndex(({ rows }) => rowsOf(rows, table).some(({ full_refresh }) => full_refresh))
  return loads.slice(Math.max(full, 0))
}

/** The numbers under which a run loaded a table. */
export function seqsOf({ rows }: Load, table: SourceTable): number[] {
  return rowsOf(rows, table).map(({ seq }) => Number(seq))
}

export function entryOf({ manifest }: Load, table: SourceTable): ManifestTable | undefined {
  return manifest?.tables.find((entry) => entry.table === table.name)
}

function rowsOf(rows: readonly LogRow[], { name }: SourceTable): LogRow[] {
  return rows.filter(({ table_name }) => table_name === name)
}

async function readKnown(path: string): Promise<Manifest | undefined> {
  const read = (await exists(path)) ? await readJson<Manifest | null>(path).catch(() => undefined) : undefined
  return Array.isArray(read?.tables) ? read : undefined
}

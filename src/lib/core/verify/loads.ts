import type { SourceTable } from '../model.js'
import type { Manifest, ManifestTable } from '../run/manifest.js'

/** A row of the load log, as far as it is held against the manifests. */
export interface LogRow extends Record<string, string | number | boolean | null> {
  seq: string
  run_id: string
  table_name: string
  manifest_hash: string
  source_rows: string
  source_unchanged: string
  rows_in: string
  reconciled: boolean
  full_refresh: boolean
  loaded_at: string
}

/** Gives these rows, in the order of loads. */
export const LOG_QUERY = `select seq, run_id, table_name, manifest_hash, source_rows, source_unchanged, rows_in, reconciled, full_refresh, loaded_at
  from raw_data.load_log order by seq`

/** The loads of one run, and the manifest that they were of. */
export interface Load {
  runId: string
  rows: LogRow[]
  manifest: Manifest | undefined
  /** The manifest is not the one that was loaded. */
  changed: boolean
}

/** The runs that have loaded, in the order in which each did so first. */
export function loadedRuns(rows: readonly LogRow[]): string[] {
  return [...new Set(rows.map(({ run_id }) => run_id))]
}

/**
 * All loads of a warehouse, oldest first.
 * @param manifests those that are there, by run
 * @param hash what the load log keeps of one
 */
export function loadsOf(
  rows: readonly LogRow[],
  manifests: ReadonlyMap<string, Manifest>,
  hash: (manifest: Manifest) => string,
): Load[] {
  return loadedRuns(rows).map((runId) => {
    const own = rows.filter(({ run_id }) => run_id === runId)
    const manifest = manifests.get(runId)
    const changed = manifest !== undefined && hash(manifest) !== own.at(-1)?.manifest_hash
    return { runId, rows: own, manifest, changed }
  })
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

/** What a load's manifest says of a table. */
export function entryOf({ manifest }: Load, table: SourceTable): ManifestTable | undefined {
  return manifest?.tables.find((entry) => entry.table === table.name)
}

function rowsOf(rows: readonly LogRow[], { name }: SourceTable): LogRow[] {
  return rows.filter(({ table_name }) => table_name === name)
}

/** A document as a manifest; undefined where it is none. */
export function asManifest(document: unknown): Manifest | undefined {
  return Array.isArray((document as Manifest | null)?.tables) ? (document as Manifest) : undefined
}

import type { Counts } from './run.js'

/** A Parquet file of the lake; `path` is relative to the lake's root, `sha256` is that of its bytes. */
export interface LakeFile {
  path: string
  bytes: number
  rows: number
  sha256: string
  /** By which S3 tells this object from any other of its path; a lake on this machine has none. */
  etag?: string
}

/** What one extract found in one table. */
export interface ManifestTable {
  table: string
  /** Data rows of the source, counted by the reader; with `--reconcile never` those beyond the bookmark. */
  source_rows: number
  /** Rows, good or bad, that raw holds already. */
  unchanged: number
  /** Good rows in `files`, copies of one key counted each. */
  extracted: number
  /** Keys that raw holds and the source does not; in `files` as rows with `_deleted`. */
  tombstones: number
  /** True when several rows in `files` have the same key. */
  copies: boolean
  /** True when raw is to be rebuilt from `files`. */
  full: boolean
  rejected: number
  rejected_by_rule: Counts
  /** Rejects of an earlier run that the source no longer holds. */
  cleared: number
  /** Texts that were cut to Redshift's limit, by column. */
  truncated: Counts
  /** Columns of the source that the model does not know; they are not loaded. */
  drift: string[]
  /** Optional columns that the source does not have. */
  absent: string[]
  files: LakeFile[]
  rejected_files: LakeFile[]
  /** Hash of the names and types of the files' columns. */
  schema_hash: string
  /** Of the whole source of the table, by the rules of the typing that read it; absent where it was not read whole. */
  fingerprint?: string
  /** The list of the blocks that the source was made of, of this target alone; absent where it has none. */
  blocks?: LakeFile
  /** The stamp of the warehouse's file in which raw was seen to be as its last load left it; of this target alone. */
  as_loaded?: string
}

/** `runs/<run_id>/manifest.json`: written last, it makes an extract visible, whole. */
export interface Manifest {
  version: 1
  run_id: string
  as_of: string
  reconciled: boolean
  /** The version of raw (load_log.seq) that the extract was compared with. */
  raw_seq: number
  /** The newest change of bookmarks (bookmark_changes.seq) that the extract knew; absent where there was none. */
  bookmark_seq?: number
  tables: ManifestTable[]
}

/** True when loading the manifest would change nothing. */
export function isEmpty(manifest: Manifest): boolean {
  return manifest.tables.every(
    (table) =>
      !table.full && table.extracted === 0 && table.tombstones === 0 && table.rejected === 0 && table.cleared === 0,
  )
}

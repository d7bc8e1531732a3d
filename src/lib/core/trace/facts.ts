import type { SourceTableName } from '../model.js'
import type { Build } from '../sql/build.js'
import type { TraceKey } from './key.js'

export type Cell = string | number | boolean | null
export type Row = Readonly<Record<string, Cell>>
/** The texts of a row that does not fit the header, in its order. */
export type Fields = readonly (string | null)[]

/** A record of the source that has the key. */
export interface SourceRecord {
  /** Typed, with `_nullified`; of a bad one its texts. */
  row: Row | Fields
  rule: string | null
  /** Of several good ones with the key the one that goes on. */
  survives: boolean
  file: string | null
  line: number | null
}

/** What the live source holds of a key in one table. */
export interface SourceFacts {
  /** What the source calls the table: a file, or database.table. */
  name: string
  /** Why it was not read. */
  failure: string | null
  /** The first of them, in the order of the source. */
  records: readonly SourceRecord[]
  good: number
  bad: number
  /** How many keys the good ones have: of a user each of its rows has one. */
  keys: number
}

/** A file of the lake that holds the key. */
export interface LakeFacts {
  run_id: string
  file: string
  /** False for an extract that no load took. */
  loaded: boolean
  /** The load made the table anew of its files. */
  full: boolean
  deleted: boolean
  copies: number
  /** Null for a tombstone, and for a file that cannot be read. */
  row: Row | null
  failure: string | null
}

/** What the lake holds of a key in one table, oldest first. */
export interface LakeTable {
  files: readonly LakeFacts[]
  /** Runs that loaded rows of which the files are gone. */
  gone: readonly string[]
}

export interface QuarantineFacts {
  id: string
  rule: string
  first_run_id: string
  cleared_run_id: string | null
  row: Row | Fields
}

export interface RawFacts {
  rows: number
  /** With technical columns. */
  row: Row | null
  /** Of a user: the newest of its rows. */
  newest: readonly Row[]
}

/** All that is known of a key in one table of the source, up to raw. */
export interface TableFacts {
  table: SourceTableName
  source: SourceFacts
  quarantine: readonly QuarantineFacts[]
  /** Of a user none is looked for. */
  lake: LakeTable | null
  raw: RawFacts
  /** All loads of the table, oldest first. */
  loads: readonly { run_id: string; full: boolean }[]
}

export interface CuratedFacts {
  row: Row | null
  /** What the table's own SQL gives for the key over raw as it is. */
  expected: Row | null
  /** Why raw's row is left out. */
  rule: string | null
}

/** The rows of a view that the key has a part in. */
export interface FeedFacts {
  view: string
  cells: number
  newest: readonly Row[]
  /** Why there is none. */
  why: string | null
}

export interface TraceFacts {
  key: TraceKey
  tables: readonly TableFacts[]
  curated: CuratedFacts
  feeds: readonly FeedFacts[]
  build: Build | undefined
}

/** True where two rows have the same values in these columns. */
export function sameValues(a: Row, b: Row, columns: readonly string[]): boolean {
  return columns.every((name) => (a[name] ?? null) === (b[name] ?? null))
}

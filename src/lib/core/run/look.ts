import type { SampleRow } from '../verify/verify.js'
import type { ReadingPoint } from './bookmark-change.js'
import type { TableFlow } from './run.js'

/**
 * What is asked of a look at a source that only its job reaches. It stands in a request, which is of no run then: the job reads and
 * compares as a run does, and writes a document instead of an extract (templates/glue/rental_etl/look.py).
 */
export type Look =
  /** The flows that the extract of this request would have; its guards hold. */
  | { kind: 'plan' }
  /** The number of rows of each table; raw is not looked at. */
  | { kind: 'rows' }
  /** Rows in which source and raw differ, by what a bookmark does with them; of the tables that are named alone. */
  | { kind: 'audit'; keys: number; tables: Readonly<Record<string, ReadingPoint>> }
  /** Source and raw by value, apart from what moved since the last load of each table; null where there was none. */
  | { kind: 'checksum'; tables: Readonly<Record<string, LastLoad | null>> }

export interface LastLoad {
  /** Where its bookmark stands; null where raw was empty. */
  position: string | null
  /** When its run began; `YYYY-MM-DD HH:MM:SS` in UTC. */
  started: string
}

/** What a look found of a table, by what was asked. */
export interface LookTables {
  plan: { table: string; flow: TableFlow }
  rows: { table: string; rows: number }
  audit: { table: string; kinds: Readonly<Record<string, { rows: number; keys: Record<string, string>[] }>> }
  checksum: {
    table: string
    differing: number
    sample: SampleRow[]
    /** Rows that are bad in the source and not in quarantine, or the other way round. */
    bad: number
    bad_sample: SampleRow[]
    moved: number
    moved_sample: SampleRow[]
  }
}

/** The document that a look leaves. */
export interface LookDocument<Kind extends Look['kind']> {
  version: 1
  /** The load with which the source was compared; null where it was not. */
  raw_seq: number | null
  /** In the order of the model. */
  tables: LookTables[Kind][]
}

import type { Counts } from '../../../core/run/run.js'
import type { KnownBlocks } from './block-list.js'
import type { WrittenFile } from './manifest-file.js'

/** Where the keys of a source's records stand. */
export interface RecordKeys {
  /**
   * A Parquet file with a row for each record of the source, in their order, that has its key; or, beside the blocks that
   * were there before, for each record of those that are new, of which there may be none.
   */
  file: string | undefined
  before?: KnownBlocks
  /** Its rows, rising, whose record is no row of raw for itself: a bad one, or one of several of a key. */
  odd: readonly number[]
}

/** What the extract of one table wrote and counted; rows. */
export interface TableExtract {
  /** Good rows, copies of one key counted each: counted apart from the reader's records. */
  good: number
  /** Of these, those that raw holds already. */
  unchanged: number
  extracted: number
  tombstones: number
  /** Keys of raw that the source no longer has; with `full` they vanish without tombstones. */
  vanished: number
  copies: boolean
  truncated: Counts
  files: WrittenFile[]
  /** Where the keys of the records stand, if they were written. */
  keys?: RecordKeys
  /** A relation with the bad rows (`rule`, `key_text`, `row_text`); undefined where the source has to be read again for them. */
  bad: string | undefined
}

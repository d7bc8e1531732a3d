import type { Counts } from '../../../core/run/run.js'
import type { WrittenFile } from './manifest-file.js'

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
  /** A relation with the bad rows (`rule`, `key_text`, `row_text`); undefined where the source has to be read again for them. */
  bad: string | undefined
}

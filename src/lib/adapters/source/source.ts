import type { FoundSource } from '../../core/config/found-table.js'
import type { SourceTable } from '../../core/model.js'
import type { RecordPlace, WantedRecord } from '../../ports/source-check.js'

/** Where the rows come from. No use case sees it: only the local engine's jobs and audits, doctor, and freshness. */
export interface Source {
  /**
   * Opens it for one reading.
   * @param work a folder for scratch files, which the caller removes
   * @throws EtlError SOURCE_*, IO
   */
  open(work: string, signal: AbortSignal): Promise<OpenSource>
  /**
   * Where a record stands now; nothing is written for it. Only of a source that has lines.
   * @throws what the signal was aborted with
   */
  lineOf?(wanted: WantedRecord, signal: AbortSignal): Promise<RecordPlace>
  /**
   * Its own tables and columns, known to the model or not, with texts of their first rows: what a mapping is guessed from.
   * A table that cannot be read has its fault told, and stops nothing. Only of a source that may name things otherwise.
   * @throws EtlError SOURCE_MISSING, ACCESS, IO, and what the signal was aborted with
   */
  survey?(signal: AbortSignal): Promise<FoundSource>
}

/** Values by the names of their columns, in the form that a cast takes. */
export type RowValues = Readonly<Record<string, string>>

/** One reading of a source. */
export interface OpenSource {
  /** Size of what will be read, for the engine's memory. */
  bytes: number
  /**
   * The four tables, smallest first; the next one is made ready while the engine works on the one before.
   * @param known by table, what was read before: where its fingerprint is the same, so is every byte, and nothing of the
   *   table is looked at unless it is opened
   * @throws EtlError SOURCE_SCHEMA, SOURCE_CONTENT with the place, IO
   */
  tables(): AsyncIterable<OpenTable>
  tables(known: ReadonlyMap<string, KnownSource>): AsyncIterable<OpenTable | SameTable>
  /**
   * One table by itself.
   * @param only rows with these values are asked for: others may be there, or left out, and `records` and `fingerprint`
   *   say nothing then
   * @throws as `tables`
   */
  open(table: SourceTable, only?: RowValues): Promise<OpenTable>
  /** What can be said of a table without loading it. @throws as `tables` */
  look(table: SourceTable): Promise<TableLook>
  /** Ends the reading, also after a failure. @throws EtlError SOURCE_CHANGED where what was read was written to meanwhile */
  close(): Promise<void>
}

/** What was read of a table before. */
export interface KnownSource {
  fingerprint: string
  /** The blocks that it was made of; undefined where they are not known any more. */
  blocks(): Promise<BlockList | undefined>
}

/** Of a block's sha256 as many bytes are kept. */
export const HASH_BYTES = 16

/** The blocks of a source that was read: stretches of whole records, in their order. */
export interface BlockList {
  /** As it stands in the source: blocks below another one hold other columns. */
  header: string
  /** Every field is in plain form (`OpenTable.plain`). */
  plain: boolean
  /** `HASH_BYTES` of each block. */
  hashes: Buffer
  /** Number of each block's records. */
  records: Uint32Array
}

/** What a source holds beside the blocks of a list. */
export interface NewBlocks {
  /** FROM-clauses with the rows of the blocks that are not in the list, in their order; as of a table. */
  relation: string
  plain?: string
  records: number
  /** For each block of the source its place in the list, or -1; no place twice. */
  places: readonly number[]
}

/** A table that is, to the byte, what was read before. */
export interface SameTable {
  table: SourceTable
  same: true
  /** As of a table that is opened. */
  made?: Readonly<Record<string, string>>
}

/** What there is of a table, whether it is loaded or not. */
export interface TableLook {
  table: SourceTable
  /** What messages call it: a path, or database.table. */
  name: string
  /** Trimmed names of the columns, known to the model or not. */
  header: string[]
  /** Records, whether they fit the header or not; counted by our own reader, or by the database. */
  records: number
  /** A command that shows the names of its columns. */
  lookAt: string
  /** What is said behind the number of rows of how they were looked at. */
  looked: string
}

/** One table as a relation of texts. */
export interface OpenTable extends Omit<TableLook, 'lookAt' | 'looked'> {
  /** Their size, for how they are best written. */
  bytes: number
  /** A FROM-clause with the VARCHAR columns `x_0`, `x_1`, …, one per name in `header`. */
  relation: string
  /**
   * The same rows with the types of the model, where every field is in a form of which the engine's cast gives the value
   * of its text, or fails. No key is NULL in it.
   */
  plain?: string
  /** No field begins or ends with a blank. */
  trimmed: boolean
  /** Which words mean NULL (semantics.md §1): those of CSV, or of MySQL where NULL is NULL. */
  words: 'csv' | 'mysql'
  /** The last of several records of a key is the one that stands last; otherwise their order says nothing. */
  ordered: boolean
  /** What a run says of how it was read. */
  warnings?: string[]
  /** What `relation` leaves out; undefined where it leaves out nothing, or refuses such a record. */
  misfits?: Misfits
  /** What a mapping makes of the model's columns: expressions, for messages. */
  made?: Readonly<Record<string, string>>
  /** A hash of all its bytes; undefined where a source has none. */
  fingerprint?: string
  /** What it is made of; undefined where a source has no blocks, or `relation` leaves out records. */
  blocks?: BlockList
  /** What of it is new, where the blocks that were read before are known, and most of them are there. */
  news?: NewBlocks
  /**
   * The same table read by the strict reader, for an engine that did not take it.
   * @param error what the engine said
   * @returns undefined where that is not about the form of the table, or there is no other way
   */
  strict?(error: unknown): Promise<OpenTable | undefined>
}

/** Records whose number of fields is not the header's. */
export interface Misfits {
  /** Names of the fields, where they are not those of the table's header. */
  header?: readonly string[]
  count: number
  /** Bytes of the longest line. */
  longest: number
  /** A JSONL file of `{fields: string[], line: number}`: the texts of a record, and the line of the source where it begins. */
  path: string
}

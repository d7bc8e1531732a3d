import type { Keyed } from '../core/verify/unique-keys.js'
import type { Relation } from '../core/words/relations.js'

/** A column of a result, with its SQL type in upper case (`BIGINT`, `DECIMAL(12,2)`, `VARCHAR`, …). */
export interface ResultColumn {
  name: string
  type: string
}

/** A cell as JSON shows it (cli.md §3): BIGINT and DECIMAL as strings, dates and timestamps as text. */
export type Cell = string | number | boolean | null

/** Cells by the names of their columns. */
export type Row = Record<string, Cell>

/** A result that is read as it comes; rows are arrays in the order of the columns. */
export interface ResultStream {
  columns: ResultColumn[]
  chunks: AsyncIterable<Cell[][]>
}

/** A file's format. */
export type FileFormat = 'csv' | 'jsonl' | 'parquet'

/**
 * Read-only access to the published warehouse. Each call is a trip, which may take tenths of a second and sees a snapshot
 * of its own: a run may publish between two of them. An abort of the signal under which it was opened ends the statement
 * that is running, with the signal's reason. It is closed by `await using`.
 *
 * Statements of ours are thrown back as WAREHOUSE_STRUCTURE where they do not fit the tables that they are made for.
 */
export interface Warehouse extends AsyncDisposable {
  /** Runs statements of ours, by name, on one snapshot and in one trip. @returns all rows of each, by its name */
  read<Answers extends Record<keyof Answers, Row>>(
    statements: Readonly<Record<keyof Answers, string>>,
  ): Promise<{ [Name in keyof Answers]: Answers[Name][] }>
  /** Runs a statement of ours of which there may be many rows. They are to be read before the next call. */
  stream(sql: string): Promise<ResultStream>
  /**
   * Runs a statement of a user, which must only read the warehouse. Its rows are to be read before the next call.
   * @throws EtlError READ_ONLY_SQL for what writes, attaches, sets or reads files; SQL_ERROR for what does not bind.
   */
  query(sql: string): Promise<ResultStream>
  /**
   * Computes views now: what is asked afterwards reads what came of it, which is the same, since nothing changes.
   * @param views their names; none that is missing
   * @param readers all statements that will read them, where they are known: columns that they do not need may be missing
   */
  keep(views: readonly string[], readers?: readonly string[]): Promise<void>
  /**
   * Looks whether no two rows of tables have the same key, in ways that are quicker than to group them and that say it of
   * most tables as they are loaded. @returns the names of those that have been proved to; of the others nothing is said
   */
  knownUnique(tables: Readonly<Record<string, Keyed>>): Promise<ReadonlySet<string>>
  /** All tables and views of our schemas: raw, curated, presentation, by name in each. */
  relations(): Promise<Relation[]>
  /**
   * Writes the rows of a statement of ours to a file, and returns their number. The file is there when all of it is
   * written. @throws EtlError IO; READ_ONLY_SQL for what reads files
   */
  exportTo(statement: string, file: string, format: FileFormat): Promise<number>
}

/** A column of a result, with its SQL type in upper case (`BIGINT`, `DECIMAL(12,2)`, `VARCHAR`, …). */
export interface ResultColumn {
  name: string
  type: string
}

/** A cell as JSON shows it (cli.md §3): BIGINT and DECIMAL as strings, dates and timestamps as text. */
export type Cell = string | number | boolean | null

/** A result that is read as it comes; rows are arrays in the order of the columns. */
export interface ResultStream {
  columns: ResultColumn[]
  chunks: AsyncIterable<Cell[][]>
}

/** Read-only access to the published warehouse. One open warehouse is one snapshot: it does not change while it is open. */
export interface Warehouse {
  /** Runs one statement of ours and returns all its rows by column name. */
  all<Row extends Record<string, Cell>>(sql: string): Promise<Row[]>
  /**
   * Runs one statement of a user, which must only read the warehouse. Its rows are to be read before the next statement.
   * @throws EtlError READ_ONLY_SQL for what writes, attaches, sets or reads files; SQL_ERROR for what does not bind.
   */
  query(sql: string, signal?: AbortSignal): Promise<ResultStream>
  /**
   * Computes views now: what is asked afterwards reads what came of it, which is the same, since nothing changes.
   * @param views their names; none that is missing
   */
  keep(views: readonly string[]): Promise<void>
  /**
   * Writes the rows of a statement of ours to a file (csv, jsonl or parquet), and returns their number. The file is there
   * when all of it is written. Once, and not after `query`: both close the engine in.
   */
  exportTo(relation: string, file: string, format: 'csv' | 'jsonl' | 'parquet'): Promise<number>
  close(): void
}

/** What was found of a source by a look at its names and first rows; nothing of it is what a run loads. */
export interface FoundSource {
  tables: readonly FoundTable[]
  /** The source tells columns apart without regard to case, as a database does and a file does not. */
  anyCase: boolean
}

export interface FoundTable {
  /** Of the file without its ending, or of the table. */
  name: string
  columns: readonly FoundColumn[]
  /** Why nothing is known of its columns; they are then none. */
  fault?: string
}

export interface FoundColumn {
  name: string
  /** As the database calls it; files have none. */
  type?: string
  /** Texts of the first rows, in their order; they may be cut, and empty ones are NULL. */
  values: readonly string[]
}

/** Rows of a table that are looked at: enough that a day beyond the twelfth of a month is among them. */
export const LOOKED_AT_ROWS = 500

import type { Database } from '../engine/database.js'
import { copyTo } from '../engine/readers.js'

/**
 * Packs numbers and dates by what is between them: files of half the size, which are written and read in less time. And
 * a list of a column's values pays where few repeat themselves: of keys it would be made in vain.
 */
const FORMAT = { format: 'parquet', parquet_version: 'V2', dictionary_size_limit: 1000 }

/** What the engine holds of a file before it writes it: by bytes, since a row may have any number of them. */
const GROUP_BYTES = '16MB'

/** Writes the rows of a query to a Parquet file, in any order. @returns their number */
export async function writeParquet(db: Database, select: string, file: string): Promise<number> {
  return db.run(`copy (${select}) ${copyTo(file, { ...FORMAT, row_group_size_bytes: GROUP_BYTES })}`)
}

/** The same in the order of what is read, for rows that are short: a group of them is held by their number. */
export async function writeInOrder(db: Database, select: string, file: string): Promise<number> {
  return db.inOrder(() => db.run(`copy (${select}) ${copyTo(file, FORMAT)}`))
}

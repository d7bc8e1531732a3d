import type { Database } from '../engine/database.js'
import { copyTo } from '../engine/readers.js'

/** Writes the rows of a query to a Parquet file. @returns their number */
export async function writeParquet(db: Database, select: string, file: string): Promise<number> {
  return db.run(`copy (${select}) ${copyTo(file)}`)
}

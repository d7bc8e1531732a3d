import { literal } from '../../../core/sql/names.js'
import type { Database } from '../engine/database.js'

export function parquet(file: string): string {
  return `read_parquet(${literal(file)})`
}

/** @returns the number of rows */
export async function writeParquet(db: Database, select: string, file: string): Promise<number> {
  return db.run(`copy (${select}) to ${literal(file)} (format parquet)`)
}

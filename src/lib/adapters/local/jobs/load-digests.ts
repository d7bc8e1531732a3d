import type { SourceTable } from '../../../core/model.js'
import { putIn, takeOut } from '../../../core/sql/script.js'
import type { Database } from '../engine/database.js'
import { type Moved, rowHash, rowsAfter } from '../engine/digest.js'

/** What a load moves in tables of which it is known that they are as their digests say. */
export type MovedRows = ReadonlyMap<SourceTable, Moved>

/** Runs a step; what it moves in one of these tables is added up as the engine gives it back. */
export async function runMoving(db: Database, step: string, sql: string, moved: MovedRows): Promise<unknown> {
  for (const [table, sums] of moved) {
    const goes = step === takeOut(table.name)
    if (!goes && step !== putIn(table.name)) continue
    const { rows, sum } = await db.sum(`${sql} returning ${rowHash(table, goes ? `${table.raw}.` : '')}`)
    sums.rows += goes ? -rows : rows
    sums.hashes += goes ? -sum : sum
    return undefined
  }
  return db.run(sql)
}

/** The rows' part of the digests of tables of which it is known what they were, and what moved. */
export async function rowsOf(db: Database, seq: number, moved: MovedRows): Promise<Map<SourceTable, string>> {
  const kept = await db.all<{ table_name: string; digest: string | null; version: string }>(
    `select table_name, digest, version() as version from raw_data.load_log where seq = ${seq}`,
  )
  const rows = new Map<SourceTable, string>()
  for (const [table, sums] of moved) {
    const { digest = null, version = '' } = kept.find(({ table_name }) => table_name === table.name) ?? {}
    const after = rowsAfter(digest, version, sums)
    if (after !== undefined) rows.set(table, after)
  }
  return rows
}

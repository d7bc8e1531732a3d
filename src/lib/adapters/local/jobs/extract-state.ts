import type { SourceTable } from '../../../core/model.js'
import { ident, literal } from '../../../core/sql/names.js'
import type { Database } from '../engine/database.js'

/** Name under which the published warehouse is attached. */
export const WAREHOUSE = 'wh'

/** What raw holds of one table, as the extract compares with it. */
export interface RawState {
  rows: number
  /** Of these, the rows that won over no copy. */
  single: number
  /** The table is read as if raw held nothing. */
  full: boolean
  /** Somebody asked for that; otherwise it is because raw holds nothing. */
  asked: boolean
  bookmark: string | undefined
}

/** The version of raw: the last load's sequence number, 0 before the first. */
export async function rawSeq(db: Database, catalog?: string): Promise<number> {
  return db.count(`select max(seq) from ${catalog ? `${catalog}.` : ''}raw_data.load_log`)
}

/** @param options.attached false when there is no warehouse yet */
export async function rawState(
  db: Database,
  table: SourceTable,
  options: { attached: boolean; fullRefresh: boolean; compare: boolean },
): Promise<RawState> {
  if (!options.attached) return { rows: 0, single: 0, full: true, asked: true, bookmark: undefined }
  const [row] = await db.all<{ n: string; single: string; position: string | null; reset: boolean }>(
    `select count(*) as n, count(*) filter (where _superseded = 0) as single,
        cast(max(${ident(table.bookmark.column)}) as varchar) as position,
        exists (select 1 from ${WAREHOUSE}.raw_data.bookmark_resets where table_name = ${literal(table.name)}) as reset
      from ${WAREHOUSE}.raw_data.${table.raw}`,
  )
  const rows = Number(row?.n ?? 0)
  const asked = !options.compare && (options.fullRefresh || row?.reset === true)
  const full = asked || (!options.compare && rows === 0)
  return { rows, single: Number(row?.single ?? 0), full, asked, bookmark: row?.position ?? undefined }
}

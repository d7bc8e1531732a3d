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
  /** From where a run without reconciling reads; undefined is the beginning. */
  bookmark: string | undefined
  /** That is not where raw ends. */
  rewound: boolean
}

/** The version of raw: the last load's sequence number, 0 before the first. */
export async function rawSeq(db: Database, catalog?: string): Promise<number> {
  return db.count(`select max(seq) from ${catalog ? `${catalog}.` : ''}raw_data.load_log`)
}

/** The newest change of bookmarks; 0 before the first. */
export async function bookmarkSeq(db: Database): Promise<number> {
  if (!(await hasRewinds(db, WAREHOUSE))) return 0
  return db.count(`select max(seq) from ${WAREHOUSE}.raw_data.bookmark_changes`)
}

/** Whether a warehouse has tables for rewinds: one that an older build made has not, until it is loaded again. */
export async function hasRewinds(db: Database, catalog?: string): Promise<boolean> {
  const own = catalog ? literal(catalog) : 'current_database()'
  return (
    (await db.count(
      `select count(*) from duckdb_tables() where database_name = ${own} and schema_name = 'raw_data' and table_name = 'bookmark_rewinds'`,
    )) > 0
  )
}

/** @param options.attached false when there is no warehouse yet */
export async function rawState(
  db: Database,
  table: SourceTable,
  options: { attached: boolean; fullRefresh: boolean; compare: boolean },
): Promise<RawState> {
  if (!options.attached) return { rows: 0, single: 0, full: true, asked: true, bookmark: undefined, rewound: false }
  const [row] = await db.all<{ n: string; single: string; position: string | null; reset: boolean }>(
    `select count(*) as n, count(*) filter (where _superseded = 0) as single,
        cast(max(${ident(table.bookmark.column)}) as varchar) as position,
        exists (select 1 from ${WAREHOUSE}.raw_data.bookmark_resets where table_name = ${literal(table.name)}) as reset
      from ${WAREHOUSE}.raw_data.${table.raw}`,
  )
  const rows = Number(row?.n ?? 0)
  const asked = !options.compare && (options.fullRefresh || row?.reset === true)
  const full = asked || (!options.compare && rows === 0)
  const rewind = await rewindOf(db, table)
  const bookmark = (rewind ? rewind.position : row?.position) ?? undefined
  return { rows, single: Number(row?.single ?? 0), full, asked, bookmark, rewound: rewind !== undefined }
}

async function rewindOf(db: Database, { name }: SourceTable): Promise<{ position: string | null } | undefined> {
  if (!(await hasRewinds(db, WAREHOUSE))) return undefined
  const rows = await db.all<{ position: string | null }>(
    `select position from ${WAREHOUSE}.raw_data.bookmark_rewinds where table_name = ${literal(name)}`,
  )
  return rows[0]
}

import type { SourceTable } from '../../../core/model.js'
import { ident, literal } from '../../../core/sql/names.js'
import type { Database } from '../engine/database.js'

/** Name under which the published warehouse is attached. */
export const WAREHOUSE = 'wh'

/** A table of raw there. */
export function rawTable({ raw }: SourceTable): string {
  return `${WAREHOUSE}.raw_data.${raw}`
}

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

/** A warehouse that an older build made has no rewinds, until it is loaded again. */
export const REWINDS = 'raw_data.bookmark_rewinds'

/**
 * @param options.attached false when there is no warehouse yet
 * @param options.rewinds whether it has the table for them
 */
export async function rawState(
  db: Database,
  table: SourceTable,
  options: { attached: boolean; rewinds: boolean; fullRefresh: boolean; compare: boolean },
): Promise<RawState> {
  if (!options.attached) return { rows: 0, single: 0, full: true, asked: true, bookmark: undefined, rewound: false }
  const own = `table_name = ${literal(table.name)}`
  const rewind = options.rewinds ? `from ${WAREHOUSE}.${REWINDS} where ${own}` : 'where false'
  const [row] = await db.all<{
    n: string
    single: string
    position: string | null
    reset: boolean
    rewound: boolean
    rewind: string | null
  }>(
    `select count(*) as n, count(*) filter (where _superseded = 0) as single,
        cast(max(${ident(table.bookmark.column)}) as varchar) as position,
        exists (select 1 from ${WAREHOUSE}.raw_data.bookmark_resets where ${own}) as reset,
        exists (select 1 ${rewind}) as rewound,
        (select ${options.rewinds ? 'position' : 'null'} ${rewind}) as rewind
      from ${rawTable(table)}`,
  )
  const rows = Number(row?.n ?? 0)
  const asked = !options.compare && (options.fullRefresh || row?.reset === true)
  const full = asked || (!options.compare && rows === 0)
  const rewound = row?.rewound === true
  const bookmark = (rewound ? row?.rewind : row?.position) ?? undefined
  return { rows, single: Number(row?.single ?? 0), full, asked, bookmark, rewound }
}

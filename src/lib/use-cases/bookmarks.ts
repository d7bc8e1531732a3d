import { SOURCE_TABLES } from '../core/model.js'
import type { Bookmark } from '../core/run/bookmark.js'
import {
  type BookmarkChange,
  type ChangeKind,
  type ChangeState,
  changeStates,
  type LoadedPosition,
  type PendingState,
  type TableChange,
} from '../core/run/bookmark-change.js'
import { BOOKMARK_HISTORY_SINCE } from '../core/sql/ddl.js'
import { literal } from '../core/sql/names.js'
import type { Row, Warehouse } from '../ports/warehouse.js'

interface LoadRow extends Row {
  seq: string
  table_name: string
  run_id: string
  bookmark: string | null
  reconciled: boolean
  full_refresh: boolean | null
  loaded_at: string
}

interface ChangeRow extends Row {
  seq: string
  kind: ChangeKind
  table_name: string
  from_state: PendingState
  from_position: string | null
  to_state: PendingState
  to_position: string | null
  of_seq: string | null
  load_seq: string
  changed_at: string
  changed_by: string
  reason: string | null
}

/** All that the warehouse knows of how far the source was read. */
export interface BookmarkBook {
  marks: Bookmark[]
  /** Each load of each table, oldest first. */
  loads: LoadedPosition[]
  /** Oldest first. */
  changes: BookmarkChange[]
  /** The newest load; 0 before the first. */
  load_seq: number
}

/** The positions of all source tables, what waits for the next run, and how it came to that. */
export async function bookmarkBook(warehouse: Warehouse): Promise<BookmarkBook> {
  const counts = SOURCE_TABLES.map(
    ({ name, raw }) => `select ${literal(name)} as table_name, count(*) as n from raw_data.${raw}`,
  )
  const asked = {
    loads:
      'select seq, table_name, run_id, bookmark, reconciled, full_refresh, loaded_at from raw_data.load_log order by seq',
    rows: counts.join(' union all '),
    resets: 'select table_name from raw_data.bookmark_resets',
    ...((await knowsChanges(warehouse)) ? CHANGES : {}),
  }
  const answers: {
    loads: LoadRow[]
    rows: { table_name: string; n: string }[]
    resets: { table_name: string }[]
    rewinds?: { table_name: string; position: string | null }[]
    changes?: ChangeRow[]
  } = await warehouse.read<{
    loads: LoadRow
    rows: { table_name: string; n: string }
    resets: { table_name: string }
  }>(asked)
  const { loads, rows, resets, rewinds = [], changes = [] } = answers
  const marks = SOURCE_TABLES.map(({ name, bookmark }): Bookmark => {
    const own = loads.filter(({ table_name }) => table_name === name)
    const last = own.at(-1)
    // A table that was read whole missed nothing, whatever its run was asked for.
    const since = own.findLastIndex(({ reconciled, full_refresh }) => reconciled || full_refresh === true) + 1
    const position = last?.bookmark ?? undefined
    const rewind = rewinds.find(({ table_name }) => table_name === name)
    const reset = resets.some(({ table_name }) => table_name === name)
    return {
      table: name,
      column: bookmark.column,
      position,
      raw_rows: Number(rows.find(({ table_name }) => table_name === name)?.n ?? 0),
      last_run: last?.run_id,
      loaded_at: last?.loaded_at,
      reconciled: last?.reconciled ?? false,
      not_reconciled_since: own[since]?.loaded_at,
      not_reconciled_since_run: own[since]?.run_id,
      reset_pending: reset,
      rewind_pending: rewind !== undefined,
      reads_from: reset ? undefined : rewind ? (rewind.position ?? undefined) : position,
    }
  })
  return { marks, loads: loads.map(loadedOf), changes: changesOf(changes), load_seq: Number(loads.at(-1)?.seq ?? 0) }
}

/** One table of a change, and what has become of the change. */
export interface HistoryLine {
  change: BookmarkChange
  table: TableChange
  state: ChangeState
}

/** The history of changes, newest first, a line for each table. */
export async function bookmarkHistory(warehouse: Warehouse): Promise<HistoryLine[]> {
  const { changes, load_seq } = await bookmarkBook(warehouse)
  const states = changeStates(changes, load_seq)
  return changes
    .toReversed()
    .flatMap((change) =>
      change.tables.map((table) => ({ change, table, state: states.get(change.seq) as ChangeState })),
    )
}

const CHANGES = {
  rewinds: 'select table_name, position from raw_data.bookmark_rewinds',
  changes: 'select * from raw_data.bookmark_changes order by seq',
}

async function knowsChanges(warehouse: Warehouse): Promise<boolean> {
  const { versions } = await warehouse.read<{ versions: { version: string | null } }>({
    versions: 'select max(version) as version from raw_data.schema_version',
  })
  return Number(versions[0]?.version ?? 0) >= BOOKMARK_HISTORY_SINCE
}

function loadedOf({ seq, run_id, table_name, bookmark, loaded_at }: LoadRow): LoadedPosition {
  return { seq: Number(seq), run_id, table: table_name, position: bookmark, loaded_at }
}

/** The rows of one change are its tables, in the order of the model. */
function changesOf(rows: readonly ChangeRow[]): BookmarkChange[] {
  const place = ({ table_name }: ChangeRow): number => SOURCE_TABLES.findIndex(({ name }) => name === table_name)
  const changes = new Map<string, BookmarkChange>()
  for (const row of rows.toSorted((a, b) => Number(a.seq) - Number(b.seq) || place(a) - place(b))) {
    const { kind, changed_at, changed_by, reason } = row
    const change = changes.get(row.seq) ?? {
      ...{ seq: Number(row.seq), kind, tables: [], of_seq: row.of_seq === null ? null : Number(row.of_seq) },
      ...{ load_seq: Number(row.load_seq), changed_at, changed_by, reason },
    }
    change.tables.push({
      table: row.table_name,
      from: { state: row.from_state, position: row.from_position },
      to: { state: row.to_state, position: row.to_position },
    })
    changes.set(row.seq, change)
  }
  return [...changes.values()]
}

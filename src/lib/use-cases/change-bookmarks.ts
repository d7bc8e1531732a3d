import { sourceTable } from '../core/model.js'
import {
  type ChangeKind,
  positionsOfDate,
  positionsOfRun,
  resetOf,
  restoreOf,
  rewindOf,
  type TableChange,
} from '../core/run/bookmark-change.js'
import { readFrom } from '../core/sql/beyond.js'
import { literal } from '../core/sql/names.js'
import type { NewChange } from '../ports/bookmarks.js'
import type { Warehouse } from '../ports/warehouse.js'
import { type BookmarkBook, bookmarkBook } from './bookmarks.js'

/** What somebody wants of the bookmarks. */
export type WantedChange =
  | { kind: 'reset'; tables: readonly string[] }
  | { kind: 'rewind'; tables: readonly string[]; to: { run: string } | { date: string } }
  | { kind: 'restore'; seq: number | undefined }

/** A change that was thought out and not made yet. */
export interface PlannedChange {
  change: NewChange
  /** Where raw ends, by table. */
  ends: ReadonlyMap<string, string | null>
  /** Rows of raw that are read again for it, by table. */
  again: ReadonlyMap<string, number>
}

/** What a change would do, table by table; without a table where all are as wanted already. @throws EtlError NOT_FOUND */
export async function planChange(
  warehouse: Warehouse,
  wanted: WantedChange,
  reason: string | undefined,
): Promise<PlannedChange> {
  const book = await bookmarkBook(warehouse)
  const { tables, of_seq = null } = changeOf(wanted, book)
  const seq = (book.changes.at(-1)?.seq ?? 0) + 1
  const kind: ChangeKind = wanted.kind
  const change = { seq, kind, tables, of_seq, load_seq: book.load_seq, reason: reason ?? null }
  const ends = new Map(book.marks.map(({ table, position = null }) => [table, position]))
  return { change, ends, again: await rowsAgain(warehouse, tables) }
}

async function rowsAgain(warehouse: Warehouse, tables: readonly TableChange[]): Promise<Map<string, number>> {
  const counts = tables
    .filter(({ to }) => to.state !== 'none')
    .map(({ table, to }) => `select ${literal(table)} as table_name, count(*) as n ${beyond(table, to.position)}`)
  if (counts.length === 0) return new Map()
  const asked = { counts: counts.join(' union all ') }
  const answer = await warehouse.read<{ counts: { table_name: string; n: string } }>(asked)
  return new Map(answer.counts.map(({ table_name, n }) => [table_name, Number(n)]))
}

function beyond(table: string, position: string | null): string {
  const found = sourceTable(table)
  return `from raw_data.${found.raw}${position === null ? '' : ` where ${readFrom(found, position)}`}`
}

function changeOf(wanted: WantedChange, book: BookmarkBook): { tables: TableChange[]; of_seq?: number } {
  if (wanted.kind === 'restore') return restoreOf(book.changes, wanted.seq, book.load_seq)
  const marks = book.marks.filter(({ table }) => wanted.tables.includes(table))
  if (wanted.kind === 'reset') return { tables: resetOf(marks) }
  const { to } = wanted
  const at = 'run' in to ? positionsOfRun(book.loads, to.run) : positionsOfDate(book.loads, to.date)
  return { tables: rewindOf(marks, at) }
}

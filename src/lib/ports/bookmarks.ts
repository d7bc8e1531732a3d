import type { TableAudit } from '../core/run/bookmark-audit.js'
import type { BookmarkChange, ReadingPoint } from '../core/run/bookmark-change.js'

/** Changes from where source tables are read. */
export interface BookmarkChanges {
  /**
   * Makes a change and keeps it in the history, in one transaction. It was thought out before, on the newest load and
   * change that it names: `load_seq`, and `seq` less one.
   * @throws EtlError NO_WAREHOUSE, LOCKED also where a run or another change came between, IO
   */
  change(change: NewChange): Promise<void>
}

/** Who makes it, and when, is known where it is made. */
export type NewChange = Omit<BookmarkChange, 'changed_at' | 'changed_by'>

/** Reads the live source whole beside a run; it changes nothing. */
export interface BookmarkAudit {
  /**
   * Every row in which source and raw differ, by what a bookmark alone would do with it.
   * @param points from where each table is read next
   * @param keys the largest number of keys of one kind
   * @throws EtlError SOURCE_*
   */
  audit(points: ReadonlyMap<string, ReadingPoint>, keys: number, signal: AbortSignal): Promise<TableAudit[]>
}

/** Bookmarks that another program keeps of the same tables; nothing rests on them, and people look at them. */
export interface ForeignBookmarks {
  /** What they are called, such as "Glue's own bookmark". */
  readonly name: string
  /** How far it says that each table was read; none of a table of which it says nothing. @throws EtlError ACCESS, IO */
  positions(): Promise<ForeignPosition[]>
}

export interface ForeignPosition {
  table: string
  position: string
}

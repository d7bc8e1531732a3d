import { EtlError } from '../core/errors.js'
import { lostRows, type TableAudit } from '../core/run/bookmark-audit.js'
import { readingPoint } from '../core/run/bookmark-change.js'
import type { BookmarkAudit } from '../ports/bookmarks.js'
import type { Warehouse } from '../ports/warehouse.js'
import { bookmarkBook } from './bookmarks.js'

export interface AuditedBookmarks {
  /** Rows that a bookmark alone would never take. */
  lost: number
  tables: TableAudit[]
}

/**
 * The live source against raw, by what a bookmark alone would do with each row that differs.
 * @param warehouse opens it; twice, since it is not held open while the source is read
 * @throws EtlError LOCKED when a run has loaded meanwhile
 */
export async function auditBookmarks(
  ports: { audit: BookmarkAudit; warehouse(): Promise<Warehouse> },
  options: { tables: readonly string[]; keys: number; signal: AbortSignal },
): Promise<AuditedBookmarks> {
  const look = async () => {
    await using warehouse = await ports.warehouse()
    return await bookmarkBook(warehouse)
  }
  const before = await look()
  const marks = before.marks.filter(({ table }) => options.tables.includes(table))
  const points = new Map(marks.map((mark) => [mark.table, readingPoint(mark)]))
  const tables = await ports.audit.audit(points, options.keys, options.signal)
  const after = await look()
  if (after.load_seq !== before.load_seq || after.changes.length !== before.changes.length) {
    throw new EtlError('a run has loaded, or bookmarks were changed, while the source was read', {
      code: 'LOCKED',
      suggestions: ['rental-etl bookmarks audit   # once more'],
    })
  }
  return { lost: lostRows(tables), tables }
}

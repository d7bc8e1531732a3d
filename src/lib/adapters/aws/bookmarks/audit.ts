import { sourceTable } from '../../../core/model.js'
import { auditLines, type TableAudit } from '../../../core/run/bookmark-audit.js'
import type { ReadingPoint } from '../../../core/run/bookmark-change.js'
import type { BookmarkAudit } from '../../../ports/bookmarks.js'
import { type Looks, WHOLE } from '../looks/looks.js'

/** Sorts what differs from raw by kind, by a job that looks at the source. */
export class AwsBookmarkAudit implements BookmarkAudit {
  constructor(private readonly looks: Pick<Looks, 'look'>) {}

  async audit(points: ReadonlyMap<string, ReadingPoint>, keys: number, signal: AbortSignal): Promise<TableAudit[]> {
    const asked = { kind: 'audit', keys, tables: Object.fromEntries(points) } as const
    const { tables } = await this.looks.look(asked, WHOLE, signal)
    return tables.map(({ table, kinds }) => {
      const { column, inclusive } = sourceTable(table).bookmark
      const reads_from = points.get(table)?.position ?? null
      return { table, column, reads_from, inclusive, kinds: auditLines(new Map(Object.entries(kinds))) }
    })
  }
}

import { type SourceTable, sourceTable } from '../../core/model.js'
import { type AuditLine, auditLines, type TableAudit } from '../../core/run/bookmark-audit.js'
import type { ReadingPoint } from '../../core/run/bookmark-change.js'
import { positionValue } from '../../core/sql/beyond.js'
import { winnerOrder } from '../../core/sql/load-script.js'
import { ident, identList, literal, sameKey } from '../../core/sql/names.js'
import type { BookmarkAudit } from '../../ports/bookmarks.js'
import { inComparedExtract } from './compared-extract.js'
import type { Database } from './engine/database.js'
import type { ExtractSettings } from './jobs/extract-raw.js'
import { rawTable } from './jobs/extract-state.js'

/** Extracts from the live source into a folder outside the home what differs from raw, and sorts it by kind. */
export class LocalBookmarkAudit implements BookmarkAudit {
  constructor(private readonly settings: ExtractSettings) {}

  audit(points: ReadonlyMap<string, ReadingPoint>, keys: number, signal: AbortSignal): Promise<TableAudit[]> {
    return inComparedExtract(this.settings, signal, async ({ db, rows }) => {
      const audits: TableAudit[] = []
      for (const [name, point] of points) {
        const table = sourceTable(name)
        const { column, inclusive } = table.bookmark
        const kinds = await sorted(db, table, await rows(table), { point, keys })
        audits.push({ table: name, column, reads_from: point.position, inclusive, kinds })
      }
      return audits
    })
  }
}

async function sorted(
  db: Database,
  table: SourceTable,
  rows: string | undefined,
  { point, keys }: { point: ReadingPoint; keys: number },
): Promise<AuditLine[]> {
  if (rows === undefined) return auditLines(new Map())
  await db.run(`create or replace temp table differing as ${kindOfRows(table, rows, point)}`)
  const counts = await db.all<{ kind: string; n: string }>('select kind, count(*) as n from differing group by kind')
  const found = new Map<string, Pick<AuditLine, 'rows' | 'keys'>>()
  for (const { kind, n } of counts) {
    const columns = table.key.map((name) => `cast(${ident(name)} as varchar) as ${ident(name)}`).join(', ')
    const first = `select ${columns} from differing d where kind = ${literal(kind)} order by ${identList(table.key, 'd.')} limit ${keys}`
    found.set(kind, { rows: Number(n), keys: await db.all<Record<string, string>>(first) })
  }
  return auditLines(found)
}

/** Each key once, with the kind of what happened to it; of several copies it is the one that survives. */
function kindOfRows(table: SourceTable, rows: string, point: ReadingPoint): string {
  const [first = ''] = table.key
  const values = table.columns.map(({ name }) => name).filter((name) => !table.key.includes(name))
  const differs = [...values, '_nullified'].map((name) => `w.${ident(name)} is distinct from r.${ident(name)}`)
  const { beyond, equal } = conditions(table, point)
  return `select ${identList(table.key, 'w.')}, case
      when ${point.state === 'reset' ? 'true' : 'false'} then 'waiting'
      when w._deleted then 'deleted'
      when ${equal} then 'equal'
      when ${beyond} then 'waiting'
      when r.${ident(first)} is null then 'late'
      when ${differs.join(' or ')} then 'updated'
      else 'copied' end as kind
    from (select * from ${rows}
      qualify row_number() over (partition by ${identList(table.key)} order by _deleted, ${winnerOrder(table)}) = 1) w
    left join ${rawTable(table)} r on ${sameKey(table.key, 'w', 'r')}`
}

/** What `--reconcile never` reads: all of it where it begins at the beginning. */
function conditions(table: SourceTable, point: ReadingPoint): { beyond: string; equal: string } {
  if (point.position === null) return { beyond: 'true', equal: 'false' }
  const { bookmark } = table
  const column = `w.${ident(bookmark.column)}`
  const position = positionValue(table, point.position)
  return {
    beyond: `${column} > ${position}`,
    equal: bookmark.inclusive ? `${column} = ${position}` : 'false',
  }
}

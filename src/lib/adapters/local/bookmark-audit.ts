import { join } from 'node:path'
import { type SourceTable, sourceTable } from '../../core/model.js'
import { type AuditLine, auditLines, type TableAudit } from '../../core/run/bookmark-audit.js'
import type { ReadingPoint } from '../../core/run/bookmark-change.js'
import { newRequest } from '../../core/run/request.js'
import { winnerOrder } from '../../core/sql/load-script.js'
import { ident, identList, literal, sameKey } from '../../core/sql/names.js'
import type { BookmarkAudit } from '../../ports/bookmarks.js'
import { Database } from './engine/database.js'
import { memoryLimit } from './engine/memory.js'
import { parquetFiles } from './engine/readers.js'
import { exists, inScratch } from './home/files.js'
import { homePaths } from './home/paths.js'
import { type ExtractSettings, extractRaw } from './jobs/extract-raw.js'
import { WAREHOUSE } from './jobs/extract-state.js'

/** Extracts from the live source into a folder outside the home what differs from raw, and sorts it by kind. */
export class LocalBookmarkAudit implements BookmarkAudit {
  constructor(private readonly settings: ExtractSettings) {}

  audit(points: ReadonlyMap<string, ReadingPoint>, keys: number, signal: AbortSignal): Promise<TableAudit[]> {
    const run_id = `audit-${process.pid}`
    const request = newRequest({ run_id, as_of: '1970-01-01', allow_deletes: true, allow_rejects: true })
    return inScratch(async (scratch) => {
      await extractRaw(request, this.settings, { emit: () => undefined, signal }, { scratch, compare: true })
      const memory = memoryLimit(0, this.settings.memory)
      const db = await Database.open(':memory:', { spillTo: scratch, memoryLimit: memory, signal })
      try {
        await db.attach(homePaths(this.settings.home).warehouse, WAREHOUSE, { readOnly: true })
        const audits: TableAudit[] = []
        for (const [name, point] of points) {
          const table = sourceTable(name)
          const folder = join(scratch, homePaths(scratch).lake(name, run_id))
          const { column, inclusive } = table.bookmark
          const kinds = await sorted(db, table, await filesOf(folder), { point, keys })
          audits.push({ table: name, column, reads_from: point.position, inclusive, kinds })
        }
        return audits
      } finally {
        db.close()
      }
    })
  }
}

/** The rows that the extract wrote, and its tombstones. */
async function filesOf(folder: string): Promise<string[]> {
  const files: string[] = []
  for (const name of ['part-0.parquet', 'part-1.parquet'])
    if (await exists(join(folder, name))) files.push(join(folder, name))
  return files
}

async function sorted(
  db: Database,
  table: SourceTable,
  files: readonly string[],
  { point, keys }: { point: ReadingPoint; keys: number },
): Promise<AuditLine[]> {
  if (files.length === 0) return auditLines(new Map())
  await db.run(`create or replace temp table differing as ${kindOfRows(table, files, point)}`)
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
function kindOfRows(table: SourceTable, files: readonly string[], point: ReadingPoint): string {
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
    from (select * from ${parquetFiles(files)}
      qualify row_number() over (partition by ${identList(table.key)} order by _deleted, ${winnerOrder(table)}) = 1) w
    left join ${WAREHOUSE}.raw_data.${table.raw} r on ${sameKey(table.key, 'w', 'r')}`
}

/** What `--reconcile never` reads: all of it where it begins at the beginning. */
function conditions({ bookmark, columns }: SourceTable, point: ReadingPoint): { beyond: string; equal: string } {
  if (point.position === null) return { beyond: 'true', equal: 'false' }
  const type = columns.find(({ name }) => name === bookmark.column)?.type
  const column = `w.${ident(bookmark.column)}`
  const position = `cast(${literal(point.position)} as ${type})`
  return {
    beyond: `${column} > ${position}`,
    equal: bookmark.inclusive ? `${column} = ${position}` : 'false',
  }
}

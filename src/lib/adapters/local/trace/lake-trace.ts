import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type SourceTable, type SourceTableName, sourceTable } from '../../../core/model.js'
import { columnNames, lakeColumns } from '../../../core/sql/ddl.js'
import { winnerOrder } from '../../../core/sql/load-script.js'
import type { LakeFacts, LakeTable } from '../../../core/trace/facts.js'
import { keyCondition, shapeOf, type TraceKey } from '../../../core/trace/key.js'
import type { Cell } from '../../../ports/warehouse.js'
import type { Database } from '../engine/database.js'
import { parquetFiles } from '../engine/readers.js'
import { type HomePaths, homePaths } from '../home/paths.js'

/** A row of the load log. */
interface Loaded {
  run_id: string
  full: boolean
  /** Rows came in, or were deleted: there are files. */
  moved: boolean
}

/** The rows of the lake that have a key, in the order of loads; extracts that were not loaded stand last. */
export async function lakeTrace(
  db: Database,
  home: string,
  key: TraceKey,
  tables: readonly SourceTableName[],
): Promise<Map<SourceTableName, LakeTable>> {
  const found = new Map<SourceTableName, LakeTable>()
  for (const name of tables) found.set(name, await tableTrace(db, homePaths(home), key, sourceTable(name)))
  return found
}

async function tableTrace(db: Database, paths: HomePaths, key: TraceKey, table: SourceTable): Promise<LakeTable> {
  const log = await db.all<{ run_id: string; full: boolean; moved: boolean }>(
    `select run_id, bool_or(full_refresh) as full, bool_or(rows_in > 0 or deleted > 0) as moved
      from raw_data.load_log where table_name = '${table.name}' group by run_id order by max(seq)`,
  )
  const loads = new Map<string, Loaded>(log.map((load) => [load.run_id, load]))
  const there = await runsOf(paths, table)
  const files: LakeFacts[] = []
  const gone: string[] = []
  for (const runId of [...loads.keys(), ...there.filter((id) => !loads.has(id))]) {
    const load = loads.get(runId)
    const folder = paths.lake(table.name, runId)
    const names = there.includes(runId) ? await readdir(join(paths.home, folder)).catch(() => []) : []
    const parts = names.filter((name) => name.endsWith('.parquet')).sort()
    if (load?.moved && parts.length === 0) gone.push(runId)
    for (const name of parts) {
      const file = await inFile(db, paths, { key, table, file: `${folder}/${name}` })
      if (file) files.push({ ...file, run_id: runId, loaded: load !== undefined, full: load?.full === true })
    }
  }
  return { files, gone }
}

/** Runs with files of a table, whether a load took them or not; their ids begin with the time. */
async function runsOf(paths: HomePaths, table: SourceTable): Promise<string[]> {
  const folder = dirname(join(paths.home, paths.lake(table.name, 'any')))
  const names = await readdir(folder).catch(() => [])
  return names.flatMap((name) => /^run_id=(.+)$/.exec(name)?.[1] ?? []).sort()
}

/** The row of a file that survives; undefined where it has none with the key. */
async function inFile(
  db: Database,
  paths: HomePaths,
  { key, table, file }: { key: TraceKey; table: SourceTable; file: string },
): Promise<Omit<LakeFacts, 'run_id' | 'loaded' | 'full'> | undefined> {
  const path = join(paths.home, file)
  const damaged = (failure: string) => ({ file, deleted: false, copies: 0, row: null, failure })
  // The engine would wait for ever for a pipe in its place.
  if (
    !(await stat(path).then(
      (found) => found.isFile(),
      () => false,
    ))
  )
    return damaged('is no file')
  const columns = lakeColumns(table)
  try {
    const rows = await db.all<Record<string, Cell>>(
      `select ${columnNames(columns)}, count(*) over () as copies from ${parquetFiles([path])}
        where ${keyCondition(key, shapeOf(key).columns)} order by ${winnerOrder(table)} limit 1`,
    )
    const [first] = rows
    if (!first) return undefined
    const { copies, _deleted, _position, ...row } = first
    const deleted = _deleted === true
    return { file, deleted, copies: Number(copies), row: deleted ? null : row, failure: null }
  } catch (error) {
    db.signal?.throwIfAborted()
    return damaged(`cannot be read: ${(error as Error).message.split('\n')[0]}`)
  }
}

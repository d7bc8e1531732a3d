import { CURATED_TABLES, type CuratedTable } from '../../../core/model.js'
import type { RunRequest } from '../../../core/run/request.js'
import { emptyFlow, type TableFlow } from '../../../core/run/run.js'
import { type CuratedCount, curatedScript, isRule } from '../../../core/sql/curated-script.js'
import { CHANGED_KEYS } from '../../../core/sql/ddl.js'
import type { Cell } from '../../../ports/warehouse.js'
import { readSqlFiles } from '../../files/sql-files.js'
import type { Database } from '../engine/database.js'
import { memoryLimit } from '../engine/memory.js'
import { runScript } from '../engine/run-script.js'
import { sizeOf } from '../home/files.js'
import { homePaths } from '../home/paths.js'
import { leaveAsWritten, publishChange } from '../warehouse/working-copy.js'
import type { JobContext } from '../workflow/job.js'
import type { ExtractSettings } from './extract-raw.js'

type Row = CuratedCount & Record<string, Cell>

/** Job `redshift_raw_to_curated`: brings curated and the views up to raw and to the as-of date, in one transaction. */
export async function curatedLayer(
  request: RunRequest,
  settings: Pick<ExtractSettings, 'home' | 'memory'>,
  context: JobContext,
): Promise<void> {
  const paths = homePaths(settings.home)
  const [curated, presentation, ledger] = await Promise.all(
    (['curated', 'presentation', 'ledger'] as const).map(async (folder) =>
      Object.fromEntries((await readSqlFiles(folder)).map(({ name, text }) => [name, text])),
    ),
  )
  const texts = { curated: curated ?? {}, presentation: presentation ?? {}, ledger: ledger ?? {} }
  const size = await sizeOf(paths.warehouse)
  const options = { spillTo: paths.work, memoryLimit: memoryLimit(size, settings.memory), signal: context.signal }
  const counts = await publishChange(paths, options, async (db) => {
    const { mustRebuild, changed, empty } = await stateOf(db)
    const mode = request.rebuild_curated || mustRebuild ? (empty ? 'first' : 'full') : 'incremental'
    if (mode !== 'incremental' || !changed) await leaveAsWritten(db)
    const step = mode === 'incremental' ? 'updating' : 'rebuilding'
    for (const { name } of CURATED_TABLES)
      context.emit({ type: 'table_progress', layer: 'curated', table: name, rows: 0, step })
    return runScript<Row>(db, curatedScript(mode, texts), { run_id: request.run_id, as_of: request.as_of })
  })
  for (const table of CURATED_TABLES)
    context.emit({ type: 'table_done', layer: 'curated', flow: flowOf(table, counts) })
}

/**
 * Whether curated was never built, or a load since then rebuilt a table of raw; whether any key changed, and whether
 * there is no row yet.
 */
async function stateOf(db: Database): Promise<{ mustRebuild: boolean; changed: boolean; empty: boolean }> {
  const anyRow = (tables: readonly string[]): string =>
    tables.map((name) => `exists (select 1 from curated.${name})`).join(' or ')
  const [row] = await db.all<{ must_rebuild: boolean; changed: boolean; empty: boolean }>(
    `select not exists (select 1 from curated.build) or exists (
        select 1 from raw_data.load_log where full_refresh and seq > (select coalesce(max(raw_seq), 0) from curated.build)
      ) as must_rebuild, ${anyRow(Object.keys(CHANGED_KEYS))} as changed,
      not (${anyRow(CURATED_TABLES.map(({ name }) => name))}) as empty`,
  )
  return { mustRebuild: row?.must_rebuild ?? true, changed: row?.changed ?? true, empty: row?.empty ?? false }
}

/** What the build did to one table, from the counts that it made. */
function flowOf({ name }: CuratedTable, counts: readonly Row[]): TableFlow {
  const flow = emptyFlow(name)
  for (const { table_name, effect, n } of counts) {
    if (table_name !== name) continue
    if (isRule(effect)) flow.filtered[effect] = Number(n)
    else if (effect === 'rows_in' || effect === 'deleted') flow[effect] = Number(n)
    else if (effect === 'inserted' || effect === 'updated' || effect === 'unchanged') flow[effect] = Number(n)
  }
  flow.rows_out = flow.inserted + flow.updated + flow.unchanged
  const filtered = Object.values(flow.filtered).reduce((sum, rows) => sum + rows, 0)
  flow.unexplained = flow.rows_in - flow.rows_out - filtered
  return flow
}

import { CURATED_TABLES, type CuratedTable } from '../../../core/model.js'
import type { RunRequest } from '../../../core/run/request.js'
import { emptyFlow, type TableFlow } from '../../../core/run/run.js'
import { BUILD_STATE_QUERY, type BuildState } from '../../../core/sql/build.js'
import { type CuratedCount, curatedScript, IN_ORDER, isRule } from '../../../core/sql/curated-script.js'
import { putIn } from '../../../core/sql/script.js'
import type { Cell } from '../../../ports/warehouse.js'
import { readSqlFiles } from '../../files/sql-files.js'
import { memoryLimit } from '../engine/memory.js'
import { runScript } from '../engine/run-script.js'
import { sizeOf } from '../home/files.js'
import { homePaths } from '../home/paths.js'
import { leaveAsWritten, publishChange } from '../warehouse/working-copy.js'
import type { JobContext } from '../workflow/job.js'
import type { ExtractSettings } from './extract-raw.js'
import { rawSeq } from './extract-state.js'

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
    const [state] = await db.all<BuildState>(BUILD_STATE_QUERY)
    const { must_rebuild, changed, empty } = state ?? { must_rebuild: true, changed: true, empty: false }
    const mode = request.rebuild_curated || must_rebuild ? (empty ? 'first' : 'full') : 'incremental'
    await leaveAsWritten(db, mode === 'incremental' && changed ? await rawSeq(db) : undefined)
    const step = mode === 'incremental' ? 'updating' : 'rebuilding'
    for (const { name } of CURATED_TABLES)
      context.emit({ type: 'table_progress', layer: 'curated', table: name, rows: 0, step })
    const places = { run_id: request.run_id, as_of: request.as_of }
    const filled = IN_ORDER.map(putIn)
    return runScript<Row>(db, curatedScript(mode, texts), places, ({ name }, sql) =>
      filled.includes(name) ? db.inOrder(() => db.run(sql)) : db.run(sql),
    )
  })
  for (const table of CURATED_TABLES)
    context.emit({ type: 'table_done', layer: 'curated', flow: flowOf(table, counts) })
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

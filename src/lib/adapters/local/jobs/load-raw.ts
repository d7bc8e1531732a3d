import { EtlError } from '../../../core/errors.js'
import { SOURCE_TABLES, type SourceTable } from '../../../core/model.js'
import { isEmpty, type Manifest } from '../../../core/run/manifest.js'
import type { RunRequest } from '../../../core/run/request.js'
import { emptyFlow, type TableFlow } from '../../../core/run/run.js'
import { columnNames, LOAD_LOG } from '../../../core/sql/ddl.js'
import { ident, literal } from '../../../core/sql/names.js'
import { Database } from '../engine/database.js'
import { memoryLimit } from '../engine/memory.js'
import { exists } from '../home/files.js'
import { type HomePaths, homePaths } from '../home/paths.js'
import { leaveAsWritten, publishChange } from '../warehouse/working-copy.js'
import type { JobContext } from '../workflow/job.js'
import { rawSeq } from './extract-state.js'
import { loadTable } from './load-table.js'
import { assertFiles, manifestHash, readManifest } from './manifest-file.js'

/**
 * Job `s3_to_redshift_raw`: loads a manifest into raw_data, all four tables with quarantine, ledger and load_log in one
 * transaction, if raw is still at the version that the extract was compared with.
 * @throws EtlError STALE_EXTRACT, UNBALANCED, IO
 */
export async function loadRaw(request: RunRequest, settings: { home: string }, context: JobContext): Promise<void> {
  const paths = homePaths(settings.home)
  const manifest = await readManifest(paths, request.manifest_run ?? request.run_id)
  const done = (flow: TableFlow): void => context.emit({ type: 'table_done', layer: 'raw', flow })
  if (isEmpty(manifest) && !(await modeChanged(paths, manifest))) {
    context.emit({ type: 'log', layer: 'raw', level: 'info', message: 'nothing to load: raw is as the source' })
    for (const table of SOURCE_TABLES) done(emptyFlow(table.raw))
    return
  }
  // Looked at while they are loaded; nothing is kept before the answer is there.
  const sound = assertFiles(paths, manifest)
  sound.catch(() => undefined)
  const bytes = manifest.tables.flatMap((table) => table.files).reduce((sum, file) => sum + file.bytes * 4, 0)
  const options = { spillTo: `${paths.work}/spill`, memoryLimit: memoryLimit(bytes), signal: context.signal }
  const flows = await publishChange(paths, options, async (db) => {
    const loaded = await loadTables(db, manifest, paths, context).catch(async (error) => {
      await sound
      throw error
    })
    await sound
    return loaded
  })
  for (const flow of flows) done(flow)
}

async function loadTables(
  db: Database,
  manifest: Manifest,
  paths: HomePaths,
  context: JobContext,
): Promise<TableFlow[]> {
  const seq = await nextSeq(db, manifest)
  if (manifest.tables.every(({ full }) => full)) await leaveAsWritten(db)
  const loaded: TableFlow[] = []
  for (const table of SOURCE_TABLES) {
    const entry = manifest.tables.find((candidate) => candidate.table === table.name)
    if (!entry) throw new Error(`manifest of ${manifest.run_id} lacks ${table.name}`)
    context.emit({ type: 'table_progress', layer: 'raw', table: table.raw, rows: entry.extracted, step: 'loading' })
    const flow = await loadTable(db, table, entry, manifest, paths, { runId: manifest.run_id, seq })
    if (flow.unexplained !== 0) throw unbalanced(flow)
    await writeLoadLog(db, table, flow, manifest, seq)
    loaded.push(flow)
  }
  await db.run('delete from raw_data.bookmark_resets')
  return loaded
}

/** True when the load log must say that raw is reconciled, or no longer is, or when there is no warehouse yet. */
async function modeChanged(paths: HomePaths, manifest: Manifest): Promise<boolean> {
  if (!(await exists(paths.warehouse))) return true
  const db = await Database.open(paths.warehouse, { readOnly: true })
  try {
    const [last] = await db.all<{ reconciled: boolean }>(
      'select reconciled from raw_data.load_log order by seq desc limit 1',
    )
    return last?.reconciled !== manifest.reconciled
  } finally {
    db.close()
  }
}

/** The load's sequence number. @throws EtlError STALE_EXTRACT when another load came between */
async function nextSeq(db: Database, manifest: Manifest): Promise<number> {
  const seq = await rawSeq(db)
  if (seq === manifest.raw_seq) return seq + 1
  const [last] = await db.all<{ run_id: string; manifest_hash: string }>(
    `select run_id, manifest_hash from raw_data.load_log where seq = ${seq} limit 1`,
  )
  // The last load was of this very manifest: loading it once more changes nothing.
  if (last?.manifest_hash === manifestHash(manifest)) return seq + 1
  throw new EtlError(
    `the extract of run ${manifest.run_id} was compared with load ${manifest.raw_seq}, but raw is at load ${seq} (run ${last?.run_id})`,
    {
      code: 'STALE_EXTRACT',
      suggestions: ['rental-etl run   # extracts again, against raw as it is'],
    },
  )
}

async function writeLoadLog(
  db: Database,
  table: SourceTable,
  flow: TableFlow,
  manifest: Manifest,
  seq: number,
): Promise<void> {
  const entry = manifest.tables.find((candidate) => candidate.table === table.name)
  if (!entry) return
  const quarantined = Object.values(flow.quarantined).reduce((sum, n) => sum + n, 0)
  const previous = `(select source_rows from raw_data.load_log where table_name = ${literal(table.name)} order by seq desc limit 1)`
  // Without reconciling, the source is known only as far as it was read: what stood in it before, and what came.
  const sourceRows =
    manifest.reconciled || entry.full
      ? String(entry.source_rows)
      : `coalesce(${previous}, 0) + ${flow.rows_in - flow.updated - flow.unchanged}`
  const position = `(select cast(max(${ident(table.bookmark.column)}) as varchar) from raw_data.${table.raw})`
  const values: Record<string, string> = {
    seq: String(seq),
    run_id: literal(manifest.run_id),
    table_name: literal(table.name),
    manifest_hash: literal(manifestHash(manifest)),
    source_rows: sourceRows,
    source_unchanged: String(entry.unchanged),
    rows_in: String(flow.rows_in),
    rows_out: String(flow.rows_out),
    inserted: String(flow.inserted),
    updated: String(flow.updated),
    unchanged: String(flow.unchanged),
    deleted: String(flow.deleted),
    superseded: String(flow.superseded),
    quarantined: String(quarantined),
    reconciled: String(manifest.reconciled),
    full_refresh: String(entry.full),
    bookmark: position,
    loaded_at: `cast(${literal(new Date().toISOString().replace('T', ' ').replace('Z', ''))} as timestamp)`,
  }
  await db.run(
    `insert into raw_data.load_log (${columnNames(LOAD_LOG)}) select ${LOAD_LOG.map((column) => values[column.name]).join(', ')}`,
  )
}

function unbalanced(flow: TableFlow): EtlError {
  return new EtlError(
    `${flow.table} does not balance: ${flow.rows_in} rows in, ${flow.rows_out} out, ${flow.superseded} superseded, unexplained ${flow.unexplained}; nothing was loaded`,
    { code: 'UNBALANCED', suggestions: ['rental-etl run --full-refresh'] },
  )
}

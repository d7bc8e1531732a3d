import { EtlError } from '../../../core/errors.js'
import { SOURCE_TABLES, type SourceTable, type SourceTableName } from '../../../core/model.js'
import { isEmpty, type Manifest, type ManifestTable } from '../../../core/run/manifest.js'
import type { RunRequest } from '../../../core/run/request.js'
import { emptyFlow, type TableFlow } from '../../../core/run/run.js'
import { type LoadCount, type LoadMode, loadScript } from '../../../core/sql/load-script.js'
import type { Places } from '../../../core/sql/script.js'
import type { Cell } from '../../../ports/warehouse.js'
import { manifestHash } from '../../files/manifest-hash.js'
import type { Database } from '../engine/database.js'
import { keepDigests } from '../engine/digest.js'
import { memoryLimit } from '../engine/memory.js'
import { runScript } from '../engine/run-script.js'
import { homePaths } from '../home/paths.js'
import { leaveAsWritten, publishChange } from '../warehouse/working-copy.js'
import type { JobContext } from '../workflow/job.js'
import type { ExtractSettings } from './extract-raw.js'
import { rawSeq } from './extract-state.js'
import { lakeRelation, rejectsRelation } from './lake.js'
import { type MovedRows, rowsOf, runMoving } from './load-digests.js'
import { isSettled } from './load-state.js'
import { assertFiles, assertSizes, readManifest } from './manifest-file.js'

/**
 * Job `s3_to_redshift_raw`: loads a manifest into raw_data, all four tables with quarantine, ledger and load_log in one
 * transaction, if raw is still at the version that the extract was compared with.
 * @throws EtlError STALE_EXTRACT, UNBALANCED, IO
 */
export async function loadRaw(
  request: RunRequest,
  settings: Pick<ExtractSettings, 'home' | 'memory' | 'now'>,
  context: JobContext,
): Promise<void> {
  const paths = homePaths(settings.home)
  const manifest = await readManifest(paths, request.manifest_run ?? request.run_id)
  const done = (flow: TableFlow): void => context.emit({ type: 'table_done', layer: 'raw', flow })
  if (isEmpty(manifest) && (await isSettled(paths, manifest))) {
    context.emit({ type: 'log', layer: 'raw', level: 'info', message: 'nothing to load: raw is as the source' })
    for (const table of SOURCE_TABLES) done(emptyFlow(table.raw))
    return
  }
  await assertSizes(paths, manifest)
  // Looked at while they are loaded; nothing is kept before the answer is there.
  const sound = assertFiles(paths, manifest)
  sound.catch(() => undefined)
  const bytes = manifest.tables.flatMap((table) => table.files).reduce((sum, file) => sum + file.bytes * 4, 0)
  const options = { spillTo: paths.work, memoryLimit: memoryLimit(bytes, settings.memory), signal: context.signal }
  const counts = await publishChange(paths, options, async (db, stamp) => {
    const work = load(db, manifest, { home: paths.home, at: settings.now(), context, stamp })
    const loaded = await work.catch(async (error) => {
      await sound
      throw error
    })
    await sound
    return loaded
  })
  for (const table of SOURCE_TABLES) done(flowOf(table, counts))
}

async function load(
  db: Database,
  manifest: Manifest,
  { home, at, context, stamp }: { home: string; at: Date; context: JobContext; stamp: string },
): Promise<Row[]> {
  const seq = await nextSeq(db, manifest)
  const whole = manifest.tables.every(({ full }) => full)
  await leaveAsWritten(db, whole ? undefined : seq)
  const modes = Object.fromEntries(manifest.tables.map((entry) => [entry.table, modeOf(entry)]))
  for (const { name, raw } of SOURCE_TABLES) {
    const rows = entryOf(manifest, name).extracted
    context.emit({ type: 'table_progress', layer: 'raw', table: raw, rows, step: 'loading' })
  }
  const plan = {
    modes: modes as Record<SourceTableName, LoadMode>,
    rejects: manifest.tables.some(({ rejected_files }) => rejected_files.length > 0),
  }
  const unaltered = SOURCE_TABLES.filter(({ name }) => {
    const entry = entryOf(manifest, name)
    return !entry.full && entry.as_loaded === stamp
  })
  const moved: MovedRows = new Map(unaltered.map((table) => [table, { rows: 0n, hashes: 0n }]))
  const places = placesOf(manifest, { seq, home, at })
  const script = (): Promise<Row[]> =>
    runScript<Row>(db, loadScript(plan), places, ({ name }, sql) => runMoving(db, name, sql, moved))
  // It costs nothing where whole tables are written as they are read, and verify compares them in that order.
  const counts = await (whole ? db.inOrder(script) : script())
  const written = SOURCE_TABLES.filter((table) => isWritten(entryOf(manifest, table.name)))
  await db.run(keepDigests(seq, written, await rowsOf(db, seq - 1, moved)))
  return counts
}

type Row = LoadCount & Record<string, Cell>

function isWritten({ full, files, rejected_files }: ManifestTable): boolean {
  return full || files.length > 0 || rejected_files.length > 0
}

function modeOf(entry: ManifestTable): LoadMode {
  if (entry.full) return 'full'
  return entry.files.length > 0 ? 'changes' : 'none'
}

/** What stands for the places of the load script. */
function placesOf(manifest: Manifest, { seq, home, at }: { seq: number; home: string; at: Date }): Places {
  const places: Record<string, string> = {
    seq: String(seq),
    previous_seq: String(seq - 1),
    run_id: manifest.run_id,
    bookmark_seq: String(manifest.bookmark_seq ?? 0),
    manifest_hash: manifestHash(manifest),
    reconciled: String(manifest.reconciled),
    loaded_at: at.toISOString().replace('T', ' ').replace('Z', ''),
    rejects: rejectsRelation(home, manifest),
  }
  for (const table of SOURCE_TABLES) {
    const entry = entryOf(manifest, table.name)
    places[`${table.name}.lake`] = lakeRelation(home, table, entry.files)
    places[`${table.name}.source_rows`] = String(entry.source_rows)
    places[`${table.name}.unchanged`] = String(entry.unchanged)
    places[`${table.name}.full`] = String(entry.full)
  }
  return places
}

function entryOf({ tables, run_id }: Manifest, name: string): ManifestTable {
  const entry = tables.find(({ table }) => table === name)
  if (!entry) throw new Error(`manifest of ${run_id} lacks ${name}`)
  return entry
}

/** What a load did to one table, from the counts that it made. */
function flowOf({ name, raw }: SourceTable, counts: readonly Row[]): TableFlow {
  const flow = emptyFlow(raw)
  for (const { table_name, effect, detail, n, superseded } of counts) {
    if (table_name !== name) continue
    const rows = Number(n)
    flow.superseded += Number(superseded)
    if (effect === 'rows_in' || effect === 'rejected') flow.rows_in += rows
    else if (effect === 'quarantined') flow.quarantined[detail ?? ''] = rows
    else if (effect === 'deleted' || effect === 'late') flow[effect] += rows
    else if (effect === 'inserted' || effect === 'updated' || effect === 'unchanged') {
      flow[effect] += rows
      for (const column of detail?.split(',') ?? []) flow.nullified[column] = (flow.nullified[column] ?? 0) + rows
    }
  }
  flow.rows_out = flow.inserted + flow.updated + flow.unchanged
  const quarantined = Object.values(flow.quarantined).reduce((sum, rows) => sum + rows, 0)
  flow.unexplained = flow.rows_in - flow.rows_out - flow.superseded - quarantined
  return flow
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
    { code: 'STALE_EXTRACT', suggestions: ['rental-etl run   # extracts again, against raw as it is'] },
  )
}

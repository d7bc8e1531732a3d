import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SOURCE_TABLES, type SourceTable } from '../../../core/model.js'
import { checkGuards } from '../../../core/run/guards.js'
import type { Manifest } from '../../../core/run/manifest.js'
import type { RunRequest } from '../../../core/run/request.js'
import type { TableFlow } from '../../../core/run/run.js'
import type { OpenSource, OpenTable, SameTable, Source } from '../../source/source.js'
import { Database } from '../engine/database.js'
import { memoryLimit } from '../engine/memory.js'
import { exists, finalPlace, moveInto } from '../home/files.js'
import { type HomePaths, homePaths } from '../home/paths.js'
import { openScratch, workIn } from '../home/scratch.js'
import { stampOf } from '../warehouse/foreign.js'
import { assertTables } from '../warehouse/structure.js'
import type { JobContext } from '../workflow/job.js'
import { type KnownBlocks, MOST_FILES, removeOldBlocks } from './block-list.js'
import { isAsLoaded, type KnownTable, knownTables } from './extract-known.js'
import { extractOne, type TableDone, type TableOptions, unchangedTable } from './extract-one.js'
import { type RawState, REWINDS, rawSeq, rawState, WAREHOUSE } from './extract-state.js'
import { writeManifest } from './manifest-file.js'

export interface ExtractSettings {
  home: string
  /** The engine's limit of memory, such as `2GB`; without it, by the size of what is read. */
  memory?: string | undefined
  now(): Date
  /** @param options.readOnly the home is not touched, also where a sample has to be made first */
  source(options: { readOnly: boolean }): Source
}

export interface ExtractOptions {
  /** A folder for all that is written: nothing becomes visible, and the home is not touched. */
  scratch?: string
  /** Compare with raw as it is, by value, whether a reset is pending or not, and whether the source was read before or not. */
  compare?: boolean
}

/**
 * Job `extract_raw`: reads the source, types it, and writes to the lake what differs from raw; the manifest is written
 * last and makes the extract visible. Nothing else is changed.
 * @throws EtlError SOURCE_*, GUARD_*, IO
 */
export async function extractRaw(
  request: RunRequest,
  settings: ExtractSettings,
  context: JobContext,
  { scratch, compare = false }: ExtractOptions = {},
): Promise<TableFlow[]> {
  const paths = homePaths(settings.home)
  const extract = async (work: string): Promise<TableFlow[]> => {
    const source = await settings.source({ readOnly: scratch !== undefined }).open(work, context.signal)
    const db = await Database.open(':memory:', {
      spillTo: work,
      memoryLimit: memoryLimit(source.bytes, settings.memory),
      signal: context.signal,
    }).catch(async (error) => {
      await source.close().catch(() => undefined)
      throw error
    })
    try {
      await db.run('set preserve_insertion_order = false')
      const attached = await exists(paths.warehouse)
      let rewinds = false
      let stamp = ''
      if (attached) {
        await db.attach(paths.warehouse, WAREHOUSE, { readOnly: true })
        stamp = await stampOf(await finalPlace(paths.warehouse))
        rewinds = (await assertTables(db, paths.warehouse, WAREHOUSE)).has(REWINDS)
      }
      const done = await extractTables(db, source, { request, compare, attached, rewinds, paths, work, context })
      checkGuards(
        done.map(({ counts }) => counts),
        request.guards,
        request,
      )
      const changes =
        rewinds && !scratch ? await db.count(`select max(seq) from ${WAREHOUSE}.raw_data.bookmark_changes`) : 0
      const manifest: Manifest = {
        version: 1,
        run_id: request.run_id,
        as_of: request.as_of,
        reconciled: request.reconcile === 'always',
        raw_seq: attached ? await rawSeq(db, WAREHOUSE) : 0,
        ...(changes > 0 ? { bookmark_seq: changes } : {}),
        tables: await Promise.all(
          done.map(async ({ entry, asLoaded }) => ({ ...(await entry), ...(asLoaded ? { as_loaded: stamp } : {}) })),
        ),
      }
      if (!scratch) await publish(paths, work, manifest, done)
      return done.map(({ flow }) => flow)
    } finally {
      db.close()
    }
  }
  return scratch === undefined ? workIn(await openScratch(paths.work), extract) : extract(scratch)
}

interface TablesOptions extends TableOptions {
  rewinds: boolean
  compare: boolean
}

/** Each table in turn. @returns in the order of the model */
async function extractTables(db: Database, source: OpenSource, options: TablesOptions): Promise<TableDone[]> {
  const { context } = options
  const done = new Map<SourceTable, TableDone>()
  const states = await rawStates(db, options)
  const known = await comparable(db, states, options)
  const asLoaded = new Set<SourceTable>()
  const isKnown = async (table: SourceTable, before: KnownTable): Promise<boolean> => {
    const is = await isAsLoaded(db, table, before)
    if (is) asLoaded.add(table)
    return is
  }
  try {
    for await (const found of source.tables(known)) {
      const { table } = found
      context.emit({ type: 'table_progress', layer: 'extract', table: table.name, rows: 0, step: 'reading' })
      const before = known.get(table.name)
      const state = states.get(table) as RawState
      const same = 'same' in found && before && (await isKnown(table, before))
      const one = same
        ? await unchangedTable(db, table, state, before, found.made)
        : await extractOne(db, 'same' in found ? await source.open(table) : found, state, {
            ...options,
            before: await blocksBefore(found, before, isKnown),
            last: before?.entry.blocks,
            listed: !options.compare,
          })
      for (const message of one.warnings) context.emit({ type: 'log', layer: 'extract', level: 'warn', message })
      context.emit({ type: 'table_done', layer: 'extract', flow: one.flow })
      done.set(table, { ...one, asLoaded: asLoaded.has(table) })
    }
    await Promise.all([...done.values()].map(({ entry }) => entry))
  } finally {
    // Files are read and written for them: nobody may remove their folder before.
    await Promise.allSettled([...done.values()].map(({ entry }) => entry))
    // Also when it failed: what the engine says of a file that is being written is no more than a consequence.
    await source.close()
  }
  return SOURCE_TABLES.map((table) => done.get(table) as TableDone)
}

async function rawStates(
  db: Database,
  { attached, rewinds, request, compare }: TablesOptions,
): Promise<Map<SourceTable, RawState>> {
  const states = new Map<SourceTable, RawState>()
  for (const table of SOURCE_TABLES)
    states.set(table, await rawState(db, table, { attached, rewinds, fullRefresh: request.full_refresh, compare }))
  return states
}

/** The tables that need not be read where their source is the same to the byte. */
async function comparable(
  db: Database,
  states: ReadonlyMap<SourceTable, RawState>,
  { attached, request, compare, paths }: TablesOptions,
): Promise<Map<string, KnownTable>> {
  if (!attached || compare || request.reconcile === 'never') return new Map()
  return knownTables(
    db,
    paths,
    SOURCE_TABLES.filter((table) => !states.get(table)?.full),
  )
}

/** The blocks that raw was loaded from, where a table was read by them, and raw is as that load left it. */
async function blocksBefore(
  found: OpenTable | SameTable,
  before: KnownTable | undefined,
  isKnown: (table: SourceTable, before: KnownTable) => Promise<boolean>,
): Promise<KnownBlocks | undefined> {
  if ('same' in found || !found.news || !before || !(await isKnown(found.table, before))) return undefined
  const blocks = await before.blocks()
  return blocks && blocks.files.length < MOST_FILES ? blocks : undefined
}

/** Moves what was written into the lake, and makes it visible by its manifest. */
async function publish(paths: HomePaths, work: string, manifest: Manifest, done: readonly TableDone[]): Promise<void> {
  const files = manifest.tables.flatMap((table) => [...table.files, ...table.rejected_files])
  const lists = await Promise.all(done.map(({ list }) => list))
  for (const folder of new Set(
    [...files, ...lists.flatMap((list) => list?.file ?? [])].map(({ path }) => dirname(path)),
  )) {
    const target = join(paths.home, folder)
    await rm(target, { recursive: true, force: true })
    await mkdir(dirname(target), { recursive: true })
    await moveInto(join(work, folder), target)
  }
  await writeManifest(paths, manifest)
  for (const list of lists) if (list) await removeOldBlocks(paths, list)
}

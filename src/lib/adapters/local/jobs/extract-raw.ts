import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EtlError } from '../../../core/errors.js'
import { SOURCE_TABLES, type SourceTable } from '../../../core/model.js'
import { checkGuards, type TableCounts } from '../../../core/run/guards.js'
import type { Manifest, ManifestTable } from '../../../core/run/manifest.js'
import type { RunRequest } from '../../../core/run/request.js'
import { emptyFlow, type TableFlow } from '../../../core/run/run.js'
import { lakeColumns } from '../../../core/sql/ddl.js'
import { ident, literal } from '../../../core/sql/names.js'
import { assertUnchanged, isCsvError, normaliseCsv, type OpenCsv, statSource } from '../../source/csv/csv-source.js'
import { openAhead, type TableFile } from '../../source/csv/open-ahead.js'
import { Database } from '../engine/database.js'
import { memoryLimit } from '../engine/memory.js'
import { exists } from '../home/files.js'
import { type HomePaths, homePaths } from '../home/paths.js'
import { assertTables } from '../warehouse/structure.js'
import type { JobContext } from '../workflow/job.js'
import { extractRejects } from './extract-rejects.js'
import { type RawState, rawSeq, rawState, WAREHOUSE } from './extract-state.js'
import { extractChanges, extractFull, type TableExtract } from './extract-table.js'
import { lakeFiles, schemaHash, writeManifest } from './manifest-file.js'

export interface ExtractSettings {
  home: string
  /** Limit of the engine's memory, such as `2GB`; by itself where there is none. */
  memory?: string | undefined
  /** Makes the source's folder of CSV files ready and returns it. @param scratch where it is made instead of in the home */
  sourceFolder(signal: AbortSignal, scratch?: string): Promise<string>
}

export interface ExtractOptions {
  /** A folder for all that is written: nothing becomes visible, and the home is not touched. */
  scratch?: string
  /** Compare with raw as it is, whether a reset is pending or not. */
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
  const work = scratch ?? join(paths.work, request.run_id)
  await mkdir(work, { recursive: true })
  try {
    const folder = await settings.sourceFolder(context.signal, scratch)
    const sources: TableFile[] = []
    for (const table of SOURCE_TABLES)
      sources.push({ table, file: await statSource(join(folder, `${table.name}.csv`)) })
    const bytes = sources.reduce((sum, { file }) => sum + file.size, 0)
    const db = await Database.open(':memory:', {
      spillTo: join(work, 'spill'),
      memoryLimit: memoryLimit(bytes),
      signal: context.signal,
    })
    try {
      const attached = await exists(paths.warehouse)
      if (attached) {
        await db.attach(paths.warehouse, WAREHOUSE, { readOnly: true })
        await assertTables(db, paths.warehouse, WAREHOUSE)
      }
      const done = await extractTables(db, sources, { request, compare, attached, paths, work, context })
      checkGuards(
        done.map(({ counts }) => counts),
        request.guards,
        request,
      )
      const manifest: Manifest = {
        version: 1,
        run_id: request.run_id,
        as_of: request.as_of,
        reconciled: request.reconcile === 'always',
        raw_seq: attached ? await rawSeq(db, WAREHOUSE) : 0,
        tables: await Promise.all(done.map(({ entry }) => entry)),
      }
      if (!scratch) await publish(paths, work, manifest)
      return done.map(({ flow }) => flow)
    } finally {
      db.close()
    }
  } finally {
    if (!scratch) await rm(work, { recursive: true, force: true })
  }
}

/** Each table in turn. @returns in the order of the model */
async function extractTables(db: Database, sources: readonly TableFile[], options: TableOptions): Promise<TableDone[]> {
  const { request, attached, work, context } = options
  const done = new Map<SourceTable, TableDone>()
  try {
    // The smallest first: so nobody waits while the bytes of a large file are looked at.
    const inTurn = sources.toSorted((a, b) => a.file.size - b.file.size)
    for await (const { table, csv } of openAhead(inTurn, work, context.signal)) {
      context.emit({ type: 'table_progress', layer: 'extract', table: table.name, rows: 0, step: 'reading' })
      assertColumns(table, csv)
      const state = await rawState(db, table.raw, table.name, table.bookmark.column, {
        attached,
        fullRefresh: request.full_refresh,
        compare: options.compare,
      })
      const one = await extractTable(db, table, csv, state, options)
      for (const warning of one.warnings)
        context.emit({ type: 'log', layer: 'extract', level: 'warn', message: warning })
      context.emit({ type: 'table_done', layer: 'extract', flow: one.flow })
      done.set(table, one)
    }
  } finally {
    // Also when it failed: what the engine says of a file that is being written is no more than a consequence.
    for (const { file } of sources) await assertUnchanged(file)
  }
  return sources.map(({ table }) => done.get(table) as TableDone)
}

/** Moves what was written into the lake, and makes it visible by its manifest. */
async function publish(paths: HomePaths, work: string, manifest: Manifest): Promise<void> {
  const files = manifest.tables.flatMap((table) => [...table.files, ...table.rejected_files])
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) {
    const target = join(paths.home, folder)
    await rm(target, { recursive: true, force: true })
    await mkdir(dirname(target), { recursive: true })
    await rename(join(work, folder), target)
  }
  await writeManifest(paths, manifest)
}

interface TableOptions {
  request: RunRequest
  compare: boolean
  attached: boolean
  paths: HomePaths
  /** Where the table's part of the lake is written. */
  work: string
  context: JobContext
}

interface TableDone {
  /** Known once the hashes of its files are, which are taken beside the work on the next table. */
  entry: Promise<ManifestTable>
  counts: TableCounts
  flow: TableFlow
  warnings: string[]
}

async function extractTable(
  db: Database,
  table: SourceTable,
  csv: OpenCsv,
  state: RawState,
  options: TableOptions,
): Promise<TableDone> {
  const { request, paths, work, context } = options
  const folder = join(work, paths.lake(table.name, request.run_id))
  const full = state.full
  const beyond = request.reconcile === 'always' || full ? undefined : beyondBookmark(table, state)
  const attempt = async (input: OpenCsv): Promise<TableExtract> => {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    return full ? extractFull(db, table, input, folder, state) : extractChanges(db, table, input, folder, beyond)
  }
  let input = csv
  let extract: TableExtract
  try {
    extract = await attempt(input)
  } catch (error) {
    // A record whose number of fields is not the header's, or a form that only the strict reader takes.
    if (input.normalised || !isCsvError(error)) throw error
    input = await normaliseCsv(csv, work, { signal: context.signal })
    extract = await attempt(input)
  }
  const misfits = input.misfits
  const typedBad = beyond !== undefined || extract.good + (misfits?.count ?? 0) !== input.records
  const rejects = await extractRejects(db, table, input, {
    misfits,
    typedBad,
    attached: options.attached,
    beyond,
    rebuilt: state.asked,
    folder: join(work, paths.rejected(table.name, request.run_id)),
  })
  const sourceRows = beyond ? extract.good + rejects.found : input.records
  const missing = table.columns.filter((column) => !input.header.includes(column.name)).map(({ name }) => name)
  const drift = input.header.filter((name) => !table.columns.some((column) => column.name === name))
  const flow: TableFlow = {
    ...emptyFlow(table.name),
    rows_in: sourceRows,
    rows_out: extract.extracted + rejects.added,
    deleted: extract.tombstones,
    unchanged: extract.unchanged + rejects.found - rejects.added,
  }
  // Counted apart: records by the reader, good rows and rejects by the engine.
  flow.unexplained = flow.rows_in - flow.rows_out - flow.unchanged
  if (flow.unexplained !== 0) throw unbalanced(table.name, flow.unexplained)
  const entry = async (): Promise<ManifestTable> => ({
    table: table.name,
    source_rows: sourceRows,
    unchanged: flow.unchanged,
    extracted: extract.extracted,
    tombstones: extract.tombstones,
    copies: extract.copies,
    // An empty table that stays empty is not rebuilt: nothing moves.
    full: full && (state.asked || extract.extracted > 0),
    rejected: rejects.added,
    rejected_by_rule: rejects.addedByRule,
    cleared: rejects.cleared,
    truncated: extract.truncated,
    drift,
    absent: missing,
    files: await lakeFiles(work, extract.files),
    rejected_files: await lakeFiles(work, rejects.files),
    schema_hash: schemaHash(lakeColumns(table)),
  })
  const described = entry()
  described.catch(() => undefined)
  return {
    entry: described,
    counts: {
      table: table.name,
      raw_rows: state.rows,
      deleted: extract.vanished,
      source_rows: sourceRows,
      quarantined: rejects.found,
      whole: beyond === undefined,
    },
    flow,
    warnings: [
      ...drift.map((name) => `${table.name}: column ${name} is not in the model; it is not loaded`),
      ...Object.entries(extract.truncated).map(
        ([name, n]) => `${table.name}: ${n} texts of ${name} were cut to 65,535 bytes`,
      ),
      ...(beyond
        ? [
            `${table.name}: only rows beyond ${table.bookmark.column} ${state.bookmark} were read; changes and deletions are not seen`,
          ]
        : []),
    ],
  }
}

/** A condition on typed columns; undefined where raw holds no position yet. */
function beyondBookmark(table: SourceTable, state: RawState): string | undefined {
  if (state.bookmark === undefined) return undefined
  const column = table.columns.find(({ name }) => name === table.bookmark.column)
  const position = `cast(${literal(state.bookmark)} as ${column?.type})`
  return `${ident(table.bookmark.column)} ${table.bookmark.inclusive ? '>=' : '>'} ${position}`
}

function assertColumns(table: SourceTable, csv: OpenCsv): void {
  const missing = table.columns
    .filter((column) => column.required && !csv.header.includes(column.name))
    .map(({ name }) => name)
  if (missing.length === 0) return
  throw new EtlError(
    `${csv.source.path} lacks the required column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}; its header is: ${csv.header.join(', ')}`,
    { code: 'SOURCE_SCHEMA', suggestions: ['rental-etl doctor   # checks the headers of all files'] },
  )
}

function unbalanced(table: string, unexplained: number): EtlError {
  return new EtlError(`${table} does not balance: ${unexplained} rows are unexplained; nothing was loaded`, {
    code: 'UNBALANCED',
    suggestions: ['rental-etl run --full-refresh'],
  })
}

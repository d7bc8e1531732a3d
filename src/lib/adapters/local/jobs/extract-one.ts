import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EtlError } from '../../../core/errors.js'
import type { SourceTable } from '../../../core/model.js'
import type { TableCounts } from '../../../core/run/guards.js'
import type { LakeFile, ManifestTable } from '../../../core/run/manifest.js'
import type { RunRequest } from '../../../core/run/request.js'
import { emptyFlow, type TableFlow } from '../../../core/run/run.js'
import { readFrom } from '../../../core/sql/beyond.js'
import { lakeColumns } from '../../../core/sql/ddl.js'
import { literal } from '../../../core/sql/names.js'
import { assertColumns, columnsOf, warningsOf } from '../../source/columns.js'
import type { NewBlocks, OpenTable } from '../../source/source.js'
import type { Database } from '../engine/database.js'
import { isCsvError } from '../engine/readers.js'
import type { HomePaths } from '../home/paths.js'
import type { JobContext } from '../workflow/job.js'
import type { KnownBlocks, NewList } from './block-list.js'
import { extractChanges } from './extract-changes.js'
import { extractFull } from './extract-full.js'
import { type KnownTable, keptFingerprint } from './extract-known.js'
import { listingOf, writeList } from './extract-list.js'
import { extractNews } from './extract-news.js'
import { extractRejects, worstRule } from './extract-rejects.js'
import { type RawState, WAREHOUSE } from './extract-state.js'
import type { TableExtract } from './extract-table.js'
import { lakeFiles, schemaHash } from './manifest-file.js'

export interface TableOptions {
  request: RunRequest
  attached: boolean
  paths: HomePaths
  /** Where the table's part of the lake is written. */
  work: string
  context: JobContext
}

interface OneOptions extends TableOptions {
  /** The blocks of what raw was loaded from, to the byte. */
  before: KnownBlocks | undefined
  /** The list of the last load. */
  last: LakeFile | undefined
  /** The blocks of the source are kept for the next run. */
  listed: boolean
}

export interface TableDone {
  /** Known once the hashes of its files are, which are taken beside the work on the next table. */
  entry: Promise<ManifestTable>
  /** The list of the source's blocks, where one was written. */
  list: Promise<NewList | undefined>
  counts: TableCounts
  flow: TableFlow
  warnings: string[]
  /** Raw was looked at, and is as its last load left it. */
  asLoaded?: boolean
}

/** Reads one table, types it, and writes what differs from raw. @throws EtlError SOURCE_SCHEMA, UNBALANCED */
export async function extractOne(
  db: Database,
  open: OpenTable,
  state: RawState,
  { request, attached, paths, work, before, last, listed }: OneOptions,
): Promise<TableDone> {
  assertColumns(open)
  const { table } = open
  const folder = join(work, paths.lake(table.name, request.run_id))
  const beyond = request.reconcile === 'always' || state.full ? undefined : beyondBookmark(table, state)
  const listFolder = `${paths.blocks(table.name)}/run_id=${request.run_id}`
  const keys = join(work, listFolder, 'keys.parquet')
  let tried = false
  const { input, extract } = await readable(open, async (one) => {
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    if (state.full) return extractFull(db, table, one, folder, state)
    const records = one.records - (one.misfits?.count ?? 0)
    const options = { folder, state, records }
    tried = before !== undefined && one.news !== undefined
    const found =
      before && one.news
        ? await extractNews(db, table, one, { ...options, home: paths.home, work, keys, before, news: one.news })
        : undefined
    return found ?? extractChanges(db, table, one, { ...options, beyond })
  })
  const { misfits } = input
  // Where a list was of no use, the next run makes a new one: it is not made each night in vain.
  const isListed = listed && beyond === undefined && (!tried || extract.keys !== undefined)
  const listing = isListed ? await listingOf(db, table, input, extract, { full: state.full, file: keys }) : undefined
  const rejects = await extractRejects(db, table, input, {
    misfits,
    bad: extract.bad,
    typedBad: beyond !== undefined || extract.good + (misfits?.count ?? 0) !== input.records,
    attached,
    beyond,
    rebuilt: state.asked,
    made: input.made,
    folder: join(work, paths.rejected(table.name, request.run_id)),
  })
  const sourceRows = beyond ? extract.good + rejects.found : input.records
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
  const columns = columnsOf(input)
  const files = lakeFiles(work, extract.files)
  const list = files.then(
    (lake) => listing && writeList(input, listing, { root: work, folder: listFolder, lake, last }),
  )
  const entry = async (): Promise<ManifestTable> => {
    const fingerprint = beyond === undefined ? input.fingerprint : undefined
    const blocks = (await list)?.file
    return {
      table: table.name,
      source_rows: sourceRows,
      unchanged: flow.unchanged,
      extracted: extract.extracted,
      tombstones: extract.tombstones,
      copies: extract.copies,
      // An empty table that stays empty is not rebuilt: nothing moves.
      full: state.full && (state.asked || extract.extracted > 0),
      rejected: rejects.added,
      rejected_by_rule: rejects.addedByRule,
      cleared: rejects.cleared,
      truncated: extract.truncated,
      drift: columns.drift,
      absent: columns.absent,
      files: await files,
      rejected_files: await lakeFiles(work, rejects.files),
      schema_hash: schemaHash(lakeColumns(table)),
      ...(fingerprint === undefined ? {} : { fingerprint: keptFingerprint(fingerprint) }),
      ...(blocks ? { blocks } : {}),
    }
  }
  const described = entry()
  described.catch(() => undefined)
  return {
    entry: described,
    list,
    counts: {
      table: table.name,
      raw_rows: state.rows,
      deleted: extract.vanished,
      source_rows: sourceRows,
      quarantined: rejects.found,
      whole: beyond === undefined,
      worst: rejects.worst,
    },
    flow,
    warnings: [
      ...(input.warnings ?? []),
      ...warningsOf(columns),
      ...Object.entries(extract.truncated).map(
        ([name, n]) => `${table.name}: ${n} texts of ${name} were cut to 65,535 bytes`,
      ),
      ...(beyond
        ? [
            `${table.name}: ${state.bookmark === undefined ? 'rows were read from the beginning' : `only rows beyond ${table.bookmark.column} ${state.bookmark} were read`}; ${state.rewound ? 'changes before it, and deletions,' : 'changes and deletions'} are not seen`,
          ]
        : []),
    ],
  }
}

/** A table whose source and raw are, to the byte, what they were after the last load. */
export async function unchangedTable(
  db: Database,
  table: SourceTable,
  { rows }: RawState,
  { entry: { as_loaded: _, ...before } }: KnownTable,
  made: OpenTable['made'],
): Promise<TableDone> {
  const { source_rows, drift, absent } = before
  const open = `(select * from ${WAREHOUSE}.raw_data.quarantine where table_name = ${literal(table.name)} and cleared_run_id is null)`
  const quarantined = await db.count(`select count(*) from ${open}`)
  const worst = await worstRule(db, table, open, made)
  const entry: ManifestTable = {
    ...before,
    unchanged: source_rows,
    extracted: 0,
    tombstones: 0,
    copies: false,
    full: false,
    rejected: 0,
    rejected_by_rule: {},
    cleared: 0,
    truncated: {},
    files: [],
    rejected_files: [],
  }
  return {
    entry: Promise.resolve(entry),
    list: Promise.resolve(undefined),
    counts: { table: table.name, raw_rows: rows, deleted: 0, source_rows, quarantined, whole: true, worst },
    flow: { ...emptyFlow(table.name), rows_in: source_rows, unchanged: source_rows },
    warnings: warningsOf({ table: table.name, missingRequired: [], absent, drift }),
  }
}

/** What the engine does not type is read as texts, and what its reader does not take by the strict one. */
export async function readable<Extract = TableExtract>(
  open: OpenTable,
  attempt: (table: OpenTable) => Promise<Extract>,
): Promise<{ input: OpenTable; extract: Extract }> {
  try {
    return { input: open, extract: await attempt(open) }
  } catch (error) {
    const { plain, news, ...others } = open
    const { plain: newPlain, ...newTexts } = news ?? {}
    const texts = { ...others, ...(news ? { news: newTexts as NewBlocks } : {}) }
    const isTyped = plain !== undefined || newPlain !== undefined
    const next = isTyped && isCsvError(error) ? texts : await open.strict?.(error)
    if (!next) throw error
    return readable(next, attempt)
  }
}

/** A condition on typed columns; undefined where raw holds no position yet. */
function beyondBookmark(table: SourceTable, state: RawState): string | undefined {
  if (state.bookmark === undefined) return state.rewound ? 'true' : undefined
  return readFrom(table, state.bookmark)
}

function unbalanced(table: string, unexplained: number): EtlError {
  return new EtlError(`${table} does not balance: ${unexplained} rows are unexplained; nothing was loaded`, {
    code: 'UNBALANCED',
    suggestions: ['rental-etl run --full-refresh'],
  })
}

import { readSqlFiles } from '../../src/lib/adapters/files/sql-files.js'
import { createJobs } from '../../src/lib/adapters/local/jobs/index.js'
import { openLocalWarehouse } from '../../src/lib/adapters/local/warehouse/warehouse.js'
import type { JobEvent } from '../../src/lib/adapters/local/workflow/job.js'
import { CsvSource } from '../../src/lib/adapters/source/csv/csv-source.js'
import type { Source } from '../../src/lib/adapters/source/source.js'
import type { Guards } from '../../src/lib/core/run/guards.js'
import { newRequest } from '../../src/lib/core/run/request.js'
import { BUILD_QUERY, type Build } from '../../src/lib/core/sql/build.js'
import type { Cell, Row, Warehouse } from '../../src/lib/ports/warehouse.js'
import { ledgerState } from '../../src/lib/use-cases/ledger-state.js'
import { ask } from '../../src/lib/use-cases/question.js'

export interface PipelineOptions {
  home: string
  /** A folder of CSV files, or another source. */
  folder?: string
  source?: Source
  asOf: string
  runId: string
  reconcile?: boolean
  fullRefresh?: boolean
  allowDeletes?: boolean
  allowRejects?: boolean
  guards?: Guards
  /** The last layer that is done. */
  to?: 'extract' | 'raw'
}

/** The three jobs, one after the other, without a workflow. */
export async function runJobs(options: PipelineOptions): Promise<JobEvent[]> {
  const events: JobEvent[] = []
  const jobs = createJobs({
    home: options.home,
    now: () => new Date(),
    source: () => options.source ?? new CsvSource(options.folder as string),
  })
  const context = { emit: (event: JobEvent) => events.push(event), signal: new AbortController().signal }
  const request = newRequest({
    run_id: options.runId,
    as_of: options.asOf,
    reconcile: options.reconcile === false ? 'never' : 'always',
    full_refresh: options.fullRefresh ?? false,
    allow_deletes: options.allowDeletes ?? true,
    allow_rejects: options.allowRejects ?? true,
    ...(options.guards ? { guards: options.guards } : {}),
  })
  await jobs.extract_raw(request, context)
  if (options.to === 'extract') return events
  await jobs.s3_to_redshift_raw(request, context)
  if (options.to === 'raw') return events
  await jobs.redshift_raw_to_curated(request, context)
  return events
}

type Relations = Record<string, (string | null)[][]>
type Ledger = ReturnType<ReturnType<typeof ledgerState>['answer']>

/** All rows of relations, as texts, sorted by text with NULL first. */
export async function readRelations(home: string, relations: Record<string, readonly string[]>): Promise<Relations> {
  return inWarehouse(home, (warehouse) => rowsOf(warehouse, relations))
}

export async function readLedger(home: string): Promise<Ledger> {
  return inWarehouse(home, ledgerOf)
}

/** Both of them, at one opening. */
export async function readAll(
  home: string,
  relations: Record<string, readonly string[]>,
): Promise<{ found: Relations; ledger: Ledger['ledger'] }> {
  return inWarehouse(home, async (warehouse) => ({
    found: await rowsOf(warehouse, relations),
    ledger: (await ledgerOf(warehouse)).ledger,
  }))
}

async function inWarehouse<Result>(home: string, read: (warehouse: Warehouse) => Promise<Result>): Promise<Result> {
  await using warehouse = await openLocalWarehouse(home)
  return await read(warehouse)
}

async function rowsOf(warehouse: Warehouse, relations: Record<string, readonly string[]>): Promise<Relations> {
  const found: Relations = {}
  for (const [relation, columns] of Object.entries(relations)) {
    const list = columns.map((name) => `"${name}"`).join(', ')
    const { rows } = await warehouse.read<{ rows: Row }>({ rows: `select ${list} from ${relation}` })
    found[relation] = sortedTexts(rows.map((row) => columns.map((name) => row[name] as Cell)))
  }
  return found
}

async function ledgerOf(warehouse: Warehouse): Promise<Ledger> {
  const files = await readSqlFiles('ledger')
  const texts = Object.fromEntries(files.map(({ name, text }) => [name, text]))
  const { builds } = await warehouse.read<{ builds: Build }>({ builds: BUILD_QUERY })
  return ask(warehouse, ledgerState(texts, builds[0]))
}

export function sortedTexts(rows: readonly (readonly Cell[])[]): (string | null)[][] {
  return rows
    .map((row) => row.map((cell) => (cell === null ? null : String(cell))))
    .map((row) => ({ row, text: row.map((cell) => (cell === null ? '\u0000' : `\u0001${cell}`)).join('\u0002') }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ row }) => row)
}

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { copyTo } from '../../src/lib/adapters/local/engine/readers.js'
import { exists } from '../../src/lib/adapters/local/home/files.js'
import { homePaths } from '../../src/lib/adapters/local/home/paths.js'
import type { JobEvent } from '../../src/lib/adapters/local/workflow/job.js'
import type { OpenSource, OpenTable, Source } from '../../src/lib/adapters/source/source.js'
import { EtlError } from '../../src/lib/core/errors.js'
import { SOURCE_TABLES, type SourceTable } from '../../src/lib/core/model.js'
import { snapshotQueries } from '../../src/lib/core/release/snapshot.js'
import { DEFAULT_GUARDS } from '../../src/lib/core/run/guards.js'
import type { Manifest } from '../../src/lib/core/run/manifest.js'
import { createStatements } from '../../src/lib/core/sql/ddl.js'
import { literal } from '../../src/lib/core/sql/names.js'
import { type PipelineOptions, runJobs } from '../support/pipeline.js'

/** A table as MySQL would give it: an empty text is NULL. */
export interface TextTable {
  header: string[]
  rows: string[][]
}

export type TextTables = Record<string, TextTable>

/** A source whose rows are these texts, read as those of a MySQL database are. */
export class TextSource implements Source {
  constructor(private readonly tables: TextTables) {}

  async open(work: string): Promise<OpenSource> {
    const one = (table: SourceTable): Promise<OpenTable> => openTexts(join(work, 'texts'), table, this.tables)
    return {
      bytes: 1,
      tables: async function* () {
        for (const table of SOURCE_TABLES) yield await one(table)
      } as OpenSource['tables'],
      open: one,
      look: () => Promise.reject(new Error('nobody looks')),
      close: () => Promise.resolve(),
    }
  }
}

async function openTexts(folder: string, table: SourceTable, tables: TextTables): Promise<OpenTable> {
  const { header, rows } = tables[table.name] as TextTable
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${table.name}.jsonl`)
  await writeFile(file, rows.map((row) => `${JSON.stringify({ f: row })}\n`).join(''))
  const columns = header.map((_, at) => `f[${at + 1}] as x_${at}`).join(', ')
  const none = header.map((_, at) => `cast(null as varchar) as x_${at}`).join(', ')
  return {
    table,
    name: `rental_db.${table.name}`,
    header,
    records: rows.length,
    bytes: rows.length,
    relation: rows.length === 0 ? `(select ${none} where false)` : `(select ${columns} from ${linesOf(file)})`,
    trimmed: false,
    words: 'mysql',
    ordered: false,
  }
}

const linesOf = (file: string): string =>
  `read_json(${literal(file)}, format = 'newline_delimited', columns = {f: 'VARCHAR[]'}, maximum_object_size = 4000000)`

export interface Day {
  /** What the extract on AWS finds, and where it writes. */
  folder: string
  request: Record<string, unknown>
  /** What the local one made of the same. */
  home: string
  manifest: Manifest
  events: JobEvent[]
  /** What the local job said where it stopped; it left no manifest then. */
  error?: EtlError
}

export type DayOptions = Pick<PipelineOptions, 'runId' | 'reconcile' | 'fullRefresh' | 'guards'> & {
  /** The guards hold; otherwise everything is let pass. */
  strict?: boolean
}

/** Keeps raw and the source as an extract on AWS would find them, and then does the day with the local jobs. */
export async function localDay(home: string, folder: string, tables: TextTables, options: DayOptions): Promise<Day> {
  await keepSource(join(folder, 'source'), tables)
  return sourceDay(home, folder, new TextSource(tables), options)
}

/** The same of a source that both read by themselves. */
export async function sourceDay(home: string, folder: string, source: Source, options: DayOptions): Promise<Day> {
  await keepSnapshot(home, join(folder, 'glue/temp', options.runId))
  const asOf = '2024-05-31'
  const { runId, reconcile = true, fullRefresh = false, strict = false, guards = DEFAULT_GUARDS } = options
  const allowed = { allowDeletes: !strict, allowRejects: !strict }
  const job = { home, source, asOf, runId, reconcile, fullRefresh, guards, ...allowed, to: 'raw' } as const
  const done = await runJobs(job).catch((error) => {
    if (strict && error instanceof EtlError) return error
    throw error
  })
  const request = {
    ...{ run_id: runId, as_of: asOf, reconcile: reconcile ? 'always' : 'never', full_refresh: fullRefresh, guards },
    ...{ allow_deletes: !strict, allow_rejects: !strict },
  }
  if (done instanceof EtlError)
    return { folder, home, request, events: [], manifest: { tables: [] } as never, error: done }
  const manifest = JSON.parse(await readFile(homePaths(home).manifest(runId), 'utf8'))
  return { folder, home, request, events: done, manifest }
}

/** Raw, the open quarantine and the state, as `--step snapshot` leaves them. */
export async function keepSnapshot(home: string, folder: string): Promise<void> {
  const { warehouse } = homePaths(home)
  const there = await exists(warehouse)
  const db = await Database.open(there ? warehouse : ':memory:', {})
  try {
    if (!there) for (const statement of createStatements()) await db.run(statement)
    const queries = snapshotQueries()
    const rows = await db.all<Record<string, string | boolean | null>>(queries.state)
    const counts = ['seq', 'bookmark_seq', 'rows', 'single']
    const state = rows.map((row) => ({
      ...row,
      ...Object.fromEntries(counts.map((name) => [name, Number(row[name])])),
    }))
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'state.json'), JSON.stringify(state))
    const files = {
      ...Object.fromEntries(Object.entries(queries.raw).map(([name, sql]) => [`raw/${name}`, sql])),
      rejects: queries.rejects,
    }
    for (const [name, sql] of Object.entries(files)) {
      if ((await db.count(`select count(*) from (${sql})`)) === 0) continue
      await mkdir(join(folder, name), { recursive: true })
      await db.run(`copy (${sql}) ${copyTo(join(folder, name, '0000_part_00.parquet'))}`)
    }
  } finally {
    db.close()
  }
}

export async function keepSource(folder: string, tables: TextTables): Promise<void> {
  await mkdir(folder, { recursive: true })
  const db = await Database.open(':memory:', {})
  try {
    for (const table of SOURCE_TABLES) {
      const { header, relation } = await openTexts(folder, table, tables)
      await writeFile(join(folder, `${table.name}.json`), JSON.stringify(header))
      const columns = header.map((_, at) => `nullif(x_${at}, '') as s_${at}`).join(', ')
      await db.run(`copy (select ${columns} from ${relation}) ${copyTo(join(folder, `${table.name}.parquet`))}`)
    }
  } finally {
    db.close()
  }
}

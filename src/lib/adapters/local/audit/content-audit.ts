import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { EtlError } from '../../../core/errors.js'
import { CURATED_TABLES, DIM_DATES, SOURCE_TABLES, type SourceTable, sourceTable } from '../../../core/model.js'
import type { Manifest } from '../../../core/run/manifest.js'
import { newRequest } from '../../../core/run/request.js'
import { curatedQuery, type LakePart, lakeRawQuery, rawHashQuery } from '../../../core/sql/content.js'
import { identList, literal } from '../../../core/sql/names.js'
import { type CheckResult, judge, type SampleRow, skipped } from '../../../core/verify/verify.js'
import type { ContentAudit } from '../../../ports/content-audit.js'
import { readSqlFiles } from '../../files/sql-files.js'
import { openCsv, statSource } from '../../source/csv/csv-source.js'
import { Database } from '../engine/database.js'
import { memoryLimit } from '../engine/memory.js'
import { exists, inScratch, readJson } from '../home/files.js'
import { type HomePaths, homePaths } from '../home/paths.js'
import { type ExtractSettings, extractRaw } from '../jobs/extract-raw.js'
import { manifestHash, sha256 } from '../jobs/manifest-file.js'
import { quarantineQuery, type RejectPart } from './quarantine-audit.js'
import { auditViews } from './view-audit.js'

const SAMPLE_ROWS = 5

interface Load {
  rank: number
  runId: string
  full: boolean
  manifest: Manifest | undefined
  /** The manifest is not the one that was loaded. */
  changed: boolean
}

/** Compares the lake, the warehouse and the live source of a local home. */
export class LocalContentAudit implements ContentAudit {
  readonly #paths: HomePaths

  constructor(private readonly settings: ExtractSettings) {
    this.#paths = homePaths(settings.home)
  }

  stored(signal?: AbortSignal): Promise<CheckResult[]> {
    return this.#reading(signal, async (db) => {
      const checks: CheckResult[] = []
      for (const table of SOURCE_TABLES) {
        checks.push(await find(db, `raw_content_${table.raw}`, rawHashQuery(table)))
        const loads = await this.#loads(db, table)
        checks.push(...(await this.#lake(db, table, loads)))
        checks.push(await this.#quarantine(db, table, loads))
      }
      return [...checks, ...(await this.#curated(db))]
    })
  }

  views(signal?: AbortSignal): Promise<CheckResult> {
    return this.#reading(signal, auditViews)
  }

  async live(signal?: AbortSignal): Promise<CheckResult[]> {
    const request = newRequest({
      run_id: `checksum-${process.pid}`,
      as_of: '1970-01-01',
      allow_deletes: true,
      allow_rejects: true,
    })
    const context = { emit: () => undefined, signal: signal ?? new AbortController().signal }
    return inScratch(async (scratch) => {
      const flows = await extractRaw(request, this.settings, context, { scratch, compare: true })
      const checks: CheckResult[] = []
      for (const flow of flows) {
        const different = flow.rows_out + flow.deleted
        const sql = `-- the live source of ${flow.table}, typed and hashed, against raw`
        const check = { name: `source_content_${flow.table}`, scope: 'checksum', severity: 'error', sql } as const
        checks.push(
          judge(check, different, different > 0 ? await this.#differing(scratch, flow.table, request.run_id) : []),
        )
      }
      return checks
    })
  }

  /** The first keys of what an extract into a scratch folder found to differ. */
  async #differing(scratch: string, name: string, runId: string): Promise<SampleRow[]> {
    const table = sourceTable(name)
    const paths = homePaths(scratch)
    const db = await Database.open(':memory:')
    const rows = async (folder: string, select: string): Promise<SampleRow[]> => {
      if (!(await exists(join(scratch, folder)))) return []
      const file = literal(join(scratch, folder, '*.parquet'))
      return (await db.count(`select count(*) from glob(${file})`)) === 0
        ? []
        : db.all<SampleRow>(`select ${select} from read_parquet(${file}) limit ${SAMPLE_ROWS}`)
    }
    try {
      const good = await rows(
        paths.lake(name, runId),
        `${identList(table.key)}, case when _deleted then 'gone from the source' else 'new or changed in the source' end as problem`,
      )
      const bad = await rows(
        paths.rejected(name, runId),
        `key_text, rule, case when _deleted then 'no longer bad in the source' else 'bad in the source' end as problem`,
      )
      return [...good, ...bad].slice(0, SAMPLE_ROWS)
    } finally {
      db.close()
    }
  }

  async fresh(signal: AbortSignal = new AbortController().signal): Promise<CheckResult[]> {
    const seen = await this.#seenRows()
    return inScratch(async (scratch) => {
      const folder = await this.settings.sourceFolder(signal, scratch)
      const checks: CheckResult[] = []
      for (const { name } of SOURCE_TABLES) {
        const { records } = await openCsv(await statSource(join(folder, `${name}.csv`)), scratch, { signal })
        const rows = seen.get(name) ?? 0
        const sample = records === rows ? [] : [{ table: name, source_rows_now: records, source_rows_seen: rows }]
        const sql = `-- the number of rows of the live source of ${name} against what the last run saw`
        checks.push(
          judge(
            { name: `source_rows_${name}`, scope: 'freshness', severity: 'warn', sql },
            Math.abs(records - rows),
            sample,
          ),
        )
      }
      return checks
    })
  }

  async #seenRows(): Promise<Map<string, number>> {
    const db = await Database.open(this.#paths.warehouse, { readOnly: true })
    try {
      const rows = await db.all<{ table_name: string; source_rows: string }>(
        'select table_name, arg_max(source_rows, seq) as source_rows from raw_data.load_log group by table_name',
      )
      return new Map(rows.map((row) => [row.table_name, Number(row.source_rows)]))
    } finally {
      db.close()
    }
  }

  /** The lake's files against their manifests, and its rows against raw, since the last rebuild of the table. */
  async #lake(db: Database, table: SourceTable, all: readonly Load[]): Promise<CheckResult[]> {
    const name = `lake_content_${table.raw}`
    const lastFull = all.findLastIndex(({ full }) => full)
    const loads = all.slice(Math.max(lastFull, 0))
    const lost = loads.filter((load) => !load.manifest).map((load) => load.runId)
    if (lost.length > 0) return [skipped(name, 'ledger', `the lake of run ${lost.join(', ')} is no longer there`)]
    const parts: LakePart[] = []
    const damaged: SampleRow[] = []
    for (const load of loads) {
      if (load.changed) {
        const file = relative(this.#paths.home, this.#paths.manifest(load.runId))
        damaged.push({ file, run_id: load.runId, problem: 'is not as it was loaded' })
      }
      const entry = load.manifest?.tables.find(({ table: of }) => of === table.name)
      const files = entry?.files ?? []
      const paths: string[] = []
      for (const file of [...files, ...(entry?.rejected_files ?? [])]) {
        const path = join(this.#paths.home, file.path)
        const there = await exists(path)
        if (there && files.includes(file)) paths.push(path)
        if (!there || (await sha256(path)) !== file.sha256) {
          damaged.push({ file: file.path, run_id: load.runId, problem: there ? 'is not as it was written' : 'is gone' })
        }
      }
      for (const file of await this.#strangers(table, load)) {
        damaged.push({ file, run_id: load.runId, problem: 'is not in the manifest' })
      }
      if (paths.length > 0) parts.push({ runId: load.runId, rank: load.rank, files: paths })
    }
    const fileCheck = judge(
      {
        name: `lake_files_${table.raw}`,
        scope: 'ledger',
        severity: 'error',
        sql: '-- sha256 of each file in the lake against its manifest',
      },
      damaged.length,
      damaged.slice(0, 5),
    )
    if (parts.length === 0) return [fileCheck]
    return [fileCheck, await findInLake(db, name, lakeRawQuery(table, parts))]
  }

  /** Files in a load's folders that its manifest does not name. */
  async #strangers({ name }: SourceTable, { runId, manifest }: Load): Promise<string[]> {
    const entry = manifest?.tables.find(({ table }) => table === name)
    const named = [...(entry?.files ?? []), ...(entry?.rejected_files ?? [])].map(({ path }) => path)
    const found: string[] = []
    for (const folder of [this.#paths.lake(name, runId), this.#paths.rejected(name, runId)]) {
      const files = await readdir(join(this.#paths.home, folder)).catch(() => [])
      found.push(...files.map((file) => `${folder}/${file}`))
    }
    return found.filter((path) => !named.includes(path))
  }

  /** The quarantine against the rejects that each load brought. */
  async #quarantine(db: Database, table: SourceTable, loads: readonly Load[]): Promise<CheckResult> {
    const parts: RejectPart[] = []
    const lost: string[] = []
    for (const { runId, manifest } of loads) {
      const rejected = manifest?.tables.find((entry) => entry.table === table.name)?.rejected_files ?? []
      const files = rejected.map((file) => join(this.#paths.home, file.path))
      const there = await Promise.all(files.map(exists))
      // A full refresh keeps the quarantine of runs whose files are gone; that they are is told apart.
      if (!manifest || there.includes(false)) lost.push(runId)
      else if (files.length > 0) parts.push({ runId, files })
    }
    return findInLake(db, `quarantine_content_${table.raw}`, quarantineQuery(table.name, parts, lost))
  }

  async #loads(db: Database, table: SourceTable): Promise<Load[]> {
    const rows = await db.all<{ seq: string; run_id: string; full_refresh: boolean; hash: string }>(
      `select min(seq) as seq, run_id, bool_or(full_refresh) as full_refresh, arg_max(manifest_hash, seq) as hash from raw_data.load_log where table_name = '${table.name}' group by run_id order by 1`,
    )
    return Promise.all(
      rows.map(async (row) => {
        const path = this.#paths.manifest(row.run_id)
        const read = (await exists(path)) ? await readJson<Manifest>(path).catch(() => undefined) : undefined
        const manifest = read?.tables ? read : undefined
        const changed = manifest !== undefined && manifestHash(manifest) !== row.hash
        return { rank: Number(row.seq), runId: row.run_id, full: row.full_refresh, manifest, changed }
      }),
    )
  }

  async #reading<Result>(signal: AbortSignal | undefined, look: (db: Database) => Promise<Result>): Promise<Result> {
    const db = await Database.open(this.#paths.warehouse, {
      readOnly: true,
      spillTo: this.#paths.work,
      memoryLimit: memoryLimit(0),
      ...(signal ? { signal } : {}),
    })
    try {
      return await look(db)
    } finally {
      db.close()
    }
  }

  async #curated(db: Database): Promise<CheckResult[]> {
    const [build] = await db.all<{ behind: boolean }>(
      'select b.raw_seq < (select max(seq) from raw_data.load_log) as behind from curated.build b',
    )
    const tables = [...CURATED_TABLES, DIM_DATES]
    if (!build || build.behind) {
      const why = build ? 'raw is ahead of curated: rental-etl resume' : 'curated was not built yet'
      return tables.map((table) => skipped(`curated_content_${table.name}`, 'ledger', why))
    }
    const files = await readSqlFiles('curated')
    const checks: CheckResult[] = []
    for (const table of tables) {
      const text = files.find((file) => file.name === table.name)?.text ?? ''
      checks.push(await find(db, `curated_content_${table.name}`, curatedQuery(table, text)))
    }
    return checks
  }
}

async function find(db: Database, name: string, sql: string): Promise<CheckResult> {
  await db.run(`create or replace temp table bad as ${sql}`)
  const count = await db.count('select count(*) from bad')
  const sample = count > 0 ? await db.all<SampleRow>('select * from bad limit 5') : []
  return judge({ name, scope: 'ledger', severity: 'error', sql }, count, sample)
}

/** The same, where a file of the lake may be no Parquet file of ours any more. */
async function findInLake(db: Database, name: string, sql: string): Promise<CheckResult> {
  try {
    return await find(db, name, sql)
  } catch (error) {
    if (!(error instanceof Error) || error instanceof EtlError || !/parquet|binder error/i.test(error.message))
      throw error
    const problem = `the lake cannot be read: ${error.message.split('\n')[0]}`
    return judge({ name, scope: 'ledger', severity: 'error', sql }, 1, [{ problem }])
  }
}

import { join } from 'node:path'
import { SOURCE_TABLES, type SourceTable, sourceTable } from '../../core/model.js'
import { newRequest, type RunRequest } from '../../core/run/request.js'
import type { TableFlow } from '../../core/run/run.js'
import { identList } from '../../core/sql/names.js'
import { type CheckResult, judge, type SampleRow } from '../../core/verify/verify.js'
import type { RecordPlace, SourceCheck, WantedRecord } from '../../ports/source-check.js'
import { SAMPLE_ROWS } from './audit/check.js'
import { Database } from './engine/database.js'
import { parquetFiles } from './engine/readers.js'
import { exists, inScratch } from './home/files.js'
import { homePaths } from './home/paths.js'
import { type ExtractSettings, extractRaw } from './jobs/extract-raw.js'

/** Reads the live source into folders outside the home, so that nothing in it is changed. */
export class LocalSourceCheck implements SourceCheck {
  constructor(private readonly settings: ExtractSettings) {}

  plan(request: RunRequest, signal: AbortSignal): Promise<TableFlow[]> {
    return inScratch((scratch) => extractRaw(request, this.settings, { emit: () => undefined, signal }, { scratch }))
  }

  compare(signal: AbortSignal = new AbortController().signal): Promise<CheckResult[]> {
    const run_id = `checksum-${process.pid}`
    const request = newRequest({ run_id, as_of: '1970-01-01', allow_deletes: true, allow_rejects: true })
    return inScratch(async (scratch) => {
      const context = { emit: () => undefined, signal }
      const flows = await extractRaw(request, this.settings, context, { scratch, compare: true })
      const checks: CheckResult[] = []
      for (const flow of flows) {
        const different = flow.rows_out + flow.deleted
        const sql = `-- the live source of ${flow.table}, typed, against raw by value`
        const check = { name: `source_content_${flow.table}`, scope: 'checksum', severity: 'error', sql } as const
        const sample = different > 0 ? await differing(scratch, sourceTable(flow.table), run_id) : []
        checks.push(judge(check, different, sample))
      }
      return checks
    })
  }

  async count(signal: AbortSignal = new AbortController().signal): Promise<CheckResult[]> {
    const seen = await this.#seenRows()
    return inScratch(async (scratch) => {
      const source = await this.settings.source({ readOnly: true }).open(scratch, signal)
      const checks: CheckResult[] = []
      try {
        for (const table of SOURCE_TABLES) {
          const { name } = table
          const { records } = await source.look(table)
          const rows = seen.get(name) ?? 0
          const sample = records === rows ? [] : [{ table: name, source_rows_now: records, source_rows_seen: rows }]
          const sql = `-- the number of rows of the live source of ${name} against what the last run saw`
          const check = { name: `source_rows_${name}`, scope: 'freshness', severity: 'warn', sql } as const
          checks.push(judge(check, Math.abs(records - rows), sample))
        }
      } finally {
        await source.close()
      }
      return checks
    })
  }

  async lineOf(wanted: WantedRecord, signal: AbortSignal): Promise<RecordPlace | undefined> {
    return this.settings.source({ readOnly: true }).lineOf?.(wanted, signal)
  }

  async #seenRows(): Promise<Map<string, number>> {
    const db = await Database.open(homePaths(this.settings.home).warehouse, { readOnly: true })
    try {
      const rows = await db.all<{ table_name: string; source_rows: string }>(
        'select table_name, arg_max(source_rows, seq) as source_rows from raw_data.load_log group by table_name',
      )
      return new Map(rows.map((row) => [row.table_name, Number(row.source_rows)]))
    } finally {
      db.close()
    }
  }
}

/** The first keys of what an extract into a scratch folder found to differ. */
async function differing(scratch: string, table: SourceTable, runId: string): Promise<SampleRow[]> {
  const paths = homePaths(scratch)
  const db = await Database.open(':memory:')
  const rows = async (folder: string, select: string): Promise<SampleRow[]> => {
    const found: SampleRow[] = []
    for (const file of ['part-0.parquet', 'part-1.parquet']) {
      const path = join(scratch, folder, file)
      if (await exists(path))
        found.push(...(await db.all<SampleRow>(`select ${select} from ${parquetFiles([path])} limit ${SAMPLE_ROWS}`)))
    }
    return found
  }
  try {
    const good = await rows(
      paths.lake(table.name, runId),
      `${identList(table.key)}, case when _deleted then 'gone from the source' else 'new or changed in the source' end as problem`,
    )
    const bad = await rows(
      paths.rejected(table.name, runId),
      `key_text, rule, case when _deleted then 'no longer bad in the source' else 'bad in the source' end as problem`,
    )
    return [...good, ...bad].slice(0, SAMPLE_ROWS)
  } finally {
    db.close()
  }
}

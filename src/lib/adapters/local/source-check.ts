import { SOURCE_TABLES } from '../../core/model.js'
import type { RunRequest } from '../../core/run/request.js'
import type { TableFlow } from '../../core/run/run.js'
import { rowsCheck } from '../../core/verify/source-checks.js'
import type { CheckResult } from '../../core/verify/verify.js'
import type { RecordPlace, SourceCheck, WantedRecord } from '../../ports/source-check.js'
import { checksum } from './checksum.js'
import { inComparedExtract } from './compared-extract.js'
import { Database } from './engine/database.js'
import { inScratch } from './home/files.js'
import { homePaths } from './home/paths.js'
import { type ExtractSettings, extractRaw } from './jobs/extract-raw.js'

/** Reads the live source into folders outside the home, so that nothing in it is changed. */
export class LocalSourceCheck implements SourceCheck {
  constructor(private readonly settings: ExtractSettings) {}

  plan(request: RunRequest, signal: AbortSignal): Promise<TableFlow[]> {
    return inScratch((scratch) => extractRaw(request, this.settings, { emit: () => undefined, signal }, { scratch }))
  }

  compare(signal: AbortSignal = new AbortController().signal): Promise<CheckResult[]> {
    return inComparedExtract(this.settings, signal, async (extract) => {
      const checks: CheckResult[] = []
      for (const table of SOURCE_TABLES) checks.push(...(await checksum(extract, table)))
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
          checks.push(rowsCheck(name, records, seen.get(name) ?? 0))
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

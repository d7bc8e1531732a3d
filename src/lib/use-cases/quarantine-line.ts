import { countText } from '../core/words/count-text.js'
import type { RunStore } from '../ports/run-store.js'
import type { SourceCheck } from '../ports/source-check.js'
import type { Warehouse } from '../ports/warehouse.js'
import type { QuarantinedRow } from './quarantine.js'

/**
 * Where a quarantined row stands in the source as it is now, in words; undefined for a row that no longer is bad, and for
 * a source that has no lines.
 */
export async function quarantineLine(
  source: SourceCheck,
  { table, row, occurrence, cleared_run_id }: QuarantinedRow,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (cleared_run_id !== null) return undefined
  const fields = Array.isArray(row)
    ? row.map((text) => text ?? '')
    : Object.fromEntries(Object.entries(row).map(([name, text]) => [name, text ?? '']))
  const place = await source.lineOf({ table, fields, occurrence: Number(occurrence) }, signal)
  if (place === undefined) return undefined
  const { file, line } = place
  return line === undefined ? `not found in ${file} as it is now` : `${countText(line)} of ${file}`
}

/**
 * The source that the run of the newest load was given on its command line: its rows are those in quarantine. Undefined
 * where it read the target's own, or its record is gone.
 */
export async function sourceOfLoad(warehouse: Warehouse, runs: RunStore): Promise<string | undefined> {
  const { newest } = await warehouse.read<{ newest: { run_id: string } }>({
    newest: 'select run_id from raw_data.load_log order by seq desc limit 1',
  })
  const [load] = newest
  const record = load && (await runs.get(load.run_id).catch(() => undefined))
  return record?.request.source_given ? record.request.source : undefined
}

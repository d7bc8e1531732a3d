import { literal } from '../../../core/sql/names.js'
import { quarantineContentQuery } from '../../../core/sql/quarantine-content.js'
import { parquetFiles } from '../engine/readers.js'

/** A run's files of one table's rejects in the lake. */
export interface RejectPart {
  runId: string
  files: readonly string[]
}

const COLUMNS = 'rule, key_text, row_text, occurrence, _deleted'
const NOTHING = `select '' as rule, '' as key_text, '' as row_text, 0 as occurrence, false as _deleted, '' as run_id where false`

/**
 * Rows in which the quarantine of a table and the rejects in the lake differ (`quarantineContentQuery`).
 * @param parts oldest first; the files say not of which run they are
 * @param lost runs whose lake is no longer known
 */
export function quarantineQuery(table: string, parts: readonly RejectPart[], lost: readonly string[]): string {
  const rejects = parts.map(
    ({ runId, files }) => `select ${COLUMNS}, ${literal(runId)} as run_id from ${parquetFiles(files)}`,
  )
  const isKnown = (run: string): string =>
    lost.length === 0 ? 'true' : `coalesce(${run}, '') not in (${lost.map(literal).join(', ')})`
  return quarantineContentQuery(table, { rows: `(${[NOTHING, ...rejects].join(' union all ')})`, isKnown })
}

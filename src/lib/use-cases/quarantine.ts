import { EtlError } from '../core/errors.js'
import { literal } from '../core/sql/names.js'
import type { ResultStream, Warehouse } from '../ports/warehouse.js'

/** A row that did not make it into raw, whole. */
export interface QuarantinedRow {
  /** BIGINT, as text. */
  id: string
  table: string
  rule: string
  key: string | null
  /** Which of several equal rows of the source, from 1. */
  occurrence: string
  first_run_id: string
  /** The run that no longer found it bad; null while it is open. */
  cleared_run_id: string | null
  /** Its texts by column; in order only, when their number is not the header's. */
  row: Record<string, string | null> | (string | null)[]
}

const COLUMNS = 'id, table_name as "table", rule, key_text as "key", first_run_id'

/**
 * Quarantined rows, newest last: those that are still bad, or all that ever were with the run that cleared them.
 * @param table a source table's name
 */
export async function listQuarantine(
  warehouse: Warehouse,
  { table, all, signal }: { table?: string | undefined; all: boolean; signal?: AbortSignal },
): Promise<ResultStream> {
  const conditions = [
    ...(table === undefined ? [] : [`table_name = ${literal(table)}`]),
    ...(all ? [] : ['cleared_run_id is null']),
  ]
  const where = conditions.length > 0 ? ` where ${conditions.join(' and ')}` : ''
  const columns = `${COLUMNS}${all ? ', cleared_run_id' : ''}, row_text as "row"`
  return warehouse.query(`select ${columns} from raw_data.quarantine${where} order by id`, signal)
}

/** @throws EtlError NOT_FOUND; USAGE for what is no id */
export async function showQuarantined(warehouse: Warehouse, id: string): Promise<QuarantinedRow> {
  if (!/^\d{1,18}$/.test(id)) {
    throw new EtlError(`"${id}" is no id of a quarantined row: it is a number`, {
      code: 'USAGE',
      suggestions: ['rental-etl quarantine'],
    })
  }
  type Found = Omit<QuarantinedRow, 'row'> & { row_text: string }
  const [found] = await warehouse.all<Found & Record<string, string | null>>(
    `select ${COLUMNS}, cleared_run_id, occurrence, row_text from raw_data.quarantine where id = ${id}`,
  )
  if (!found) {
    throw new EtlError(`there is no quarantined row ${id}`, {
      code: 'NOT_FOUND',
      suggestions: ['rental-etl quarantine --all'],
    })
  }
  const { table, rule, key, occurrence, first_run_id, cleared_run_id, row_text } = found
  const row = JSON.parse(row_text) as QuarantinedRow['row']
  return { id, table, rule, key, occurrence, first_run_id, cleared_run_id, row }
}

/** A quarantined row as text: what is known of it, then its columns. A value of several lines is indented. */
export function quarantineLines({ row, ...known }: QuarantinedRow): string[] {
  const { id, table, rule, key, occurrence, first_run_id, cleared_run_id } = known
  const head: [string, string | null][] = [
    ['id', id],
    ['table', table],
    ['rule', rule],
    ['key', key],
    ['occurrence', occurrence],
    ['first run', first_run_id],
    ['cleared by', cleared_run_id ?? 'no run: it is still bad'],
  ]
  const cells: [string, string | null][] = Array.isArray(row)
    ? row.map((value, at) => [`field ${at + 1}`, value])
    : Object.entries(row)
  return [...aligned(head), '', ...aligned(cells)]
}

function aligned(pairs: [string, string | null][]): string[] {
  const width = Math.max(0, ...pairs.map(([name]) => name.length))
  const indent = `\n${' '.repeat(width + 2)}`
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${(value ?? '').split(/\r?\n/).join(indent)}`.trimEnd())
}

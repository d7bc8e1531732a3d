import { EtlError } from '../core/errors.js'
import { literal } from '../core/sql/names.js'
import { whyQuarantined } from '../core/words/bad-value.js'
import { countText } from '../core/words/count-text.js'
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
  { table, all }: { table?: string | undefined; all: boolean },
): Promise<ResultStream> {
  const where = condition(table, all)
  const columns = `${COLUMNS}${all ? ', cleared_run_id' : ''}, row_text as "row"`
  return warehouse.stream(`select ${columns} from raw_data.quarantine${where} order by id`)
}

function condition(table: string | undefined, all: boolean): string {
  const conditions = [
    ...(table === undefined ? [] : [`table_name = ${literal(table)}`]),
    ...(all ? [] : ['cleared_run_id is null']),
  ]
  return conditions.length > 0 ? ` where ${conditions.join(' and ')}` : ''
}

/** How many rows of each table broke each rule, a line for each. */
export async function quarantineSummary(
  warehouse: Warehouse,
  { table, all }: { table?: string | undefined; all: boolean },
): Promise<string[]> {
  const { rows } = await warehouse.read<{ rows: { table: string; rule: string; n: string } }>({
    rows: `select table_name as "table", rule, count(*) as n from raw_data.quarantine${condition(table, all)} group by table_name, rule order by table_name, rule`,
  })
  const width = (name: 'table' | 'rule' | 'n'): number => Math.max(0, ...rows.map((row) => row[name].length))
  return rows.map((row) =>
    [row.table.padEnd(width('table')), row.rule.padEnd(width('rule')), row.n.padStart(width('n'))].join('  '),
  )
}

/** What each run says of rows that are bad in the source, also where it found them bad before; undefined when there are none. */
export async function openBadRows(warehouse: Warehouse): Promise<string | undefined> {
  const { tables } = await warehouse.read<{ tables: { name: string; n: string } }>({
    tables:
      'select table_name as name, count(*) as n from raw_data.quarantine where cleared_run_id is null group by table_name order by table_name',
  })
  if (tables.length === 0) return undefined
  const counts = tables.map(({ name, n }) => `${name} ${countText(Number(n))}`).join(', ')
  return `bad rows of the source are not in raw: ${counts}; rental-etl quarantine lists them`
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
  const { rows } = await warehouse.read<{ rows: Found & Record<string, string | null> }>({
    rows: `select ${COLUMNS}, cleared_run_id, occurrence, row_text from raw_data.quarantine where id = ${id}`,
  })
  const [found] = rows
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

/**
 * How many fields the header had when a row was found bad: the header itself is not kept, but another row of that table
 * which the same run found bad has its columns. Undefined where there is none.
 */
export async function headerFields(
  warehouse: Warehouse,
  { table, first_run_id }: QuarantinedRow,
): Promise<number | undefined> {
  const { others } = await warehouse.read<{ others: { row_text: string } }>({
    others: `select row_text from raw_data.quarantine where table_name = ${literal(table)} and first_run_id = ${literal(first_run_id)} and rule <> 'bad_row:fields' limit 1`,
  })
  const [other] = others
  return other && Object.keys(JSON.parse(other.row_text) as object).length
}

/**
 * A quarantined row as text: what is known of it, then its columns. A value of several lines is indented.
 * @param header the header's number of fields, where it is known
 * @param line where it stands in the source, in words
 */
export function quarantineLines(
  { row, ...known }: QuarantinedRow,
  { header, line }: { header?: number | undefined; line?: string | undefined } = {},
): string[] {
  const { id, table, rule, key, occurrence, first_run_id, cleared_run_id } = known
  const why = whyQuarantined(table, rule, row, header)
  const head: [string, string | null][] = [
    ['id', id],
    ['table', table],
    ['rule', rule],
    ...told('why', why),
    ...told('line', line),
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

function told(name: string, text: string | undefined): [string, string][] {
  return text === undefined ? [] : [[name, text]]
}

function aligned(pairs: [string, string | null][]): string[] {
  const width = Math.max(0, ...pairs.map(([name]) => name.length))
  const indent = `\n${' '.repeat(width + 2)}`
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${(value ?? '').split(/\r?\n/).join(indent)}`.trimEnd())
}

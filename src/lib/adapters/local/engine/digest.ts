import { SOURCE_TABLES, type SourceTable, TECHNICAL_COLUMNS } from '../../../core/model.js'
import { columnNames } from '../../../core/sql/ddl.js'
import { literal } from '../../../core/sql/names.js'

/**
 * A query for the digest of a raw table and of what is open of it in quarantine: sums of the engine's own hashes of the
 * rows, which do not depend on their order. Technical columns count too. The hash is one of the engine's version, so the
 * version stands before it.
 * @param catalog that of the warehouse, with a dot behind it, where it is attached
 */
export function digestQuery({ name, raw, columns }: SourceTable, catalog = ''): string {
  const sum = (row: string): string => `count(*) || ' ' || cast(coalesce(sum(hash(${row})), 0) as varchar)`
  const rows = `select ${sum(columnNames([...columns, ...TECHNICAL_COLUMNS]))} from ${catalog}raw_data.${raw}`
  const rejects = `select ${sum('id, rule, key_text, row_text, occurrence, first_run_id')} from ${catalog}raw_data.quarantine where table_name = ${literal(name)} and cleared_run_id is null`
  return `select version() || ' ' || (${rows}) || ' ' || (${rejects})`
}

/**
 * The statement that keeps the digests of a load: of the tables that it wrote as they are now, of the others as they were,
 * so that what is altered beside the loads stays seen.
 */
export function keepDigests(seq: number, written: readonly SourceTable[]): string {
  const last = `select digest from raw_data.load_log l where l.table_name = raw_data.load_log.table_name and l.seq = ${seq - 1}`
  const cases = SOURCE_TABLES.filter((table) => written.includes(table)).map(
    (table) => `when ${literal(table.name)} then (${digestQuery(table)})`,
  )
  const digest = cases.length > 0 ? `case table_name ${cases.join(' ')} else (${last}) end` : `(${last})`
  return `update raw_data.load_log set digest = ${digest} where seq = ${seq}`
}

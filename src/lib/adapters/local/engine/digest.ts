import { SOURCE_TABLES, type SourceTable, TECHNICAL_COLUMNS } from '../../../core/model.js'
import { columnNames } from '../../../core/sql/ddl.js'
import { literal } from '../../../core/sql/names.js'

/**
 * A query for the digest of a raw table: the sum of the engine's own hashes of its rows, which does not depend on their
 * order. Technical columns count too. The hash is one of the engine's version, so the version stands before it.
 */
export function digestQuery({ raw, columns }: SourceTable): string {
  const row = `hash(${columnNames([...columns, ...TECHNICAL_COLUMNS])})`
  return `select version() || ' ' || count(*) || ' ' || cast(coalesce(sum(${row}), 0) as varchar) from raw_data.${raw}`
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

import { SOURCE_TABLES, type SourceTable, TECHNICAL_COLUMNS } from '../../../core/model.js'
import { columnNames } from '../../../core/sql/ddl.js'
import { literal } from '../../../core/sql/names.js'

/**
 * A query for the digest of a raw table and of what is open of it in quarantine: sums of the engine's own hashes of the
 * rows, which do not depend on their order. Technical columns count too. The hash is one of the engine's version, so the
 * version stands before it.
 * @param catalog that of the warehouse, with a dot behind it, where it is attached
 */
export function digestQuery(table: SourceTable, catalog = ''): string {
  return withRows(table, `(select ${summed(rowHash(table))} from ${catalog}raw_data.${table.raw})`, catalog)
}

/** @param rows what gives the number of the table's rows and the sum of their hashes */
function withRows({ name }: SourceTable, rows: string, catalog = ''): string {
  const rejects = `select ${summed('hash(id, rule, key_text, row_text, occurrence, first_run_id)')} from ${catalog}raw_data.quarantine where table_name = ${literal(name)} and cleared_run_id is null`
  return `select version() || ' ' || ${rows} || ' ' || (${rejects})`
}

function summed(hash: string): string {
  return `count(*) || ' ' || cast(coalesce(sum(${hash}), 0) as varchar)`
}

/** The hash of a row of a raw table. @param prefix before the name of each column */
export function rowHash({ columns }: SourceTable, prefix = ''): string {
  return `hash(${columnNames([...columns, ...TECHNICAL_COLUMNS], prefix)})`
}

/** Rows that came to a table and went from it, those that went below zero. */
export interface Moved {
  rows: bigint
  hashes: bigint
}

/**
 * The rows' part of a digest after some have come and gone; only for a table that is known to be as its digest says.
 * @returns undefined where the digest is one of another version of the engine
 */
export function rowsAfter(digest: string | null, version: string, { rows, hashes }: Moved): string | undefined {
  const [kept, count, sum] = digest?.split(' ') ?? []
  if (kept !== version || count === undefined || sum === undefined) return undefined
  return `${BigInt(count) + rows} ${BigInt(sum) + hashes}`
}

/**
 * The statement that keeps the digests of a load: of the tables that it wrote as they are now, of the others as they were,
 * so that what is altered beside the loads stays seen.
 * @param rows the rows' part, by table, where it was counted (`rowsAfter`); all rows of the others are read
 */
export function keepDigests(
  seq: number,
  written: readonly SourceTable[],
  rows: ReadonlyMap<SourceTable, string> = new Map(),
): string {
  const last = `select digest from raw_data.load_log l where l.table_name = raw_data.load_log.table_name and l.seq = ${seq - 1}`
  const cases = SOURCE_TABLES.filter((table) => written.includes(table)).map((table) => {
    const known = rows.get(table)
    return `when ${literal(table.name)} then (${known === undefined ? digestQuery(table) : withRows(table, literal(known))})`
  })
  const digest = cases.length > 0 ? `case table_name ${cases.join(' ')} else (${last}) end` : `(${last})`
  return `update raw_data.load_log set digest = ${digest} where seq = ${seq}`
}

import { SOURCE_TABLES, type SourceTableName, sourceTable, TECHNICAL_COLUMNS } from '../model.js'
import { columnNames } from '../sql/ddl.js'
import { ident, literal } from '../sql/names.js'
import { CHANGED_BY_TABLE, incrementalText } from '../sql/statements.js'
import {
  curatedTableOf,
  isInRowText,
  isKeyText,
  keyCondition,
  keyPattern,
  keyValue,
  rowPattern,
  shapeOf,
  type TraceKey,
} from './key.js'

/** The row of raw with the key. */
export function rawRow(key: TraceKey, name: SourceTableName): string {
  const { raw, columns } = sourceTable(name)
  return `select ${columnNames([...columns, ...TECHNICAL_COLUMNS])} from raw_data.${raw} where ${keyCondition(key, shapeOf(key).columns)}`
}

/** The newest rows of raw that name a user, each with the number that there are. */
export function newestRaw(key: TraceKey, name: SourceTableName, newest: number): string {
  const { raw, columns, key: own, bookmark } = sourceTable(name)
  const order = [`${ident(bookmark.column)} desc`, ...own.map(ident)].join(', ')
  return `select ${columnNames(columns)}, count(*) over () as cells from raw_data.${raw} where ${keyCondition(key, shapeOf(key).columns)} order by ${order} limit ${Math.max(newest, 1)}`
}

/** All loads, oldest first. */
export const LOADS = 'select table_name, run_id, full_refresh from raw_data.load_log order by seq'

/** Rows in quarantine that may have the key: whether they do is said by their `text`, for `isQuarantined`. */
export function quarantineCandidates(key: TraceKey): string {
  const tables = shapeOf(key).tables.map(literal).join(', ')
  const [text, pattern] = key.kind === 'user' ? ['row_text', rowPattern(key)] : ['key_text', keyPattern(key)]
  return `select id, ${text} as text from raw_data.quarantine where table_name in (${tables}) and ${text} like ${pattern} order by id`
}

export function isQuarantined(key: TraceKey, text: string): boolean {
  return key.kind === 'user' ? isInRowText(key, text) : isKeyText(key, text)
}

export function quarantinedRows(ids: readonly string[]): string {
  return `select id, table_name, rule, first_run_id, cleared_run_id, row_text from raw_data.quarantine where id in (${ids.join(', ')}) order by id`
}

/** The row of curated with the key, as it is. */
export function curatedRow(key: TraceKey): string {
  const { name, columns, key: own } = curatedTableOf(key)
  return `select ${columnNames(columns)} from curated.${name} where ${keyCondition(key, own)}`
}

/** A row of dim_listings by the listing of a booking in curated. */
export function listingOfBooking(key: TraceKey): string {
  return `select l.listing_id, l.active_from, l.active_to from curated.dim_listings l
    inner join curated.fact_bookings f on f.listing_id = l.listing_id where ${keyCondition(key, ['booking_id'], 'f.')}`
}

/**
 * A text of sql/curated or sql/ledger over the key alone. It is asked as an incremental build asks it, with the key in
 * the place of those that changed: so the rules stand in these files, and nowhere else.
 */
export function overKey(key: TraceKey, text: string): string {
  const { name, key: own } = curatedTableOf(key)
  const values = own.map((column, at) => `${keyValue(key, at)} as ${ident(column)}`).join(', ')
  const body = incrementalText(text).replaceAll(`curated.${CHANGED_BY_TABLE[name]}`, 'traced')
  return `with traced as (select ${values})\nselect * from (\n${body}\n) t`
}

/** The tables of the source that a kind reads, in the order of the model. */
export function tablesOf(key: TraceKey): SourceTableName[] {
  const { tables } = shapeOf(key)
  return SOURCE_TABLES.map(({ name }) => name).filter((name) => tables.includes(name))
}

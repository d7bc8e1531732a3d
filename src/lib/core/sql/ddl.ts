import {
  type Column,
  CURATED_TABLES,
  DIM_DATES,
  SOURCE_TABLES,
  type SourceTable,
  TECHNICAL_COLUMNS,
  TEXT_LIMIT_BYTES,
} from '../model.js'
import { ident, identList } from './names.js'

/** Version of the warehouse's tables; an older tool on newer data stops, a newer tool migrates. */
export const SCHEMA_VERSION = 3

/** Columns of raw_data.load_log, one row per table and load (architecture.md, "load_log"). Order is `seq`. */
export const LOAD_LOG: readonly Column[] = columns({
  seq: 'BIGINT',
  run_id: 'VARCHAR(80)',
  table_name: 'VARCHAR(64)',
  manifest_hash: 'VARCHAR(64)',
  source_rows: 'BIGINT',
  source_unchanged: 'BIGINT',
  rows_in: 'BIGINT',
  rows_out: 'BIGINT',
  inserted: 'BIGINT',
  updated: 'BIGINT',
  unchanged: 'BIGINT',
  deleted: 'BIGINT',
  superseded: 'BIGINT',
  quarantined: 'BIGINT',
  reconciled: 'BOOLEAN',
  full_refresh: 'BOOLEAN',
  bookmark: 'VARCHAR(64)',
  // Of the raw table as the load left it, by the engine's own hash; NULL where the engine has none.
  digest: 'VARCHAR(100)',
  loaded_at: 'TIMESTAMP',
})

/** Columns of raw_data.quarantine. `cleared_run_id` is NULL while the row is still bad in the source. */
export const QUARANTINE: readonly Column[] = columns({
  id: 'BIGINT',
  table_name: 'VARCHAR(64)',
  rule: 'VARCHAR(1000)',
  key_text: 'VARCHAR',
  row_text: 'VARCHAR',
  occurrence: 'BIGINT',
  first_run_id: 'VARCHAR(80)',
  cleared_run_id: 'VARCHAR(80)',
})

/** The version that brought the history of bookmarks; an older warehouse gets it with its next load. */
export const BOOKMARK_HISTORY_SINCE = 3

/** Columns of raw_data.bookmark_rewinds: from where the next run without reconciling reads; NULL is the beginning. */
export const BOOKMARK_REWINDS: readonly Column[] = columns({ table_name: 'VARCHAR(64)', position: 'VARCHAR(64)' })

/**
 * Columns of raw_data.bookmark_changes, one row per change and table. The states are `none`, `reset` and `rewind`, each
 * with the position that was read from in it; `load_seq` is the newest load that knew nothing of it.
 */
export const BOOKMARK_CHANGES: readonly Column[] = columns({
  seq: 'BIGINT',
  kind: 'VARCHAR(16)',
  table_name: 'VARCHAR(64)',
  from_state: 'VARCHAR(16)',
  from_position: 'VARCHAR(64)',
  to_state: 'VARCHAR(16)',
  to_position: 'VARCHAR(64)',
  // Of a restore, the change that it took back.
  of_seq: 'BIGINT',
  load_seq: 'BIGINT',
  changed_at: 'TIMESTAMP',
  changed_by: 'VARCHAR',
  reason: 'VARCHAR',
})

/** What a rejected row holds in the lake; `_deleted` marks one that is no longer in the source. */
export const REJECT_COLUMNS: readonly Column[] = columns({
  rule: 'VARCHAR(1000)',
  key_text: 'VARCHAR',
  row_text: 'VARCHAR',
  occurrence: 'BIGINT',
  _deleted: 'BOOLEAN',
})

/** The keys that changed in raw since curated was last built, by the curated table that they touch. */
export const CHANGED_KEYS: Record<string, readonly Column[]> = {
  changed_listings: columns({ listing_id: 'BIGINT' }),
  changed_bookings: columns({ booking_id: 'BIGINT' }),
  changed_views: columns({ user_id: 'BIGINT', listing_id: 'BIGINT', viewed_timestamp: 'TIMESTAMP' }),
  changed_users: columns({ user_id: 'BIGINT' }),
}

/** curated.build, one row: the run and as-of date that the views show, and the load that curated was built from. */
export const BUILD: readonly Column[] = columns({ run_id: 'VARCHAR(80)', as_of: 'DATE', raw_seq: 'BIGINT' })

/** Columns of the lake's Parquet files of one table. */
export function lakeColumns(table: SourceTable): Column[] {
  return [...table.columns, ...columns({ _position: 'BIGINT', _nullified: 'VARCHAR(1000)', _deleted: 'BOOLEAN' })]
}

interface TableDefinition {
  name: string
  /** The version that brought it, where that is not the first. */
  since?: number
  columns: readonly Column[]
  key?: readonly string[]
}

/** In this order a name without a schema is looked for; each is in one of them only. */
export const SCHEMAS = ['raw_data', 'curated', 'presentation'] as const
export type Schema = (typeof SCHEMAS)[number]

/** All tables of a warehouse, by their names with schema. */
export const WAREHOUSE_TABLES: readonly TableDefinition[] = [
  { name: 'raw_data.schema_version', columns: columns({ version: 'BIGINT' }) },
  ...SOURCE_TABLES.map((table) => ({
    name: `raw_data.${table.raw}`,
    columns: [...table.columns, ...TECHNICAL_COLUMNS],
    key: table.key,
  })),
  { name: 'raw_data.load_log', columns: LOAD_LOG },
  { name: 'raw_data.quarantine', columns: QUARANTINE },
  { name: 'raw_data.bookmark_resets', columns: columns({ table_name: 'VARCHAR(64)' }) },
  { name: 'raw_data.bookmark_rewinds', columns: BOOKMARK_REWINDS, since: BOOKMARK_HISTORY_SINCE },
  { name: 'raw_data.bookmark_changes', columns: BOOKMARK_CHANGES, since: BOOKMARK_HISTORY_SINCE },
  ...[...CURATED_TABLES, DIM_DATES].map((table) => ({ ...table, name: `curated.${table.name}` })),
  ...Object.entries(CHANGED_KEYS).map(([name, keys]) => ({ name: `curated.${name}`, columns: keys })),
  { name: 'curated.build', columns: BUILD },
]

/** Statements that make the schemas where they are missing. */
export function schemaStatements(): string[] {
  return SCHEMAS.map((schema) => `create schema if not exists ${schema}`)
}

/** Statements that make all schemas and tables where they are missing; the same on every engine. */
export function createStatements(): string[] {
  const tables = WAREHOUSE_TABLES.map((table) => createTable(table.name, table.columns, table.key))
  return [...schemaStatements(), ...tables]
}

/**
 * Statements that bring a warehouse of an older version up to this one, in the transaction that changes it next.
 * Version 1 kept a hash of each row and no digest of the tables; version 2 had no history of the bookmarks.
 * @param version that of the warehouse
 */
export function migrationStatements(version: number): string[] {
  if (version >= SCHEMA_VERSION) return []
  const added = WAREHOUSE_TABLES.filter(({ since = 1 }) => since > version)
  return [
    ...(version === 1 ? toVersion2() : []),
    ...added.map((table) => createTable(table.name, table.columns, table.key)),
    'delete from raw_data.schema_version',
    `insert into raw_data.schema_version values (${SCHEMA_VERSION})`,
  ]
}

function toVersion2(): string[] {
  return [
    ...SOURCE_TABLES.map(({ raw }) => `alter table raw_data.${raw} drop column _row_hash`),
    'alter table raw_data.load_log rename to load_log_1',
    createTable('raw_data.load_log', LOAD_LOG),
    `insert into raw_data.load_log (${columnNames(LOAD_LOG)}) select ${LOAD_LOG.map(({ name }) => (name === 'digest' ? 'cast(null as varchar(100))' : name)).join(', ')} from raw_data.load_log_1`,
    'drop table raw_data.load_log_1',
  ]
}

/** A CREATE TABLE statement. Key columns are NOT NULL; keys are not declared: they would cost an index, and Redshift trusts them unchecked. */
export function createTable(name: string, definition: readonly Column[], key: readonly string[] = []): string {
  const lines = definition.map(
    (column) => `${ident(column.name)} ${sqlType(column)}${key.includes(column.name) ? ' not null' : ''}`,
  )
  return `create table if not exists ${name} (${lines.join(', ')})`
}

/** The names of a table's columns, quoted. */
export function columnNames(definition: readonly Column[], prefix = ''): string {
  return identList(
    definition.map((column) => column.name),
    prefix,
  )
}

function sqlType(column: Column): string {
  return column.type === 'VARCHAR' ? `varchar(${column.length ?? TEXT_LIMIT_BYTES})` : column.type.toLowerCase()
}

/** @param types of each column; of a text whose longest is known, with that in bytes */
function columns(types: Record<string, Column['type'] | `VARCHAR(${number})`>): Column[] {
  return Object.entries(types).map(([name, type]): Column => {
    const length = /^VARCHAR\((\d+)\)$/.exec(type)?.[1]
    return length === undefined
      ? { name, type: type as Column['type'], required: true }
      : { name, type: 'VARCHAR', required: true, length: Number(length) }
  })
}

import { type Column, SOURCE_TABLES, type SourceTable } from '../model.js'
import { createTable, lakeColumns, REJECT_COLUMNS, schemaStatements, WAREHOUSE_TABLES } from '../sql/ddl.js'
import { ident, literal } from '../sql/names.js'
import type { Places } from '../sql/script.js'

/** Where the files of a table are copied to before a load; beside the raw tables, and read by nobody else. */
export function stagingTable(table: string): string {
  return `raw_data.load_${table}`
}

export const STAGED_REJECTS = stagingTable('rejects')

const STAGING: readonly string[] = [...SOURCE_TABLES.map(({ name }) => stagingTable(name)), STAGED_REJECTS]

/** The relations with the rows of the files, as places of the load script. */
export const STAGING_PLACES: Places = {
  rejects: STAGED_REJECTS,
  ...Object.fromEntries(SOURCE_TABLES.map(({ name }) => [`${name}.lake`, stagingTable(name)])),
}

/** The run that wrote a file's row: a COPY of the files of many runs could not tell otherwise. It stands last. */
const RUN_ID: Column = { name: '_run_id', type: 'VARCHAR', required: true, length: 80 }

/** Columns of a table's files in the lake of a target on AWS, in their order: COPY takes them by their place. */
export function copiedColumns(table: SourceTable): Column[] {
  return [...lakeColumns(table), RUN_ID]
}

/** The same of the files of rejects. */
export const COPIED_REJECTS: readonly Column[] = [
  { name: 'table_name', type: 'VARCHAR', required: true, length: 64 },
  ...REJECT_COLUMNS,
  RUN_ID,
]

/** Statements that make the tables that COPY fills, which is no part of the load. They hold nothing that is not in the lake. */
export function stagingStatements(): string[] {
  return [
    ...SOURCE_TABLES.map((table) => createTable(stagingTable(table.name), copiedColumns(table))),
    createTable(STAGED_REJECTS, COPIED_REJECTS),
  ]
}

/** Statements that make all of the warehouse but its views where it is missing, as Redshift keeps it best. */
export function redshiftTables(): string[] {
  const keys = new Map(WAREHOUSE_TABLES.map(({ name, key }) => [name, key ?? []]))
  const staged = SOURCE_TABLES.map(({ name, key }) => [stagingTable(name), key] as const)
  const made = WAREHOUSE_TABLES.map((table) => createTable(table.name, table.columns, table.key))
  const physical = new Map([...keys, ...staged])
  // An earlier version gave them other columns.
  const dropped = STAGING.map((name) => `drop table if exists ${name}`)
  const all = [...made, ...stagingStatements()]
  return [
    ...schemaStatements(),
    ...dropped,
    ...all.map((sql) => `${sql} ${placement(physical.get(nameOf(sql)) ?? [])}`),
    ...comments(),
  ]
}

/**
 * Rows of one key lie on one slice, in the order of the key, so that what a load meets is joined where it lies. A table
 * without a key is small, or read whole: it is left to Redshift.
 */
function placement(key: readonly string[]): string {
  const [first] = key
  if (first === undefined) return 'diststyle auto sortkey auto'
  return `diststyle key distkey (${ident(first)}) sortkey (${key.map(ident).join(', ')})`
}

function nameOf(sql: string): string {
  return /^create table if not exists (\S+)/.exec(sql)?.[1] ?? ''
}

/** What a table holds, for whoever finds it in an SQL client. */
function comments(): string[] {
  const said: [string, string][] = [
    ...SOURCE_TABLES.map(({ name, raw }): [string, string] => [
      `raw_data.${raw}`,
      `rows of ${name} as the source has them; columns whose names begin with _ are those of the load`,
    ]),
    ...SOURCE_TABLES.map(({ name }): [string, string] => [
      stagingTable(name),
      `files of ${name} that a load has copied; overwritten by the next one`,
    ]),
    ['raw_data.load_log', 'one row for each table and load, in the order of seq'],
    ['raw_data.quarantine', 'bad rows of the source; open where cleared_run_id is null'],
    ['curated.build', 'the run, the as-of date and the load that curated and the views show'],
  ]
  return said.map(([table, text]) => `comment on table ${table} is ${literal(text)}`)
}

/** Who may do what; each is the name of a role of the database. */
export interface Grantees {
  /** Loads raw and curated. */
  loader?: string | undefined
  /** Read curated and the views. */
  readers: readonly string[]
}

/**
 * Statements that let a role load, and others read. The views are read through their owner's rights on the tables below,
 * which readers need not have; curated is theirs all the same, for questions that no view answers. Of raw a reader sees the
 * version of the tables and the log of the loads, by which every command tells how old what it shows is.
 */
export function grantStatements({ loader, readers }: Grantees): string[] {
  const loads = loader === undefined ? [] : [ident(loader)]
  const rights = 'select, insert, update, delete'
  return [
    ...loads.flatMap((role) =>
      ['raw_data', 'curated'].flatMap((schema) => [
        `grant usage on schema ${schema} to role ${role}`,
        `grant ${rights} on all tables in schema ${schema} to role ${role}`,
      ]),
    ),
    ...readers.flatMap((reader) => [
      `grant usage on schema raw_data to role ${ident(reader)}`,
      `grant select on raw_data.schema_version to role ${ident(reader)}`,
      `grant select on raw_data.load_log to role ${ident(reader)}`,
    ]),
    ...readers.flatMap((reader) =>
      ['curated', 'presentation'].flatMap((schema) => [
        `grant usage on schema ${schema} to role ${ident(reader)}`,
        `grant select on all tables in schema ${schema} to role ${ident(reader)}`,
      ]),
    ),
  ]
}

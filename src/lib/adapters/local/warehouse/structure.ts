import { EtlError } from '../../../core/errors.js'
import { METRICS } from '../../../core/metrics/metrics.js'
import { SOURCE_TABLES } from '../../../core/model.js'
import {
  createStatements,
  migrationStatements,
  SCHEMA_VERSION,
  schemaStatements,
  WAREHOUSE_TABLES,
} from '../../../core/sql/ddl.js'
import { literal } from '../../../core/sql/names.js'
import { corruptWarehouse, type Database } from '../engine/database.js'
import { keepDigests } from '../engine/digest.js'

/**
 * Tables cannot go missing but by hand; what they held is in the source.
 * @param catalog the name under which the warehouse is attached, where it is not the database itself
 * @param path the warehouse's file
 * @returns names of the schemas, tables and views that are there
 * @throws EtlError WAREHOUSE_VERSION when the data are newer than this tool, WAREHOUSE_CORRUPT
 */
export async function assertTables(db: Database, path: string, catalog?: string): Promise<ReadonlySet<string>> {
  const version = await versionOf(db, catalog)
  const there = await objectsOf(db, catalog)
  assertThere(path, there, version)
  return there
}

/** @throws EtlError WAREHOUSE_CORRUPT where curated was built and a view is missing */
export async function assertViews(db: Database, path: string, there: ReadonlySet<string>): Promise<void> {
  if ((await db.count('select count(*) from curated.build')) === 0) return
  const missing = METRICS.map(({ view }) => `presentation.${view}`).filter((name) => !there.has(name))
  if (missing.length === 0) return
  throw new EtlError(`${path} lacks ${missing.join(', ')}`, {
    code: 'WAREHOUSE_CORRUPT',
    suggestions: ['rental-etl rerun curated   # makes the views again'],
  })
}

/**
 * Makes the tables of a new warehouse, and brings those of an older version up to this one, inside the transaction that
 * changes it.
 * @param path the published file @throws EtlError as `assertTables`
 */
export async function prepareWarehouse(db: Database, path: string): Promise<void> {
  const there = await objectsOf(db)
  if (!there.has('raw_data.schema_version')) {
    for (const statement of createStatements()) await db.run(statement)
    await db.run(`insert into raw_data.schema_version values (${SCHEMA_VERSION})`)
    return
  }
  const version = await versionOf(db)
  assertThere(path, there, version)
  // Views are made again by the curated layer, also where somebody removed them with their schema.
  if (!there.has('presentation')) for (const statement of schemaStatements()) await db.run(statement)
  if (version === SCHEMA_VERSION) return
  for (const statement of migrationStatements(version)) await db.run(statement)
  // Version 1 kept no digests.
  if (version > 1) return
  const seq = await db.count('select max(seq) from raw_data.load_log')
  if (seq > 0) await db.run(keepDigests(seq, SOURCE_TABLES))
}

/** The data version of a warehouse. @throws EtlError WAREHOUSE_VERSION for one that is newer than this tool */
export async function versionOf(db: Database, catalog?: string): Promise<number> {
  const prefix = catalog ? `${catalog}.` : ''
  const version = await db.count(`select max(version) from ${prefix}raw_data.schema_version`)
  if (version <= SCHEMA_VERSION) return version
  throw new EtlError(`the warehouse has data version ${version}, this tool knows ${SCHEMA_VERSION}`, {
    code: 'WAREHOUSE_VERSION',
    suggestions: ['rental-etl --version   # older than the tool that loaded this warehouse: install that one'],
  })
}

/** Tables that came with a later version than the warehouse has are made by the next run. */
function assertThere(path: string, there: ReadonlySet<string>, version: number): void {
  const missing = WAREHOUSE_TABLES.filter(({ name, since = 1 }) => since <= version && !there.has(name)).map(
    ({ name }) => name,
  )
  if (missing.length > 0) throw corruptWarehouse(path, `lacks ${missing.join(', ')}`)
}

/** Names of the schemas, tables and views. */
async function objectsOf(db: Database, catalog?: string): Promise<ReadonlySet<string>> {
  const own = `database_name = ${catalog ? literal(catalog) : 'current_database()'}`
  const rows = await db.all<{ name: string }>(
    `select schema_name || '.' || table_name as name from duckdb_tables() where ${own}
      union all select schema_name || '.' || view_name from duckdb_views() where ${own} and not internal
      union all select schema_name from duckdb_schemas() where ${own}`,
  )
  return new Set(rows.map(({ name }) => name))
}

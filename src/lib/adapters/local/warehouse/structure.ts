import { EtlError } from '../../../core/errors.js'
import { METRICS } from '../../../core/metrics/metrics.js'
import { SCHEMA_VERSION, WAREHOUSE_TABLES } from '../../../core/sql/ddl.js'
import { literal } from '../../../core/sql/names.js'
import { corruptWarehouse, type Database } from '../engine/database.js'

/**
 * Tables cannot go missing but by hand; what they held is in the source.
 * @param catalog the name under which the warehouse is attached, where it is not the database itself
 * @param path the warehouse's file
 * @throws EtlError WAREHOUSE_VERSION when the data are newer than this tool, WAREHOUSE_CORRUPT
 */
export async function assertTables(db: Database, path: string, catalog?: string): Promise<void> {
  await assertVersion(db, catalog)
  const missing = await missingFrom(
    db,
    WAREHOUSE_TABLES.map(({ name }) => name),
    catalog,
  )
  if (missing.length === 0) return
  throw corruptWarehouse(path, `lacks ${missing.join(', ')}`)
}

/** @throws EtlError WAREHOUSE_CORRUPT where curated was built and a view is missing */
export async function assertViews(db: Database, path: string): Promise<void> {
  if ((await db.count('select count(*) from curated.build')) === 0) return
  const missing = await missingFrom(
    db,
    METRICS.map(({ view }) => `presentation.${view}`),
  )
  if (missing.length === 0) return
  throw new EtlError(`${path} lacks ${missing.join(', ')}`, {
    code: 'WAREHOUSE_CORRUPT',
    suggestions: ['rental-etl rerun curated   # makes the views again'],
  })
}

async function assertVersion(db: Database, catalog?: string): Promise<void> {
  const prefix = catalog ? `${catalog}.` : ''
  const version = await db.count(`select max(version) from ${prefix}raw_data.schema_version`)
  if (version > SCHEMA_VERSION) {
    throw new EtlError(`the warehouse has data version ${version}, this tool knows ${SCHEMA_VERSION}`, {
      code: 'WAREHOUSE_VERSION',
      suggestions: ['rental-etl --version   # older than the tool that loaded this warehouse: install that one'],
    })
  }
}

async function missingFrom(db: Database, names: readonly string[], catalog?: string): Promise<string[]> {
  const inCatalog = catalog ? literal(catalog) : 'current_database()'
  const rows = await db.all<{ name: string }>(
    `select schema_name || '.' || table_name as name from duckdb_tables() where database_name = ${inCatalog}
      union all select schema_name || '.' || view_name from duckdb_views() where database_name = ${inCatalog} and not internal`,
  )
  const there = new Set(rows.map(({ name }) => name))
  return names.filter((name) => !there.has(name))
}

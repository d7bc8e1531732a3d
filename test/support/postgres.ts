import { PGlite } from '@electric-sql/pglite'
import { readSqlFiles } from '../../src/lib/adapters/files/sql-files.js'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { SOURCE_TABLES, TECHNICAL_COLUMNS } from '../../src/lib/core/model.js'
import { redshiftText } from '../../src/lib/core/release/redshift-text.js'
import { columnNames, createStatements } from '../../src/lib/core/sql/ddl.js'
import { literal } from '../../src/lib/core/sql/names.js'
import { curatedStatements, newRows, viewStatement } from '../../src/lib/core/sql/statements.js'
import { REDSHIFTS_MOOD } from './script-engine.js'

/** The order in which curated tables are built. */
const CURATED = ['dim_listings', 'fact_bookings', 'fact_user_views', 'dim_users', 'dim_dates']
const BATCH = 500

/**
 * A PostgreSQL with the raw rows of a DuckDB warehouse, on which curated and the views are built by the same texts.
 * @param postgres one to use again: its rows are replaced
 */
export async function postgresOf(warehouse: Database, postgres?: PGlite): Promise<PGlite> {
  if (postgres) {
    for (const table of [...SOURCE_TABLES.map(({ raw }) => `raw_data.${raw}`), 'curated.build'])
      await postgres.exec(`delete from ${table}`)
    await fill(warehouse, postgres)
    return postgres
  }
  const created = await PGlite.create()
  await created.exec(REDSHIFTS_MOOD)
  for (const statement of createStatements()) await created.exec(statement)
  await fill(warehouse, created)
  for (const { name, text } of await readSqlFiles('presentation'))
    await created.exec(redshiftText(viewStatement(name, text)))
  return created
}

async function fill(warehouse: Database, postgres: PGlite): Promise<void> {
  for (const { raw, columns } of SOURCE_TABLES) {
    const all = [...columns, ...TECHNICAL_COLUMNS]
    await copyRows(warehouse, postgres, `raw_data.${raw}`, columnNames(all), all.length)
  }
  await copyRows(warehouse, postgres, 'curated.build', 'run_id, as_of, raw_seq', 3)
  await build(postgres, 'full')
}

/** Builds the curated tables by their files. */
export async function build(postgres: PGlite, mode: 'full' | 'incremental'): Promise<void> {
  const files = Object.fromEntries((await readSqlFiles('curated')).map(({ name, text }) => [name, text]))
  for (const name of CURATED) {
    const statements = curatedStatements(name, files[name] as string, name === 'dim_dates' ? 'full' : mode)
    await postgres.exec(`drop table if exists ${newRows(name)}`)
    for (const statement of Object.values(statements)) await postgres.exec(redshiftText(statement))
  }
}

async function copyRows(from: Database, to: PGlite, table: string, names: string, width: number): Promise<void> {
  const texts = names.split(', ').map((name, at) => `cast(${name} as varchar) as c${at}`)
  const rows = await from.all<Record<string, string | null>>(`select ${texts.join(', ')} from ${table}`)
  const value = (cell: string | null | undefined): string =>
    cell === null || cell === undefined ? 'null' : literal(cell)
  const tuple = (row: Record<string, string | null>): string =>
    `(${Array.from({ length: width }, (_, at) => value(row[`c${at}`])).join(', ')})`
  for (let at = 0; at < rows.length; at += BATCH) {
    const tuples = rows.slice(at, at + BATCH).map(tuple)
    await to.exec(redshiftText(`insert into ${table} (${names}) values ${tuples.join(',\n')}`))
  }
}

/** All rows of a query as texts, sorted; without U+FEFF, which PGlite drops at the start of a text that it returns. */
export async function textsOf(
  engine: Database | PGlite,
  relation: string,
  columns: readonly string[],
): Promise<string[]> {
  const sql = `select ${columns.map((name, at) => `cast("${name}" as varchar) as c${at}`).join(', ')} from ${relation} as t`
  const rows =
    engine instanceof Database
      ? await engine.all<Record<string, string | null>>(sql)
      : (await engine.query<Record<string, string | null>>(sql)).rows
  return rows
    .map((row) => JSON.stringify(columns.map((_, at) => row[`c${at}`]?.replaceAll('\ufeff', '') ?? null)))
    .sort()
}

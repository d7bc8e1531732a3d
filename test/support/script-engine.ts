import { PGlite } from '@electric-sql/pglite'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { stagingStatements } from '../../src/lib/core/release/redshift-tables.js'
import { redshiftText } from '../../src/lib/core/release/redshift-text.js'
import { createStatements, SCHEMA_VERSION } from '../../src/lib/core/sql/ddl.js'
import { filled, type Places, type Step } from '../../src/lib/core/sql/script.js'

export type Texts = Record<string, string | null>

/** In PostgreSQL as in Redshift a backslash escapes what follows it in a text literal. */
export const REDSHIFTS_MOOD = 'set standard_conforming_strings = off; set escape_string_warning = off'

/** An engine on which scripts are tried: DuckDB, or PostgreSQL as a stand-in for Redshift. */
export interface ScriptEngine {
  name: string
  run(sql: string): Promise<void>
  /** Rows with all cells as texts. */
  rows(sql: string): Promise<Texts[]>
  close(): Promise<void>
}

/** An engine with the tables of a warehouse, and a table for what stands in the lake of each source table. */
export async function scriptEngine(kind: 'duckdb' | 'postgres'): Promise<ScriptEngine> {
  const engine = kind === 'duckdb' ? await duckdb() : await postgres()
  for (const statement of createStatements()) await engine.run(statement)
  await engine.run(`insert into raw_data.schema_version values (${SCHEMA_VERSION})`)
  for (const statement of stagingStatements()) await engine.run(statement)
  return engine
}

/** Runs a script in one transaction. @returns the rows that it reads, as texts */
export async function play(engine: ScriptEngine, steps: readonly Step[], places: Places): Promise<Texts[]> {
  let rows: Texts[] = []
  await engine.run('begin')
  try {
    for (const step of steps) {
      const sql = filled(step, places)
      if (step.reads) rows = await engine.rows(sql)
      else await engine.run(sql)
    }
    await engine.run('commit')
  } catch (error) {
    await engine.run('rollback')
    throw error
  } finally {
    // A session of its own has none of them.
    for (const [, table] of steps.flatMap(({ sql }) => [/^create temp table (\w+)/.exec(sql) ?? []]))
      if (table) await engine.run(`drop table if exists ${table}`)
  }
  return rows
}

async function duckdb(): Promise<ScriptEngine> {
  const db = await Database.open(':memory:')
  return {
    name: 'duckdb',
    run: async (sql) => void (await db.run(sql)),
    rows: async (sql) => (await db.all<Texts>(sql)).map(texts),
    close: async () => db.close(),
  }
}

async function postgres(): Promise<ScriptEngine> {
  const db = await PGlite.create()
  await db.exec(REDSHIFTS_MOOD)
  return {
    name: 'postgres',
    run: async (sql) => void (await db.exec(redshiftText(sql))),
    rows: async (sql) => (await db.query<Texts>(redshiftText(sql))).rows.map(texts),
    close: () => db.close(),
  }
}

function texts(row: Texts): Texts {
  return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, cell === null ? null : String(cell)]))
}

import { join } from 'node:path'
import type { JobEvent } from '../../src/lib/adapters/local/workflow/job.js'
import { MysqlSource } from '../../src/lib/adapters/source/mysql/mysql-source.js'
import { parseMysqlUrl } from '../../src/lib/core/config/mysql-url.js'
import { SOURCE_TABLES, type SourceTableName } from '../../src/lib/core/model.js'
import type { Mariadb } from '../box/mariadb.js'
import { createTable, DATABASE, READER } from './mysql-tables.js'
import { readRelations, runJobs } from './pipeline.js'
import { scratchFolder } from './temporary.js'

export function mysqlSource(url: string): MysqlSource {
  return new MysqlSource(parseMysqlUrl(url), async () => READER.password)
}

export type Cells = Record<string, string | null>

export interface Loaded {
  /** Rows of raw by table: the columns of the model. */
  raw: Record<SourceTableName, Cells[]>
  /** Rule and key of what was put aside, by table. */
  bad: Record<string, [string, string][]>
  /** What was said with level warn. */
  warnings: string[]
  superseded: Record<string, number>
  nullified: Record<string, Record<string, number>>
}

/**
 * Makes tables as these statements say, those that none of them makes as the model has them and empty, and loads them
 * into a home of its own.
 * @param rows values of each row as they stand in an INSERT
 */
export async function loadTables(
  server: Mariadb,
  url: string,
  tables: Partial<Record<SourceTableName, { columns?: string; rows?: string[]; after?: string }>>,
): Promise<Loaded> {
  await server.admin(
    ...SESSION,
    ...SOURCE_TABLES.flatMap((table) => {
      const { columns, rows = [], after = '' } = tables[table.name] ?? {}
      const place = `${DATABASE}.${table.name}`
      return [
        `drop table if exists ${place}`,
        `drop view if exists ${place}`,
        columns ? `create table ${place} (${columns}) ${after}` : createTable(table),
        ...(rows.length > 0 ? [`insert into ${place} values ${rows.map((row) => `(${row})`).join(', ')}`] : []),
      ]
    }),
  )
  return load(url)
}

/** What tests write is in UTC and UTF-8, whatever the server's settings are, and may be wrong. */
const SESSION = ['set names utf8mb4', `set time_zone = '+00:00'`, `set sql_mode = ''`, 'set sql_select_limit = default']

/** Loads the tables as they are into a home of its own. */
export async function load(url: string): Promise<Loaded> {
  await using scratch = await scratchFolder()
  const home = join(scratch.path, 'home')
  const events = await runJobs({ home, source: mysqlSource(url), asOf: '2024-06-15', runId: 'r1', to: 'raw' })
  const names = SOURCE_TABLES.map(({ raw, columns }) => [`raw_data.${raw}`, columns.map(({ name }) => name)] as const)
  const found = await readRelations(home, {
    ...Object.fromEntries(names),
    'raw_data.quarantine': ['table_name', 'rule', 'key_text'],
  })
  const put = found['raw_data.quarantine'] as [string, string, string][]
  const flows = events.flatMap((event) => (event.type === 'table_done' && event.layer === 'raw' ? [event.flow] : []))
  return {
    raw: Object.fromEntries(
      SOURCE_TABLES.map(({ name, raw, columns }) => [
        name,
        (found[`raw_data.${raw}`] ?? []).map((row) =>
          Object.fromEntries(columns.map((column, at) => [column.name, row[at] ?? null])),
        ),
      ]),
    ) as Loaded['raw'],
    bad: Object.fromEntries(
      SOURCE_TABLES.map(({ name }) => [
        name,
        put.flatMap(([table, rule, key]) => (table === name ? [[rule, key] as [string, string]] : [])),
      ]),
    ),
    warnings: warningsOf(events),
    superseded: Object.fromEntries(flows.map(({ table, superseded }) => [table, superseded])),
    nullified: Object.fromEntries(flows.map(({ table, nullified }) => [table, nullified])),
  }
}

export function warningsOf(events: readonly JobEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'log' && event.level === 'warn' ? [event.message] : []))
}

/** A row's values by place, all others NULL. */
export function rowOf(columns: readonly string[], values: Record<string, string>): string {
  return columns.map((name) => values[name] ?? 'null').join(', ')
}

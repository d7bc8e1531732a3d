import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { lakeRelation, rejectsRelation } from '../../src/lib/adapters/local/jobs/lake.js'
import { SOURCE_TABLES, type SourceTable } from '../../src/lib/core/model.js'
import type { Manifest, ManifestTable } from '../../src/lib/core/run/manifest.js'
import { columnNames } from '../../src/lib/core/sql/ddl.js'
import { winnerOrder } from '../../src/lib/core/sql/load-script.js'
import { identList, literal } from '../../src/lib/core/sql/names.js'
import type { Day } from './local-day.js'

/** What an extract wrote, in a form in which two are the same where they say the same. */
export interface Found {
  manifest: object
  lake: object
  events: object
}

/** Of the local job. */
export async function expected({ home, manifest, events }: Day): Promise<Found> {
  return {
    manifest: comparable(manifest),
    lake: await contents(
      manifest,
      (table) => lakeRelation(home, table, entryOf(manifest, table.name).files),
      rejectsRelation(home, manifest),
    ),
    events: events
      .filter((event) => 'layer' in event && event.layer === 'extract' && event.type !== 'table_progress')
      .map((event) => (event.type === 'log' ? event.message : event.type === 'table_done' ? event.flow : event))
      .filter((event) => manifest.reconciled || !String(event).includes('were cut')),
  }
}

/** Of the job on AWS; where it failed, the event that says so. */
export async function told({ folder, request }: Day): Promise<Found> {
  const path = join(folder, 'runs', String(request.run_id), 'manifest.json')
  const lines = (await readFile(join(folder, 'events.jsonl'), 'utf8')).trimEnd().split('\n')
  const events = lines.map((line) => JSON.parse(line))
  if (!existsSync(path)) return { manifest: events.at(-1), lake: {}, events: [] }
  const manifest: Manifest = JSON.parse(await readFile(path, 'utf8'))
  const files = manifest.tables.flatMap((table) => table.rejected_files)
  return {
    manifest: comparable(manifest),
    lake: await contents(
      manifest,
      (table) => lakeRelation(folder, table, entryOf(manifest, table.name).files),
      files.length === 0
        ? rejectsRelation(folder, manifest)
        : `read_parquet([${files.map((file) => literal(join(folder, file.path))).join(', ')}], hive_partitioning = false)`,
    ),
    events: events
      .filter(({ event }) => event === 'log' || event === 'table_done')
      .map(({ event, message, flow }) => (event === 'log' ? message : flow))
      .filter((event) => manifest.reconciled || !String(event).includes('were cut')),
  }
}

function entryOf({ tables }: Manifest, name: string): ManifestTable {
  return tables.find(({ table }) => table === name) as ManifestTable
}

/** Files differ in how many there are, and on AWS name their run; their rows are compared. A fingerprint has a source that is read twice by one engine. Cuts of what a bookmark run does not read nobody counts. */
function comparable(manifest: Manifest): object {
  return {
    ...manifest,
    tables: manifest.tables.map(({ files, rejected_files, truncated, fingerprint: _, schema_hash: __, ...entry }) => ({
      ...entry,
      ...(manifest.reconciled ? { truncated } : {}),
      rows: files.reduce((sum, { rows }) => sum + rows, 0),
      rejected_rows: rejected_files.reduce((sum, { rows }) => sum + rows, 0),
    })),
  }
}

/** All rows of the lake, which of several copies survives, and the rejects. Places may be counted by key or over all. */
async function contents(
  manifest: Manifest,
  relation: (table: SourceTable) => string,
  rejects: string,
): Promise<object> {
  const db = await Database.open(':memory:', {})
  try {
    await db.run(`set timezone = 'UTC'`)
    const found: Record<string, unknown> = {}
    for (const table of SOURCE_TABLES) {
      const columns = table.columns.map(({ name, type }) => `cast("${name}" as ${type}) as "${name}"`).join(', ')
      await db.run(
        `create or replace temp table t as select ${columns}, _position, _nullified, _deleted from ${relation(table)}`,
      )
      const survivor = `row_number() over (partition by ${identList(table.key)}, _position > 0, _deleted order by ${winnerOrder(table)}) = 1`
      const rows = await db.all(
        `select ${columnNames(table.columns)}, _nullified, _deleted, _position > 0 as several, ${survivor} as survives from t`,
      )
      found[table.name] = rows.map((row) => JSON.stringify(row)).sort()
    }
    const limit = (name: string): string => `left(${name}, 60000) as ${name}`
    const rows = await db.all(
      `select table_name, rule, ${limit('key_text')}, ${limit('row_text')}, occurrence, _deleted from ${rejects}`,
    )
    found.rejects = rows.map((row) => JSON.stringify(row)).sort()
    return { run: manifest.run_id, ...found }
  } finally {
    db.close()
  }
}

import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { homePaths } from '../../src/lib/adapters/local/home/paths.js'
import { lakeRelation, rejectsRelation } from '../../src/lib/adapters/local/jobs/lake.js'
import { SOURCE_TABLES, type SourceTable } from '../../src/lib/core/model.js'
import type { Manifest, ManifestTable } from '../../src/lib/core/run/manifest.js'
import { columnNames } from '../../src/lib/core/sql/ddl.js'
import { winnerOrder } from '../../src/lib/core/sql/load-script.js'
import { identList, literal } from '../../src/lib/core/sql/names.js'
import type { DirtySource } from '../support/dirty-source.js'
import { mutationHistory } from '../support/mutation-history.js'
import { type Scratch, scratchFolder } from '../support/temporary.js'
import { type Day, localDay, type TextTables } from './local-day.js'
import { python } from './python.js'
import { writeRelease } from './release-file.js'

const HISTORIES = Number(process.env.GLUE_HISTORIES ?? 4)
const SEED = Number(process.env.GLUE_SEED ?? 11)

/** What comes before a day, and how it is run. */
const KINDS = [
  'always',
  'always',
  'always',
  'never',
  'never',
  'full',
  'reset',
  'rewind',
  'rewind to the beginning',
] as const
const histories = fc.sample(
  fc.tuple(mutationHistory, fc.array(fc.constantFrom(...KINDS), { minLength: 6, maxLength: 6 })),
  {
    numRuns: HISTORIES,
    seed: SEED,
  },
)

const days: Day[] = []
let scratch: Scratch

beforeAll(async () => {
  scratch = await scratchFolder()
  for (const [at, [history, kinds]] of histories.entries()) {
    const home = join(scratch.path, `home-${at}`)
    for (const [day, source] of history.entries()) {
      const kind = day === 0 ? 'always' : (kinds[day % kinds.length] as (typeof KINDS)[number])
      await prepare(home, kind, day)
      const options = {
        runId: `r-${at}-${day}`,
        reconcile: !(kind === 'never' || kind.startsWith('rewind')),
        fullRefresh: kind === 'full',
      }
      days.push(await localDay(home, join(scratch.path, `case-${at}-${day}`), asTexts(source), options))
    }
  }
  await writeRelease(join(scratch.path, 'release.json'))
  const cases = days.map(({ folder, request }) => ({ folder, request }))
  await writeFile(join(scratch.path, 'cases.json'), JSON.stringify(cases))
  const said = await python('extract_cases.py', [join(scratch.path, 'release.json'), join(scratch.path, 'cases.json')])
  if (process.env.GLUE_TIMES) process.stderr.write(said)
}, 300_000)
afterAll(() => (process.env.GLUE_TIMES ? undefined : scratch[Symbol.asyncDispose]()))

describe('the extract of Spark writes what the local one writes', () => {
  test('of every day of some histories', async () => {
    expect(days.length).toBeGreaterThanOrEqual(HISTORIES * 3)
    const moved = { full: 0, copies: 0, tombstones: 0, cleared: 0, never: 0 }
    for (const day of days) {
      const found = await told(day)
      expect({ run: day.request, ...found }).toEqual({ run: day.request, ...(await expected(day)) })
      for (const table of day.manifest.tables) {
        moved.full += table.full ? 1 : 0
        moved.copies += table.copies ? 1 : 0
        moved.tombstones += table.tombstones
        moved.cleared += table.cleared
      }
      moved.never += day.manifest.reconciled ? 0 : 1
    }
    // What there is to be equal in.
    for (const [name, n] of Object.entries(moved)) expect({ name, n }).not.toEqual({ name, n: 0 })
  })
})

async function prepare(home: string, kind: string, day: number): Promise<void> {
  if (kind !== 'reset' && !kind.startsWith('rewind')) return
  const db = await Database.open(homePaths(home).warehouse, {})
  const table = SOURCE_TABLES[day % 4] as SourceTable
  const position = kind === 'rewind' ? (table.name === 'user_viewing' ? `'2024-03-01 00:00:00'` : `'5'`) : 'null'
  await db.run(
    `insert into raw_data.bookmark_${kind === 'reset' ? 'resets' : 'rewinds'} values ('${table.name}'${kind === 'reset' ? '' : `, ${position}`})`,
  )
  await db.run(`insert into raw_data.bookmark_changes (seq, table_name) values (${day}, '${table.name}')`)
  db.close()
}

/** As MySQL would give them: every row has all columns, and each of them a name. */
function asTexts(source: DirtySource): TextTables {
  return Object.fromEntries(
    Object.entries(source).map(([name, { header, records }]) => [
      name,
      {
        header: header.map((column) => column || 'nameless'),
        rows: records.map((record) => header.map((_, at) => record[at] ?? '')),
      },
    ]),
  )
}

interface Found {
  manifest: object
  lake: object
  events: object
}

async function expected({ home, manifest, events }: Day): Promise<Found> {
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

async function told({ folder, request }: Day): Promise<Found> {
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

/** Files differ in how many there are; their rows are compared. Cuts of what a bookmark run does not read nobody counts. */
function comparable(manifest: Manifest): object {
  return {
    ...manifest,
    tables: manifest.tables.map(({ files, rejected_files, truncated, ...entry }) => ({
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

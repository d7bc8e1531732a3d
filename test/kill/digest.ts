import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

/** Digest of each relation of a layer, by name. */
export type Digests = Readonly<Record<string, string>>

/** What a reader of a warehouse sees: the rows of each layer, and what must be empty once a run is over. */
export interface Seen {
  raw: Digests
  /** Curated and its views, which are published as one. */
  curated: Digests
  pending: Digests
}

const NOTHING: Seen = { raw: {}, curated: {}, pending: {} }

// Of load log and runs nothing is compared: they tell of the history, which differs.
const HISTORY = ['raw_data.load_log', 'raw_data.schema_version', 'raw_data.quarantine', 'raw_data.bookmark_changes']

const OPEN_QUARANTINE = `select 'raw' as layer, 'open quarantine' as name, count(*) as n,
    sum(hash(table_name, rule, key_text, row_text, occurrence)) as h
  from raw_data.quarantine where cleared_run_id is null`

/** Looks at the published warehouse of a home, as any program may that reads DuckDB files. */
export async function look(home: string): Promise<Seen> {
  const path = join(home, 'warehouse.duckdb')
  return existsSync(path) ? lookInto(path) : NOTHING
}

const looked = new Map<string, { stamp: string; seen: Seen }>()

/** The same, without reading a file once more that nobody has touched since. */
export async function lookAgain(home: string): Promise<Seen> {
  const path = join(home, 'warehouse.duckdb')
  const stamp = [path, `${path}.wal`].map(stampOf).join()
  const known = looked.get(home)
  if (known?.stamp === stamp) return known.seen
  const seen = await look(home)
  looked.set(home, { stamp, seen })
  return seen
}

function stampOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found ? `${found.ino} ${found.size} ${found.mtimeNs}` : 'none'
}

export async function lookInto(path: string): Promise<Seen> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY', threads: '1', temp_directory: '' })
  try {
    const connection = await instance.connect()
    await connection.run(`set timezone = 'UTC'`)
    const columns = await connection.runAndReadAll(
      `select schema_name || '.' || table_name, list(column_name order by column_index) from duckdb_columns()
        where database_name = current_database() and not internal group by all order by all`,
    )
    const queries = columns.getRowsJson().flatMap((row) => digestQuery(...(row as [string, string[]])))
    const found = await connection.runAndReadAll([...queries, OPEN_QUARANTINE].join(' union all '))
    const seen = { raw: {}, curated: {}, pending: {} } as Record<keyof Seen, Record<string, string>>
    // An empty table shows as much as one that is not there yet.
    for (const [layer, name, n, h] of found.getRowsJson())
      if (n !== '0') seen[layer as keyof Seen][String(name)] = `${n} rows, ${h}`
    connection.closeSync()
    return seen
  } finally {
    instance.closeSync()
  }
}

/** Rows without order, each by all of its columns but the technical ones, which tell of the history. */
function digestQuery(name: string, all: readonly string[]): string[] {
  if (HISTORY.includes(name)) return []
  const columns = all.filter((column) => !column.startsWith('_'))
  const cells = name === 'curated.build' ? ['as_of'] : columns
  const layer = /\.(changed_|bookmark_resets|bookmark_rewinds)/.test(name)
    ? 'pending'
    : name.startsWith('raw_data.')
      ? 'raw'
      : 'curated'
  const hash = `sum(hash(${cells.map((column) => `"${column}"`).join(', ')}))`
  return [`select '${layer}' as layer, '${name}' as name, count(*) as n, ${hash} as h from ${name}`]
}

/** Names of the relations in which two layers differ. */
export function differences(a: Digests, b: Digests): string[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()
  return names
    .filter((name) => a[name] !== b[name])
    .map((name) => `${name} (${a[name] ?? 'none'} ≠ ${b[name] ?? 'none'})`)
}

export function same(a: Digests, b: Digests): boolean {
  return differences(a, b).length === 0
}

/**
 * Whether a reader sees whole layers: each as it was before, or as it will be after, and curated no further than raw.
 * @returns what is wrong
 */
export function betweenLayers(seen: Seen, before: Seen, after: Seen): string[] {
  const wrong: string[] = []
  for (const layer of ['raw', 'curated'] as const) {
    if (same(seen[layer], before[layer]) || same(seen[layer], after[layer])) continue
    wrong.push(
      `${layer} is neither as before nor as after: ${differences(seen[layer], before[layer]).join(', ')}; ${differences(seen[layer], after[layer]).join(', ')}`,
    )
  }
  const ahead = !same(seen.curated, before.curated) && !same(seen.raw, after.raw)
  if (ahead && wrong.length === 0) wrong.push('curated is ahead of raw')
  return wrong
}

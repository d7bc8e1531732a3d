import { expect } from 'vitest'
import type { Database } from '../../src/lib/adapters/local/engine/database.js'
import { digestQuery } from '../../src/lib/adapters/local/engine/digest.js'
import { SOURCE_TABLES } from '../../src/lib/core/model.js'

/** The digests that the last load has kept. */
export async function keptDigests(db: Database): Promise<Record<string, string | null>> {
  const rows = await db.all<{ table_name: string; digest: string | null }>(
    'select table_name, arg_max(digest, seq) as digest from raw_data.load_log group by table_name',
  )
  return Object.fromEntries(rows.map(({ table_name, digest }) => [table_name, digest]))
}

/** Each is that of all rows as they are. */
export async function expectKeptDigests(db: Database): Promise<void> {
  expect(await keptDigests(db)).toEqual(await digests(db))
}

/** Of all rows as they are. */
export async function digests(db: Database): Promise<Record<string, string | null>> {
  const found: Record<string, string | null> = {}
  for (const table of SOURCE_TABLES) {
    const [row] = await db.all<{ digest: string }>(`select (${digestQuery(table)}) as digest`)
    found[table.name] = row?.digest ?? null
  }
  return found
}

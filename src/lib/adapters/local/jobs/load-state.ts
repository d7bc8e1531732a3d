import type { Manifest } from '../../../core/run/manifest.js'
import { literal } from '../../../core/sql/names.js'
import { Database } from '../engine/database.js'
import { exists } from '../home/files.js'
import type { HomePaths } from '../home/paths.js'
import { REWINDS } from './extract-state.js'

/**
 * Whether a load that moves no row would leave the load log as it is: the last one compared as much of the source with
 * raw, and no rewind waits to be done with.
 */
export async function isSettled(paths: HomePaths, { reconciled }: Pick<Manifest, 'reconciled'>): Promise<boolean> {
  if (!(await exists(paths.warehouse))) return false
  const db = await Database.open(paths.warehouse, { readOnly: true })
  try {
    const [last] = await db.all<{ reconciled: boolean }>(
      'select reconciled from raw_data.load_log order by seq desc limit 1',
    )
    if (last?.reconciled !== reconciled) return false
    const there = `select count(*) from duckdb_tables() where schema_name || '.' || table_name = ${literal(REWINDS)}`
    return (await db.count(there)) === 0 || (await db.count(`select count(*) from ${REWINDS}`)) === 0
  } finally {
    db.close()
  }
}

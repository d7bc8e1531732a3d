import { Database } from '../engine/database.js'
import { exists } from '../home/files.js'
import type { HomePaths } from '../home/paths.js'

/** Whether the last load compared the whole source with raw; undefined where there is no warehouse yet, or no load. */
export async function reconciledBefore(paths: HomePaths): Promise<boolean | undefined> {
  if (!(await exists(paths.warehouse))) return undefined
  const db = await Database.open(paths.warehouse, { readOnly: true })
  try {
    const [last] = await db.all<{ reconciled: boolean }>(
      'select reconciled from raw_data.load_log order by seq desc limit 1',
    )
    return last?.reconciled
  } finally {
    db.close()
  }
}

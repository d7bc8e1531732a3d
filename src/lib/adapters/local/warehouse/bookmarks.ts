import { SOURCE_TABLES } from '../../../core/model.js'
import { literal } from '../../../core/sql/names.js'
import type { Bookmark, Bookmarks } from '../../../ports/bookmarks.js'
import type { Cell, Warehouse } from '../../../ports/warehouse.js'
import { memoryLimit } from '../engine/memory.js'
import { homePaths } from '../home/paths.js'
import { acquireLock } from '../home/run-lock.js'
import { openLocalWarehouse } from './warehouse.js'
import { publishChange } from './working-copy.js'

interface Load extends Record<string, Cell> {
  run_id: string
  bookmark: string | null
  reconciled: boolean
  loaded_at: string
}

/** The bookmarks of a local home: raw's own greatest positions, and what the load log says of them. */
export class LocalBookmarks implements Bookmarks {
  constructor(private readonly home: string) {}

  async list(): Promise<Bookmark[]> {
    const warehouse = await openLocalWarehouse(this.home)
    try {
      const found: Bookmark[] = []
      for (const table of SOURCE_TABLES) {
        const loads = await warehouse.all<Load>(
          `select run_id, bookmark, reconciled, loaded_at from raw_data.load_log where table_name = ${literal(table.name)} order by seq`,
        )
        const last = loads.at(-1)
        const since = loads.findLastIndex((load) => load.reconciled) + 1
        found.push({
          table: table.name,
          column: table.bookmark.column,
          position: last?.bookmark ?? undefined,
          raw_rows: await number(warehouse, `select count(*) as n from raw_data.${table.raw}`),
          last_run: last?.run_id,
          loaded_at: last?.loaded_at,
          reconciled: last?.reconciled ?? false,
          not_reconciled_since: loads[since]?.loaded_at,
          reset_pending:
            (await number(
              warehouse,
              `select count(*) as n from raw_data.bookmark_resets where table_name = ${literal(table.name)}`,
            )) > 0,
        })
      }
      return found
    } finally {
      warehouse.close()
    }
  }

  async reset(tables: readonly string[]): Promise<void> {
    // Fails where there is no warehouse yet: without one the next run reads everything anyway.
    const warehouse = await openLocalWarehouse(this.home)
    warehouse.close()
    const lock = await acquireLock(this.home, 'bookmarks-reset')
    const paths = homePaths(this.home)
    try {
      await publishChange(paths, { memoryLimit: memoryLimit(0) }, async (db) => {
        const names = tables.map((table) => literal(table))
        await db.run(`delete from raw_data.bookmark_resets where table_name in (${names.join(', ')})`)
        await db.run(`insert into raw_data.bookmark_resets values ${names.map((name) => `(${name})`).join(', ')}`)
      })
    } finally {
      await lock.release()
    }
  }
}

async function number(warehouse: Warehouse, sql: string): Promise<number> {
  const [row] = await warehouse.all<{ n: string }>(sql)
  return Number(row?.n ?? 0)
}

import { literal } from '../../../core/sql/names.js'
import type { BookmarkReset } from '../../../ports/bookmarks.js'
import { memoryLimit } from '../engine/memory.js'
import { homePaths } from '../home/paths.js'
import { acquireLock } from '../home/run-lock.js'
import { guardWarehouse } from './foreign.js'
import { openLocalWarehouse } from './warehouse.js'
import { publishChange } from './working-copy.js'

/** Notes in the warehouse of a local home which tables the next run reads whole. */
export class LocalBookmarkReset implements BookmarkReset {
  constructor(
    private readonly home: string,
    private readonly tell: (text: string) => void,
  ) {}

  async reset(tables: readonly string[]): Promise<void> {
    // Fails where there is no warehouse yet: without one the next run reads everything anyway.
    await (await openLocalWarehouse(this.home))[Symbol.asyncDispose]()
    const lock = await acquireLock(this.home, 'bookmarks-reset')
    const paths = homePaths(this.home)
    try {
      for (const warning of await guardWarehouse(paths)) this.tell(warning)
      const options = { memoryLimit: memoryLimit(0), spillTo: paths.work }
      await publishChange(paths, options, async (db) => {
        const names = tables.map((table) => literal(table))
        await db.run(`delete from raw_data.bookmark_resets where table_name in (${names.join(', ')})`)
        await db.run(`insert into raw_data.bookmark_resets values ${names.map((name) => `(${name})`).join(', ')}`)
      })
    } finally {
      await lock.release()
    }
  }
}

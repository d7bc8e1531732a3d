import { cameBetween } from '../../../core/run/bookmark-change.js'
import { bookmarkScript } from '../../../core/sql/bookmark-script.js'
import type { BookmarkChanges, NewChange } from '../../../ports/bookmarks.js'
import type { Clock } from '../../../ports/clock.js'
import { whoAmI } from '../../files/who-am-i.js'
import type { Database } from '../engine/database.js'
import { memoryLimit } from '../engine/memory.js'
import { homePaths } from '../home/paths.js'
import { acquireLock } from '../home/run-lock.js'
import { guardWarehouse } from './foreign.js'
import { openLocalWarehouse } from './warehouse.js'
import { publishChange } from './working-copy.js'

/** Notes in the warehouse of a local home from where the next run reads, and who wanted it. */
export class LocalBookmarkChanges implements BookmarkChanges {
  constructor(
    private readonly home: string,
    private readonly clock: Clock,
    private readonly tell: (text: string) => void,
  ) {}

  async change(change: NewChange): Promise<void> {
    // Fails where there is no warehouse yet: without one the next run reads everything anyway.
    await (await openLocalWarehouse(this.home))[Symbol.asyncDispose]()
    const lock = await acquireLock(this.home, `bookmarks-${change.kind}`)
    const paths = homePaths(this.home)
    try {
      for (const warning of await guardWarehouse(paths)) this.tell(warning)
      const options = { memoryLimit: memoryLimit(0), spillTo: paths.work }
      await publishChange(paths, options, (db) => this.#write(db, change))
    } finally {
      await lock.release()
    }
  }

  async #write(db: Database, change: NewChange): Promise<void> {
    const made = { ...change, changed_at: this.clock.now().toISOString(), changed_by: whoAmI() }
    for (const { sql, guard } of bookmarkScript(made)) {
      await db.run(sql).catch((error: Error) => {
        // Other errors quote the statement, in which the message stands, too.
        if (guard === undefined || !error.message.startsWith('Conversion Error')) throw error
        throw cameBetween(guard, change.kind)
      })
    }
  }
}

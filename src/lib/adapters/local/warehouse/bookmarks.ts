import { hostname, userInfo } from 'node:os'
import { EtlError } from '../../../core/errors.js'
import { BOOKMARK_CHANGES, columnNames } from '../../../core/sql/ddl.js'
import { literal } from '../../../core/sql/names.js'
import type { BookmarkChanges, NewChange } from '../../../ports/bookmarks.js'
import type { Clock } from '../../../ports/clock.js'
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
    await assertNothingCame(db, change)
    const names = change.tables.map(({ table }) => literal(table)).join(', ')
    for (const pending of ['bookmark_resets', 'bookmark_rewinds'])
      await db.run(`delete from raw_data.${pending} where table_name in (${names})`)
    for (const { table, to } of change.tables) {
      if (to.state === 'reset') await db.run(`insert into raw_data.bookmark_resets values (${literal(table)})`)
      if (to.state === 'rewind')
        await db.run(`insert into raw_data.bookmark_rewinds values (${literal(table)}, ${text(to.position)})`)
    }
    const at = this.clock.now().toISOString().replace('T', ' ').replace('Z', '')
    const rows = change.tables.map(({ table, from, to }) => {
      const points = [from.state, from.position, to.state, to.position].map(text)
      const cells = [
        ...[change.seq, text(change.kind), text(table), ...points, change.of_seq ?? 'null', change.load_seq],
        ...[`timestamp ${literal(at)}`, text(whoAmI()), text(change.reason)],
      ]
      return `(${cells.join(', ')})`
    })
    await db.run(`insert into raw_data.bookmark_changes (${columnNames(BOOKMARK_CHANGES)}) values ${rows.join(', ')}`)
  }
}

async function assertNothingCame(db: Database, { kind, seq, load_seq }: NewChange): Promise<void> {
  const load = await db.count('select max(seq) from raw_data.load_log')
  const last = await db.count('select max(seq) from raw_data.bookmark_changes')
  if (load === load_seq && last === seq - 1) return
  const what = load === load_seq ? 'the bookmarks were changed' : 'a run has loaded'
  throw new EtlError(`${what} since they were looked at; nothing was done`, {
    code: 'LOCKED',
    suggestions: [`rental-etl bookmarks   # then ${kind} once more`],
  })
}

function text(value: string | null): string {
  return value === null ? 'null' : literal(value)
}

/** As `user@host`; in a container the user may have no name. */
function whoAmI(): string {
  let user: string
  try {
    user = userInfo().username
  } catch {
    user = String(process.getuid?.() ?? 'unknown')
  }
  return `${user}@${hostname()}`
}

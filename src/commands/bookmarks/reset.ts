import { Args } from '@oclif/core'
import type { Bookmark } from '../../lib/core/run/bookmark.js'
import { chosenTables } from '../../lib/core/words/table-names.js'
import { BaseCommand } from '../../lib/shell/base-command.js'
import { confirm } from '../../lib/shell/confirm.js'
import { yesFlag } from '../../lib/shell/flags.js'
import { bookmarks } from '../../lib/use-cases/bookmarks.js'

interface Reset {
  tables: { table: string; raw_rows: number; position: string | null }[]
}

export default class BookmarksReset extends BaseCommand<typeof BookmarksReset> {
  static override summary = 'Have the next run read tables whole, and rebuild them.'
  static override description =
    `Changes no row now: the next run extracts all rows of the tables and rebuilds them in raw, as \`run --full-refresh\` does for all. Shows what it will do, asks on a terminal, and needs --yes without one.

Exit status: 0 reset, 64 declined, 66 no such table, or no warehouse yet, 75 a run holds the lock, or another program has the warehouse open for writing.`
  static override examples = [
    { description: 'All tables', command: '<%= config.bin %> <%= command.id %> --yes' },
    { description: 'One table', command: '<%= config.bin %> <%= command.id %> bookings --yes' },
  ]
  static override args = { table: Args.string({ description: 'Source table; all without it.' }) }
  static override flags = yesFlag()

  async run(): Promise<Reset> {
    const names = chosenTables(this.args.table, 'rental-etl bookmarks reset')
    const runtime = await this.runtime()
    const list = await this.#list()
    const tables = list
      .filter(({ table }) => names.includes(table))
      .map(({ table, raw_rows, position }) => ({ table, raw_rows, position: position ?? null }))
    for (const { table, raw_rows, position } of tables) {
      this.note(`${table}: ${raw_rows} rows in raw, read up to ${position ?? '(nothing)'}; the next run reads it whole`)
    }
    await confirm('Reset?', {
      yes: this.flags.yes,
      json: this.jsonEnabled(),
      command: `rental-etl bookmarks reset${names.length === 1 ? ` ${names[0]}` : ''} --yes`,
      signal: this.signal,
    })
    await (await runtime.bookmarkReset()).reset(names)
    this.out(`bookmarks of ${names.join(', ')} are reset`)
    this.next('rental-etl run --watch')
    return { tables }
  }

  /** The warehouse is closed before it is changed. */
  async #list(): Promise<Bookmark[]> {
    await using warehouse = await (await this.runtime()).warehouse(this.signal)
    return await bookmarks(warehouse)
  }
}

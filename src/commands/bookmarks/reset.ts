import { Args } from '@oclif/core'
import { chosenTables } from '../../lib/core/words/table-names.js'
import { BookmarkCommand } from '../../lib/shell/bookmark-command.js'
import { reasonFlag, yesFlag } from '../../lib/shell/flags.js'

interface Reset {
  seq: number | null
  tables: { table: string; raw_rows: number; position: string | null }[]
}

export default class BookmarksReset extends BookmarkCommand<typeof BookmarksReset> {
  static override summary = 'Have the next run read tables whole, and rebuild them.'
  static override description =
    `Changes no row now: the next run extracts all rows of the tables and rebuilds them in raw, as \`run --full-refresh\` does for all. Shows what it will do, asks on a terminal, and needs --yes without one. It is kept in \`bookmarks history\`; until that run, \`bookmarks restore\` takes it back.

Exit status: 0 reset, 64 declined, 66 no such table, or no warehouse yet, 75 a run holds the lock or came between, or another program has the warehouse open for writing.`
  static override examples = [
    { description: 'All tables', command: '<%= config.bin %> <%= command.id %> --yes' },
    { description: 'One table', command: '<%= config.bin %> <%= command.id %> bookings --yes' },
  ]
  static override args = { table: Args.string({ description: 'Source table; all without it.' }) }
  static override flags = { ...reasonFlag(), ...yesFlag() }

  async run(): Promise<Reset> {
    const names = chosenTables(this.args.table, 'rental-etl bookmarks reset')
    const { seq, tables } = await this.changeBookmarks(
      { kind: 'reset', tables: names },
      {
        ...{ question: 'Reset?', yes: this.flags.yes, reason: this.flags.reason },
        command: `rental-etl bookmarks reset${names.length === 1 ? ` ${names[0]}` : ''} --yes`,
      },
    )
    this.out(`bookmarks of ${names.join(', ')} are reset`)
    this.next('rental-etl run --watch')
    return {
      seq,
      tables: tables.map(({ table, raw_rows_again, position }) => ({ table, raw_rows: raw_rows_again, position })),
    }
  }
}

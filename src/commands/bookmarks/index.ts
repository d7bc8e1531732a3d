import { Args } from '@oclif/core'
import { chosenTables } from '../../lib/core/words/table-names.js'
import type { Cell, ResultColumn } from '../../lib/ports/warehouse.js'
import { BaseCommand, tabularFlags } from '../../lib/shell/base-command.js'
import { bookmarksFooter, bookmarksView } from '../../lib/ui/bookmarks-view.js'
import { bookmarkBook } from '../../lib/use-cases/bookmarks.js'
import { foreignWarnings } from '../../lib/use-cases/foreign-bookmarks.js'
import { rowStream } from '../../lib/use-cases/row-stream.js'

const COLUMNS: ResultColumn[] = [
  { name: 'table', type: 'VARCHAR' },
  { name: 'column', type: 'VARCHAR' },
  { name: 'position', type: 'VARCHAR' },
  { name: 'raw_rows', type: 'BIGINT' },
  { name: 'last_run', type: 'VARCHAR' },
  { name: 'loaded_at', type: 'TIMESTAMP' },
  { name: 'reconciled', type: 'BOOLEAN' },
  { name: 'not_reconciled_since', type: 'TIMESTAMP' },
  { name: 'reset_pending', type: 'BOOLEAN' },
  { name: 'not_reconciled_since_run', type: 'VARCHAR' },
  { name: 'rewind_pending', type: 'BOOLEAN' },
  { name: 'reads_from', type: 'VARCHAR' },
]

export default class Bookmarks extends BaseCommand<typeof Bookmarks> {
  static override summary = 'Show how far each source table was read.'
  static override description =
    `A run compares the whole source with raw; only \`run --reconcile never\` reads just what lies beyond the position. not_reconciled_since names the first load since which changes and deletions were not looked for. reads_from is where the next such run begins: at the position, earlier after a rewind, or at the beginning (NULL). How many rows wait there only the source knows: \`bookmarks audit\` counts them.

Exit status: 0 shown, 66 no such table, or no warehouse yet.`
  static override examples = [
    { description: 'All tables', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'One table, for a script', command: '<%= config.bin %> <%= command.id %> bookings --json' },
  ]
  static override args = { table: Args.string({ description: 'Source table.' }) }
  static override flags = { ...tabularFlags }

  async run(): Promise<void> {
    const names = chosenTables(this.args.table, 'rental-etl bookmarks')
    const runtime = await this.runtime()
    await using warehouse = await runtime.warehouse(this.signal)
    const { marks } = await bookmarkBook(warehouse)
    const shown = marks.filter(({ table }) => names.includes(table))
    const rows = shown.map((mark): Cell[] => [
      mark.table,
      mark.column,
      mark.position ?? null,
      String(mark.raw_rows),
      mark.last_run ?? null,
      mark.loaded_at ?? null,
      mark.reconciled,
      mark.not_reconciled_since ?? null,
      mark.reset_pending,
      mark.not_reconciled_since_run ?? null,
      mark.rewind_pending,
      mark.reads_from ?? null,
    ])
    for (const warning of await foreignWarnings(await runtime.foreignBookmarks(), shown)) this.warning(warning)
    const now = runtime.clock.now()
    await this.showTable(rowStream(COLUMNS, rows), {
      human: bookmarksView(shown, now),
      footer: bookmarksFooter(shown, now),
    })
  }
}

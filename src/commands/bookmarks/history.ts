import type { Cell, ResultColumn } from '../../lib/ports/warehouse.js'
import { BaseCommand, tabularFlags } from '../../lib/shell/base-command.js'
import { changesView } from '../../lib/ui/bookmark-changes.js'
import { bookmarkHistory } from '../../lib/use-cases/bookmarks.js'
import { rowStream } from '../../lib/use-cases/row-stream.js'

const COLUMNS: ResultColumn[] = [
  { name: 'seq', type: 'BIGINT' },
  { name: 'kind', type: 'VARCHAR' },
  { name: 'of_seq', type: 'BIGINT' },
  { name: 'table', type: 'VARCHAR' },
  { name: 'from_state', type: 'VARCHAR' },
  { name: 'from_position', type: 'VARCHAR' },
  { name: 'to_state', type: 'VARCHAR' },
  { name: 'to_position', type: 'VARCHAR' },
  { name: 'state', type: 'VARCHAR' },
  { name: 'changed_at', type: 'TIMESTAMP' },
  { name: 'changed_by', type: 'VARCHAR' },
  { name: 'reason', type: 'VARCHAR' },
]

export default class BookmarksHistory extends BaseCommand<typeof BookmarksHistory> {
  static override summary = 'List the resets, rewinds and restores of bookmarks, newest first.'
  static override description =
    `Who changed what, when and why, a line for each table. The state says what came of it: it is pending until a run loads, then used; or it was replaced by a later one, or restored.

Exit status: 0 listed (also when there is none), 66 no warehouse yet.`
  static override examples = [
    { description: 'All changes', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'The same for a script', command: '<%= config.bin %> <%= command.id %> --json' },
  ]
  static override flags = { ...tabularFlags }

  async run(): Promise<void> {
    const runtime = await this.runtime()
    await using warehouse = await runtime.warehouse(this.signal)
    const lines = await bookmarkHistory(warehouse)
    const rows = lines.map(({ change, table: { table, from, to }, state }): Cell[] => [
      String(change.seq),
      change.kind,
      change.of_seq === null ? null : String(change.of_seq),
      table,
      from.state,
      from.position,
      to.state,
      to.position,
      state,
      change.changed_at,
      change.changed_by,
      change.reason,
    ])
    await this.showTable(rowStream(COLUMNS, rows), { human: changesView(lines, runtime.clock.now()) })
  }
}

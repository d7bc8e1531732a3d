import { Args, Flags } from '@oclif/core'
import { chosenTables } from '../../lib/core/words/table-names.js'
import { BaseCommand } from '../../lib/shell/base-command.js'
import { auditReport } from '../../lib/ui/bookmark-audit-report.js'
import { type AuditedBookmarks, auditBookmarks } from '../../lib/use-cases/audit-bookmarks.js'

export default class BookmarksAudit extends BaseCommand<typeof BookmarksAudit> {
  static override summary = 'Find the rows that a bookmark alone would never take.'
  static override description =
    `Reads the live source whole, compares it with raw by value, and changes nothing. Lost to a bookmark are rows that were updated in place, that came late (a new key at or below the position), that are deleted (or bad now), and keys of which only the number of copies is another (copied). Not lost are rows that stand at the position itself where it is inclusive (equal: \`viewed_at\`), and rows beyond it (waiting). Bad rows that are new are told by \`verify --scope checksum\`.

Exit status: 0 whatever it found, 64 usage, 65 the source does not fit, 66 no such table, no source, or no warehouse yet, 74 the source cannot be read, 75 a run has loaded meanwhile.`
  static override examples = [
    { description: 'All tables', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'One table with more keys, for a script',
      command: '<%= config.bin %> <%= command.id %> bookings --keys 1000 --json',
    },
  ]
  static override args = { table: Args.string({ description: 'Source table; all without it.' }) }
  static override flags = {
    keys: Flags.integer({ default: 5, min: 0, summary: 'Largest number of keys of each kind; all are counted.' }),
  }

  async run(): Promise<AuditedBookmarks> {
    const tables = chosenTables(this.args.table, 'rental-etl bookmarks audit')
    const runtime = await this.runtime()
    this.progress('reading the source')
    const ports = {
      audit: await runtime.bookmarkAudit(),
      warehouse: () => runtime.warehouse(this.signal),
    }
    const found = await auditBookmarks(ports, { tables, keys: this.flags.keys, signal: this.signal })
    this.out(auditReport(found.tables))
    if (found.lost > 0) this.next('rental-etl run')
    return found
  }
}

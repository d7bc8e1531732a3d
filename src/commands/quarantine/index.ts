import { Args, Flags } from '@oclif/core'
import { sourceTable } from '../../lib/core/words/table-names.js'
import { BaseCommand, tabularFlags } from '../../lib/shell/base-command.js'
import { listQuarantine, quarantineSummary } from '../../lib/use-cases/quarantine.js'
import { readAhead } from '../../lib/use-cases/row-stream.js'

export default class Quarantine extends BaseCommand<typeof Quarantine> {
  static override summary = 'List the rows of the source that did not make it into raw, and why.'
  static override description =
    `How many rows of each table broke each rule, then the rows. Rows that are bad in the source now are open. With --all those that were bad once are listed too, with the run that no longer found them.

Exit status: 0 shown (also when there are none), 66 no such table, or no warehouse yet.`
  static override examples = [
    { description: 'All open rows', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'The history of one table, as JSON',
      command: '<%= config.bin %> <%= command.id %> bookings --all --json',
    },
  ]
  static override args = {
    table: Args.string({ description: 'Source table, such as bookings.', ignoreStdin: true }),
  }
  static override flags = {
    ...tabularFlags,
    all: Flags.boolean({ summary: 'Also rows that are no longer bad.' }),
  }

  async run(): Promise<undefined> {
    const table = this.args.table === undefined ? undefined : sourceTable(this.args.table, 'rental-etl quarantine')
    await using warehouse = await (await this.runtime()).warehouse(this.signal)
    const summary = await quarantineSummary(warehouse, { table, all: this.flags.all })
    const rows = await listQuarantine(warehouse, { table, all: this.flags.all })
    const { stream, isEmpty } = await readAhead(rows)
    const none = `no row${table === undefined ? '' : ` of ${table}`} is quarantined`
    // For people only: a file or a script takes the rows.
    if (!isEmpty && (this.flags.output ?? 'table') === 'table') this.out(`${summary.join('\n')}\n`)
    await this.showTable(stream, { footer: isEmpty ? none : 'a row whole: rental-etl quarantine show ID' })
  }
}

import { Args } from '@oclif/core'
import { BaseCommand } from '../../lib/shell/base-command.js'
import { headerFields, type QuarantinedRow, quarantineLines, showQuarantined } from '../../lib/use-cases/quarantine.js'

export default class QuarantineShow extends BaseCommand<typeof QuarantineShow> {
  static override summary = 'Show a quarantined row whole.'
  static override description =
    `All columns of the row as the source has them, the rule that it broke and what is wrong with it, and the runs that found and cleared it.

Exit status: 0 shown, 64 an id that is no number, 66 no such row, or no warehouse yet.`
  static override examples = [
    { description: 'The first row that was quarantined', command: '<%= config.bin %> <%= command.id %> 1' },
    { description: 'The same for a script', command: '<%= config.bin %> <%= command.id %> 1 --json' },
  ]
  static override args = {
    id: Args.string({ description: 'Id of the row, from the list.', required: true, ignoreStdin: true }),
  }

  async run(): Promise<QuarantinedRow> {
    await using warehouse = await (await this.runtime()).warehouse(this.signal)
    const row = await showQuarantined(warehouse, this.args.id)
    for (const line of quarantineLines(row, await headerFields(warehouse, row))) this.out(line)
    return row
  }
}

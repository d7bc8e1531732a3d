import { Args } from '@oclif/core'
import type { Warehouse } from '../../lib/ports/warehouse.js'
import { BaseCommand } from '../../lib/shell/base-command.js'
import { headerFields, type QuarantinedRow, quarantineLines, showQuarantined } from '../../lib/use-cases/quarantine.js'
import { quarantineLine, sourceOfLoad } from '../../lib/use-cases/quarantine-line.js'

export default class QuarantineShow extends BaseCommand<typeof QuarantineShow> {
  static override summary = 'Show a quarantined row whole.'
  static override description =
    `All columns of the row as the source has them, the rule that it broke and what is wrong with it, and the runs that found and cleared it. Of a row that is still bad also the line of the file where it begins: it is looked up in the source as it is now, which is that of the newest load unless --source names another, and is told in text only.

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
    if (this.jsonEnabled()) return row
    const header = await headerFields(warehouse, row)
    const line = await this.#line(warehouse, row)
    for (const text of quarantineLines(row, { header, line })) this.out(text)
    return row
  }

  async #line(warehouse: Warehouse, row: QuarantinedRow): Promise<string | undefined> {
    const { sourceGiven, runs } = await this.runtime()
    const source = sourceGiven ? undefined : await sourceOfLoad(warehouse, await runs())
    if (source !== undefined) this.switchSource(source)
    this.progress('looking for the row in the source')
    return quarantineLine(await (await this.runtime()).sourceCheck(), row, this.signal)
  }
}

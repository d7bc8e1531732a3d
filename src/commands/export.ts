import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../lib/shell/base-command.js'
import { yesFlag } from '../lib/shell/flags.js'
import { assertWritable, type Exported, exportFormat, exportRelation } from '../lib/use-cases/export.js'

export default class Export extends BaseCommand<typeof Export> {
  static override summary = 'Write a table or view to a file.'
  static override description =
    `The file's ending names the format: .csv, .jsonl or .parquet. CSV and JSON lines hold the cells that query shows, Parquet holds the types. The file is there only once it is whole; one that is there already is replaced with --yes.

Exit status: 0 written, 64 an ending that names no format, or a file that is there already, 66 no such relation or folder, or no warehouse yet, 74 cannot write, 130 interrupted.`
  static override examples = [
    {
      description: 'A view for a spreadsheet',
      command: '<%= config.bin %> <%= command.id %> presentation.vw_occupancy_rate_monthly --to occupancy.csv',
    },
    {
      description: 'All confirmed bookings for another tool, in place of an earlier file',
      command: '<%= config.bin %> <%= command.id %> curated.fact_bookings --to bookings.parquet --yes',
    },
  ]
  static override args = {
    relation: Args.string({
      description: 'Table or view, with its schema or without.',
      required: true,
      ignoreStdin: true,
    }),
  }
  static override flags = {
    to: Flags.string({ summary: 'File to write.', helpValue: 'FILE', required: true }),
    ...yesFlag('Replace the file if it is there.'),
  }

  async run(): Promise<Exported> {
    const { to, yes } = this.flags
    exportFormat(to)
    await assertWritable(this.args.relation, to, yes)
    await using warehouse = await (await this.runtime()).warehouse(this.signal)
    const exported = await exportRelation(warehouse, this.args.relation, to)
    this.out(`${exported.rows} ${exported.rows === 1 ? 'row' : 'rows'} of ${exported.relation} written to ${to}`)
    return exported
  }
}

import { Args } from '@oclif/core'
import { BaseCommand, tabularFlags } from '../lib/shell/base-command.js'
import { rowStream } from '../lib/use-cases/row-stream.js'
import { listTables, RELATION_COLUMNS, relationColumns, TABLES_COLUMNS } from '../lib/use-cases/tables.js'

export default class Tables extends BaseCommand<typeof Tables> {
  static override summary = 'List the tables and views of the warehouse, or the columns of one.'
  static override description = `Rows of tables are counted; those of views are not, since that would compute them.

Exit status: 0 shown, 66 no such relation, or no warehouse yet.`
  static override examples = [
    { description: 'What can be queried', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Columns and types of one table, as JSON',
      command: '<%= config.bin %> <%= command.id %> curated.dim_listings --json',
    },
  ]
  static override args = {
    relation: Args.string({ description: 'Table or view whose columns are shown.', ignoreStdin: true }),
  }
  static override flags = { ...tabularFlags }

  async run(): Promise<undefined> {
    const { relation } = this.args
    await using warehouse = await (await this.runtime()).warehouse(this.signal)
    const stream =
      relation === undefined
        ? rowStream(TABLES_COLUMNS, await listTables(warehouse))
        : rowStream(RELATION_COLUMNS, await relationColumns(warehouse, relation))
    await this.showTable(stream)
  }
}

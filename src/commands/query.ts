import { Args, Flags } from '@oclif/core'
import { BaseCommand, tabularFlags } from '../lib/shell/base-command.js'
import { queryText, runQuery } from '../lib/use-cases/query.js'

export default class Query extends BaseCommand<typeof Query> {
  static override summary = 'Read the warehouse with one SQL statement.'
  static override description =
    `The SQL is an argument, a file, or piped in (SQL -, or none of both). It only reads the warehouse: what writes, attaches, sets, or reads files is refused, and nothing is changed. All rows are shown unless limited; relations of raw_data, curated and presentation are found without their schema.

Exit status: 0 shown, 64 refused or wrong SQL, several statements, or two columns of one name, 66 no such file or no warehouse yet, 130 interrupted.`
  static override examples = [
    {
      description: 'A view, as JSON',
      command: '<%= config.bin %> <%= command.id %> "select * from presentation.vw_occupancy_rate_monthly" --json',
    },
    {
      description: 'The dearest listings, as CSV',
      command:
        '<%= config.bin %> <%= command.id %> "select listing_id, price from curated.dim_listings order by price desc" --limit 10 --output csv',
    },
  ]
  static override args = {
    sql: Args.string({ description: 'One statement; - reads it from standard input.', ignoreStdin: true }),
  }
  static override flags = {
    ...tabularFlags,
    file: Flags.string({ char: 'f', summary: 'File that holds the statement.', helpValue: 'FILE' }),
    limit: Flags.integer({ summary: 'Only the first N rows.', helpValue: 'N', min: 0 }),
  }

  /** A statement may begin with a comment, which a shell hands over as a word that looks like a flag. */
  override async init(): Promise<void> {
    this.argv = this.argv.map((word) => (/^--\s/.test(word) ? `\n${word}` : word))
    await super.init()
  }

  async run(): Promise<undefined> {
    const stdin = () => (process.stdin.isTTY ? undefined : process.stdin)
    const sql = await queryText({ sql: this.args.sql, file: this.flags.file, stdin }, this.signal)
    await using warehouse = await (await this.runtime()).warehouse(this.signal)
    await this.showTable(await runQuery(warehouse, sql, this.flags.limit))
  }
}

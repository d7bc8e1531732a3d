import { Args, Flags } from '@oclif/core'
import { chosenTables } from '../../lib/core/words/table-names.js'
import { BookmarkCommand, type ChangedBookmarks } from '../../lib/shell/bookmark-command.js'
import { dayFlag, reasonFlag, yesFlag } from '../../lib/shell/flags.js'
import { selectRun } from '../../lib/use-cases/select-run.js'

export default class BookmarksRewind extends BookmarkCommand<typeof BookmarksRewind> {
  static override summary = 'Have the next run without reconciling read from an earlier position.'
  static override description =
    `Sets the position beyond which the next \`run --reconcile never\` reads back to where it was at the end of a day (UTC, by when loads were made), or to where a run left it. No row is changed now, and none twice then: what is read again and is as raw has it stays. Any run that loads ends it; one that reconciles reads everything anyway. Never goes beyond the end of raw. --simulate shows the effect and changes nothing; without it, it is shown, asks on a terminal, and needs --yes without one.

Exit status: 0 rewound or shown, 64 declined, or no such day, 66 no such table, nothing was loaded by that day, the run is not in the load log, or no warehouse yet, 75 a run holds the lock or came between, or another program has the warehouse open for writing.`
  static override examples = [
    {
      description: 'What going back to the newest run would mean',
      command: '<%= config.bin %> <%= command.id %> --to-run @latest --simulate',
    },
    {
      description: 'One table to where it was on a day, with a reason',
      command: '<%= config.bin %> <%= command.id %> bookings --to-date 2026-05-01 --reason "late bookings" --yes',
    },
  ]
  static override args = { table: Args.string({ description: 'Source table; all without it.' }) }
  static override flags = {
    'to-date': dayFlag({ summary: 'To the end of this day, YYYY-MM-DD.', exactlyOne: ['to-date', 'to-run'] }),
    'to-run': Flags.string({ summary: 'To where this run left it; an id or a selector.', helpValue: 'RUN' }),
    simulate: Flags.boolean({ summary: 'Show the effect, and change nothing.' }),
    ...reasonFlag(),
    ...yesFlag(),
  }

  async run(): Promise<ChangedBookmarks> {
    const { 'to-date': date, simulate, reason, yes } = this.flags
    const tables = chosenTables(this.args.table, 'rental-etl bookmarks rewind')
    const run = await this.#run(this.flags['to-run'])
    const to = date === undefined ? { run: run ?? '' } : { date }
    const where = date === undefined ? `--to-run ${run}` : `--to-date ${date}`
    const table = tables.length === 1 ? ` ${tables[0]}` : ''
    const done = await this.changeBookmarks(
      { kind: 'rewind', tables, to },
      {
        ...{ question: 'Rewind?', yes, simulate, reason },
        command: `rental-etl bookmarks rewind${table} ${where} --yes`,
      },
    )
    if (done.seq === null && done.tables.length > 0) this.next(`rental-etl bookmarks rewind${table} ${where}`)
    if (done.seq !== null) {
      this.out(`bookmarks of ${done.tables.map(({ table: name }) => name).join(', ')} are rewound`)
      this.next('rental-etl run --reconcile never')
    }
    return done
  }

  /** A selector names a run of the history; an id may be of one that only the load log has. */
  async #run(text: string | undefined): Promise<string | undefined> {
    if (!text?.startsWith('@')) return text
    return (await selectRun(await (await this.runtime()).runs(), text)).state.run_id
  }
}

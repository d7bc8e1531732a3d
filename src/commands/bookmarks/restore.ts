import { Args } from '@oclif/core'
import { BookmarkCommand, type ChangedBookmarks } from '../../lib/shell/bookmark-command.js'
import { reasonFlag, yesFlag } from '../../lib/shell/flags.js'

export default class BookmarksRestore extends BookmarkCommand<typeof BookmarksRestore> {
  static override summary = 'Take back a reset or a rewind of bookmarks.'
  static override description =
    `Takes back the newest one that still waits for a run, or that of the number which \`bookmarks history\` shows. Once a run has loaded there is nothing to take back, and of several changes of a table the newest goes first. Shows what it will do, asks on a terminal, and needs --yes without one. It is kept in the history itself.

Exit status: 0 taken back, 64 declined, 66 no such change, one that cannot be taken back, or no warehouse yet, 75 a run holds the lock or came between, or another program has the warehouse open for writing.`
  static override examples = [
    { description: 'The newest one', command: '<%= config.bin %> <%= command.id %> --yes' },
    {
      description: 'That of a number',
      command: '<%= config.bin %> <%= command.id %> 1 --reason "wrong table" --yes',
    },
  ]
  static override args = {
    seq: Args.integer({ description: 'Number of the change; the newest without it.', min: 1 }),
  }
  static override flags = { ...reasonFlag(), ...yesFlag() }

  async run(): Promise<ChangedBookmarks> {
    const { yes, reason } = this.flags
    const { seq } = this.args
    const done = await this.changeBookmarks(
      { kind: 'restore', seq },
      {
        ...{ question: 'Take it back?', yes, reason },
        command: `rental-etl bookmarks restore${seq === undefined ? '' : ` ${seq}`} --yes`,
      },
    )
    this.out(`change ${done.of_seq} is taken back`)
    this.next('rental-etl bookmarks')
    return done
  }
}

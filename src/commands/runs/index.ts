import { Flags } from '@oclif/core'
import type { RunStatus } from '../../lib/core/run/run.js'
import { BaseCommand, tabularFlags } from '../../lib/shell/base-command.js'
import { runsView } from '../../lib/ui/runs-view.js'
import { listRuns, RUN_COLUMNS, runRow } from '../../lib/use-cases/list-runs.js'
import { rowStream } from '../../lib/use-cases/row-stream.js'

const STATUSES: readonly RunStatus[] = ['running', 'succeeded', 'failed', 'canceled']

export default class Runs extends BaseCommand<typeof Runs> {
  static override summary = 'List the runs, newest first.'
  static override description = `A run whose process is gone is shown as failed.

Exit status: 0 listed (also when there is none), 64 usage.`
  static override examples = [
    { description: 'The last twenty', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'All that failed, for a script',
      command: '<%= config.bin %> <%= command.id %> --status failed --limit 1000 --json',
    },
  ]
  static override flags = {
    ...tabularFlags,
    status: Flags.option({ options: STATUSES, summary: 'Only runs of this status.' })(),
    limit: Flags.integer({ default: 20, min: 1, summary: 'Largest number of runs.' }),
  }

  async run(): Promise<void> {
    const { status, limit } = this.flags
    const runtime = await this.runtime()
    const records = await listRuns(await runtime.runs(), { status, limit })
    const footer = records.length === limit ? `the newest ${limit}; more with --limit` : undefined
    const human = runsView(records, runtime.clock.now())
    await this.showTable(rowStream(RUN_COLUMNS, records.map(runRow)), { footer, human })
  }
}

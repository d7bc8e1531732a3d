import type { RunResult } from '../lib/core/run/run.js'
import { durationFlag, runArgument } from '../lib/shell/flags.js'
import { RunCommand } from '../lib/shell/run-command.js'
import { selectRun } from '../lib/use-cases/select-run.js'
import { watchRun } from '../lib/use-cases/watch-run.js'

export default class Watch extends RunCommand<typeof Watch> {
  static override summary = 'Follow a run that is going on, or show one that is over.'
  static override description = `Ctrl-C ends the watching only: the run goes on.

Exit status: that of the run: 0 succeeded, 1 failed or canceled; 66 no such run, 69 still running when --wait is over, 130 Ctrl-C.`
  static override examples = [
    { description: 'The newest run', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'At most five minutes, for a script',
      command: '<%= config.bin %> <%= command.id %> @running --wait 5m --json',
    },
  ]
  static override args = runArgument(', @latest, @failed, @running or @-2', '@latest')
  static override flags = {
    wait: durationFlag({ summary: 'Longest time to watch, such as 90s, 5m, 1h.', helpValue: 'DURATION' }),
  }

  async run(): Promise<RunResult> {
    const runtime = await this.runtime()
    const { state, request } = await selectRun(await runtime.runs(), this.args.run)
    const events = watchRun(await runtime.orchestrator(), state.run_id, {
      waitMs: this.flags.wait,
      ...this.following(),
    })
    const ended = state.status !== 'running'
    return this.showRun(state.run_id, events, { watch: true, detaches: true, ended, source: request.source })
  }
}

import { Flags } from '@oclif/core'
import type { LogLine } from '../lib/core/run/log-line.js'
import { nextCommands } from '../lib/core/run/next-commands.js'
import { LAYER_NAMES } from '../lib/core/run/run.js'
import { BaseCommand } from '../lib/shell/base-command.js'
import { runArgument } from '../lib/shell/flags.js'
import { shownOn, write } from '../lib/shell/output.js'
import { logText } from '../lib/ui/log-text.js'
import { followLog, runLog } from '../lib/use-cases/run-logs.js'
import { selectRun } from '../lib/use-cases/select-run.js'

export default class Logs extends BaseCommand<typeof Logs> {
  static override summary = "Show a run's log."
  static override description = `Exit status: 0 shown, 64 no such layer, 66 no such run, 130 Ctrl-C while following.`
  static override examples = [
    { description: 'Why did it fail?', command: '<%= config.bin %> <%= command.id %> @latest --failed' },
    { description: 'One layer, as it comes', command: '<%= config.bin %> <%= command.id %> --layer raw --follow' },
  ]
  static override args = runArgument(', @latest, @failed, @running or @-2', '@latest')
  static override flags = {
    layer: Flags.option({ options: LAYER_NAMES, summary: 'Only this layer.' })(),
    failed: Flags.boolean({ summary: 'Only layers that did not succeed.' }),
    follow: Flags.boolean({ char: 'f', summary: 'Go on until the run is over.' }),
  }

  async run(): Promise<{ run_id: string; lines: LogLine[] }> {
    const runtime = await this.runtime()
    const runs = await runtime.runs()
    const { state, request } = await selectRun(runs, this.args.run)
    const { run_id } = state
    this.runId = run_id
    const filter = { layer: this.flags.layer, failed: this.flags.failed }
    const lines: LogLine[] = []
    const show = async (line: LogLine): Promise<void> => {
      lines.push(line)
      if (!this.jsonEnabled()) await write(process.stdout, `${shownOn(process.stdout, logText(line))}\n`)
    }
    if (this.flags.follow) {
      for await (const line of followLog(await runtime.orchestrator(), run_id, filter, this.following()))
        await show(line)
    } else for (const line of await runLog(runs, run_id, filter)) await show(line)
    if (lines.length === 0) {
      const { failed, layer } = this.flags
      this.note(
        `no lines: ${failed ? 'no layer of this run failed' : `the log says nothing of ${layer ?? 'this run'}`}`,
      )
    }
    if (this.flags.failed && state.status === 'failed') this.next(...nextCommands(state, request))
    return { run_id, lines }
  }
}

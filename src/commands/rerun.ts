import { Args, Flags } from '@oclif/core'
import { LAYER_NAMES, type RunResult } from '../lib/core/run/run.js'
import { runArgument, watchFlag } from '../lib/shell/flags.js'
import { RunCommand } from '../lib/shell/run-command.js'
import { loadHistory } from '../lib/use-cases/load-history.js'
import { planRerun } from '../lib/use-cases/rerun.js'

export default class Rerun extends RunCommand<typeof Rerun> {
  static override summary = 'Do a layer of a run again, and those after it.'
  static override description =
    `Makes a new run with the as-of date and the source of RUN, also after a success. extract compares the source with raw anew; raw loads the manifest of RUN once more, and is refused when a later run has loaded; curated is rebuilt in full from raw.

Exit status: 0 succeeded, 1 failed, 64 no such layer, 66 no such run, or its manifest cannot be loaded any more, 75 another run holds the lock, 130 stopped by Ctrl-C.`
  static override examples = [
    { description: 'Rebuild curated and the views from raw', command: '<%= config.bin %> <%= command.id %> curated' },
    { description: 'Only the raw layer of a run', command: '<%= config.bin %> <%= command.id %> raw @latest --only' },
  ]
  static override args = {
    layer: Args.string({ description: 'Layer to do again.', options: [...LAYER_NAMES], required: true }),
    ...runArgument(', @latest, @failed or @-2', '@latest'),
  }
  static override flags = {
    only: Flags.boolean({ summary: 'Leave the layers after it as they are.' }),
    ...watchFlag,
  }

  async run(): Promise<RunResult> {
    const runtime = await this.runtime()
    const layer = LAYER_NAMES.find((name) => name === this.args.layer) ?? 'extract'
    const request = await planRerun(
      { runs: await runtime.runs(), loads: () => loadHistory(runtime.warehouse) },
      { layer, run: this.args.run, only: this.flags.only, runId: await this.newRunId() },
    )
    return this.doRun(await this.goOnFrom(request), { watch: this.flags.watch, onConflict: 'fail' })
  }
}

import { Flags } from '@oclif/core'
import type { RunResult } from '../lib/core/run/run.js'
import { guardFlags, runArgument, watchFlag } from '../lib/shell/flags.js'
import { RunCommand } from '../lib/shell/run-command.js'
import { loadHistory } from '../lib/use-cases/load-history.js'
import { planResume, type ResumePlan } from '../lib/use-cases/resume.js'

export default class Resume extends RunCommand<typeof Resume> {
  static override summary = 'Go on with a run at the layer that failed.'
  static override description =
    `Makes a new run with the as-of date and the source of RUN that enters at the first layer that did not succeed; at extract, when another run has loaded raw since. Says what is skipped, and why that is safe.

Exit status: 0 succeeded, 1 failed again, 66 no such run, or nothing of it is left to do, 75 another run holds the lock, 130 stopped by Ctrl-C.`
  static override examples = [
    { description: 'The newest failed run', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'Only say what would be done', command: '<%= config.bin %> <%= command.id %> @failed --explain' },
  ]
  static override args = runArgument(', @failed, @latest or @-2', '@failed')
  static override flags = {
    explain: Flags.boolean({ summary: 'Say what would be done and why, and do nothing.' }),
    ...guardFlags,
    ...watchFlag,
  }

  async run(): Promise<RunResult | Omit<ResumePlan, 'request'>> {
    const runtime = await this.runtime()
    const ports = { runs: await runtime.runs(), loads: () => loadHistory(runtime.warehouse) }
    const allowed = { allow_deletes: this.flags['allow-deletes'], allow_rejects: this.flags['allow-rejects'] }
    const plan = await planResume(ports, { run: this.args.run, runId: await this.newRunId(), ...allowed })
    const { request, entry, steps } = plan
    const say = (text: string): void => (this.flags.explain ? this.out(text) : this.note(text))
    say(`resumes run ${request.parent} at ${entry}, as of ${request.as_of}`)
    for (const { layer, action, done_by, why } of steps) {
      say(
        `  ${action === 'do' ? 'do  ' : 'skip'} ${layer.padEnd(8)} ${done_by === null ? '' : `done by run ${done_by}: `}${why}`,
      )
    }
    const ready = await this.goOnFrom(request)
    if (!this.flags.explain) return this.doRun(ready, { watch: this.flags.watch, onConflict: 'fail' })
    this.next(`rental-etl resume ${request.parent}`)
    return { entry, steps }
  }
}

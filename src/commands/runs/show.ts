import { initialRun } from '../../lib/core/run/events.js'
import type { RunRequest } from '../../lib/core/run/request.js'
import type { RunResult } from '../../lib/core/run/run.js'
import { runArgument } from '../../lib/shell/flags.js'
import { RunCommand } from '../../lib/shell/run-command.js'
import { unreconciledLine } from '../../lib/ui/run-report.js'
import { unreconciledSince } from '../../lib/use-cases/reconciled.js'
import { selectRun } from '../../lib/use-cases/select-run.js'

interface ShownRun extends RunResult {
  target: string
  source: string
  started_at: string | null
  closed_at: string | null
  warnings: string[]
  /** The run's one document. */
  request: RunRequest
}

export default class RunsShow extends RunCommand<typeof RunsShow> {
  static override summary = 'Show a run: its layers, tables, rows, and why it failed.'
  static override description = `Exit status: 0 shown, whatever came of the run; 66 no such run.`
  static override examples = [
    { description: 'The newest run', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'The newest that failed, for a script',
      command: '<%= config.bin %> <%= command.id %> @failed --json',
    },
  ]
  static override args = runArgument(', @latest, @failed, @running or @-2', '@latest')

  async run(): Promise<ShownRun> {
    const runtime = await this.runtime()
    const runs = await runtime.runs()
    const record = await selectRun(runs, this.args.run)
    const { state, request } = record
    this.runId = state.run_id
    const full = { ...initialRun(state.run_id), ...state }
    const { target, source } = request
    this.out(`run ${state.run_id} of ${source} (target ${target})${state.parent ? `, again of ${state.parent}` : ''}`)
    this.out(await this.report(full, { tables: true, log: true, error: true }))
    const since = await unreconciledSince(runs, record)
    if (since) this.out(unreconciledLine(since.state))
    if (full.status !== 'succeeded') this.next(...(await this.nextOf(full)))
    const { run_id, parent, status, as_of, reconciled, layers, error, started_at, closed_at, warnings } = full
    return {
      ...{ run_id, parent, status, as_of, reconciled, layers, error, started_at, closed_at, warnings, target, source },
      request,
    }
  }
}

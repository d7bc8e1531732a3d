import { Flags } from '@oclif/core'
import { EtlError } from '../lib/core/errors.js'
import { toRunResult } from '../lib/core/run/events.js'
import type { RunRequest } from '../lib/core/run/request.js'
import { LAYER_NAMES, type RunResult } from '../lib/core/run/run.js'
import { checkRunId } from '../lib/core/run/run-id.js'
import { dateFlag, guardFlags, watchFlag } from '../lib/shell/flags.js'
import { RunCommand } from '../lib/shell/run-command.js'
import { dryRunReport } from '../lib/ui/run-report.js'
import { detachRun } from '../lib/use-cases/detach-run.js'
import { newestExtract } from '../lib/use-cases/rerun.js'
import { checkLayers, dryRun } from '../lib/use-cases/start-run.js'

export default class Run extends RunCommand<typeof Run> {
  static override summary = 'Run the pipeline: extract, load, curate, present.'
  static override description =
    `Reads the source, loads what differs into raw, brings curated and the seven views up to it, and checks the balance of every row. Every step can be killed and run again. Without a configuration file the made-up sample source is loaded into .rental-etl.

On a terminal --watch shows a live tree; without it each event is a line on stderr. Ctrl-C stops the run cleanly.

Exit status: 0 succeeded, 1 failed or canceled, 64 usage, 65 the source or the configuration is invalid, 66 no such source folder, 69 detached, 74 cannot read or write, 75 another run holds the lock, 130 stopped by Ctrl-C.`
  static override examples = [
    { description: 'The main job, with a live view', command: '<%= config.bin %> <%= command.id %> --watch' },
    {
      description: 'A folder of CSV files, as of a day, for a script',
      command: '<%= config.bin %> <%= command.id %> --source csv:DIR --as-of 2025-03-24 --json',
    },
  ]
  static override flags = {
    ...watchFlag,
    detach: Flags.boolean({
      summary: 'Start it in a process of its own and return; follow it with `watch`.',
      exclusive: ['watch', 'dry-run'],
    }),
    from: Flags.option({ options: LAYER_NAMES, default: 'extract', summary: 'First layer to do.' })(),
    to: Flags.option({ options: LAYER_NAMES, default: 'curated', summary: 'Last layer to do.' })(),
    'as-of': dateFlag({
      summary: 'Logical date of the run; yesterday in UTC, for the sample source its last day.',
      helpValue: 'DATE',
    }),
    'full-refresh': Flags.boolean({ summary: 'Extract all rows, and rebuild raw and curated.' }),
    reconcile: Flags.option({
      options: ['always', 'never'] as const,
      default: 'always',
      summary: 'Compare the whole source with raw, or read only beyond the bookmarks.',
    })(),
    ...guardFlags,
    'dry-run': Flags.boolean({ summary: 'Change nothing; say what would be done, with row counts.' }),
    name: Flags.string({ summary: 'Id of the run, instead of one made of the time.', helpValue: 'ID' }),
    'on-conflict': Flags.option({
      options: ['fail', 'wait', 'attach'] as const,
      default: 'fail',
      summary: 'While another run is going on: exit 75, wait for its end, or follow it.',
    })(),
  }

  async run(): Promise<RunResult> {
    const request = await this.#request()
    if (this.flags['dry-run']) return this.#dryRun(request)
    if (this.flags.detach) return this.#detach(request)
    return this.doRun(request, { watch: this.flags.watch, onConflict: this.flags['on-conflict'] })
  }

  async #request(): Promise<RunRequest> {
    const { flags } = this
    checkLayers(flags.from, flags.to)
    if (flags.from !== 'extract' && (flags['full-refresh'] || flags.reconcile === 'never')) {
      const flag = flags['full-refresh'] ? '--full-refresh' : '--reconcile never'
      throw new EtlError(`${flag} is about extracting, and this run begins at ${flags.from}`, {
        code: 'USAGE',
        suggestions: [`rental-etl run ${flag}`],
      })
    }
    const runtime = await this.runtime()
    const asOf = flags['as-of'] ?? runtime.defaultAsOf()
    const runId = flags.name === undefined ? await this.newRunId() : checkRunId(flags.name)
    const request = await this.requestOf({
      run_id: runId,
      as_of: asOf,
      from: flags.from,
      to: flags.to,
      reconcile: flags.reconcile,
      full_refresh: flags['full-refresh'],
      allow_deletes: flags['allow-deletes'],
      allow_rejects: flags['allow-rejects'],
    })
    if (flags.from !== 'raw') return request
    const manifestRun = await newestExtract(await runtime.runs())
    return { ...request, manifest_run: manifestRun, done_by: { extract: manifestRun } }
  }

  async #dryRun(request: RunRequest): Promise<RunResult> {
    const runtime = await this.runtime()
    this.progress(`comparing ${runtime.source} with raw`)
    const state = await dryRun(await runtime.sourceCheck(), request, this.signal)
    this.out(dryRunReport(state))
    this.next('rental-etl run --watch')
    return toRunResult(state)
  }

  async #detach(request: RunRequest): Promise<RunResult> {
    const runtime = await this.runtime()
    const words = this.argv.filter((word) => word !== '--detach' && word !== '--json')
    const argv = ['run', ...words, ...(this.flags.name ? [] : ['--name', request.run_id]), '--json']
    const orchestrator = await runtime.orchestrator()
    const ports = { orchestrator, launcher: () => runtime.launcher(), runs: await runtime.runs() }
    const state = await detachRun(ports, request, argv, this.signal)
    this.runId = state.run_id
    this.out(`run ${state.run_id} was started${orchestrator.outlives ? '' : ' in a process of its own'}`)
    this.next(`rental-etl watch ${state.run_id}`, `rental-etl cancel ${state.run_id} --reason TEXT`)
    this.exitWith('running')
    return toRunResult(state)
  }
}

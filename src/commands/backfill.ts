import { Flags } from '@oclif/core'
import { EtlError } from '../lib/core/errors.js'
import type { RunState } from '../lib/core/run/events.js'
import { tabularFlags } from '../lib/shell/base-command.js'
import { dateFlag, guardFlags } from '../lib/shell/flags.js'
import { RunCommand } from '../lib/shell/run-command.js'
import { backfillLine, backfillView } from '../lib/ui/backfill-view.js'
import {
  BACKFILL_COLUMNS,
  type BackfillPlan,
  backfillRow,
  type DayToDo,
  doBackfill,
  planBackfill,
} from '../lib/use-cases/backfill.js'
import { rowStream } from '../lib/use-cases/row-stream.js'
import { runExit } from '../lib/use-cases/run-outcome.js'
import { runToEnd } from '../lib/use-cases/start-run.js'

export default class Backfill extends RunCommand<typeof Backfill> {
  static override summary = 'Run once for each day of a span of as-of dates.'
  static override description =
    `One whole run a day, from --start to --end, each with its own id and record: the first one brings raw up to the source, those after it move the rows that changed meanwhile, and the views as of their day. It stops at the first day that fails. The same command again goes on there: days that are done, also by \`resume\`, are not done again unless --restart is given. What lets a guard pass lets it pass in the first run only. The views show the last day that was done.

Ctrl-C stops the day's run cleanly; the days before it stay done.

Exit status: 0 all days are done, 64 usage, 68 some were done by this command and then one failed; where its first one fails, as \`run\`: 1 failed, 65 the source or the configuration is invalid, 66 no such source folder, 74 cannot read or write, 75 another run holds the lock; 130 stopped by Ctrl-C.`
  static override examples = [
    { description: 'A week', command: '<%= config.bin %> <%= command.id %> --start 2025-03-18 --end 2025-03-24' },
    {
      description: 'What is left of it to do',
      command: '<%= config.bin %> <%= command.id %> --start 2025-03-18 --end 2025-03-24 --dry-run --json',
    },
  ]
  static override flags = {
    ...tabularFlags,
    start: dateFlag({ summary: 'First as-of date.', helpValue: 'DATE', required: true }),
    end: dateFlag({ summary: 'Last as-of date.', helpValue: 'DATE', required: true }),
    restart: Flags.boolean({ summary: 'Do all days, also those that are done.' }),
    ...guardFlags,
    'dry-run': Flags.boolean({ summary: 'Change nothing; show which days are done.' }),
    'on-conflict': Flags.option({
      options: ['fail', 'wait'] as const,
      default: 'fail',
      summary: 'While another run is going on: stop, or wait for its end.',
    })(),
  }

  async run(): Promise<void> {
    const { start, end, restart } = this.flags
    const runtime = await this.runtime()
    const plan = await planBackfill(await runtime.runs(), { start, end, restart, source: runtime.source })
    const { days } = plan
    const waiting = days.filter(({ run }) => run === null).length
    if (waiting === 0) this.note(`all ${days.length} days are done; --restart does them again`)
    else if (plan.goesOn) this.note(`${days.length - waiting} of ${days.length} days are done, ${waiting} to do`)
    if (waiting > 0) await (this.flags['dry-run'] ? this.next(this.#again()) : this.#do(plan))
    await this.showTable(rowStream(BACKFILL_COLUMNS, days.map(backfillRow)), { human: backfillView(days) })
  }

  async #do(plan: BackfillPlan): Promise<void> {
    const of = plan.days.length
    let done = 0
    try {
      const newRunId = () => this.newRunId()
      for await (const { day, run, at } of doBackfill(plan, { newRunId, run: (one, nth) => this.#one(one, nth, of) })) {
        this.runId = run.run_id
        this.note(backfillLine(day, { at, of }))
        if (this.signal.aborted) throw this.signal.reason
        if (run.status !== 'succeeded') return await this.#failed(run, done)
        done += 1
      }
    } catch (error) {
      return this.#hindered(error, done)
    }
    await this.tellBadRows()
    if (this.flags.end < (await this.runtime()).defaultAsOf()) {
      this.warning(`the views are as of ${this.flags.end} now, until the next run`)
      this.next('rental-etl run')
    }
    this.next('rental-etl metrics occupancy --month')
  }

  async #one({ first, ...day }: DayToDo, at: number, of: number): Promise<RunState> {
    const runtime = await this.runtime()
    // Once: a later day could meet another trouble.
    const allowed = first && { allow_deletes: this.flags['allow-deletes'], allow_rejects: this.flags['allow-rejects'] }
    const request = await this.requestOf({ ...day, ...allowed })
    const state = await runToEnd({ orchestrator: await runtime.orchestrator(), runs: await runtime.runs() }, request, {
      onConflict: this.flags['on-conflict'],
      onWait: (other) => this.note(`waiting for run ${other} to end`),
      onEvent: (event) => 'layer' in event && this.progress(`${day.as_of}  ${at}/${of}  ${event.layer ?? ''}`),
      following: this.following(),
    })
    for (const text of state.warnings) this.warning(text)
    return state
  }

  /** Ctrl-C, or what stands in the way of a later day, such as a nightly run: the days before it are done all the same. */
  #hindered(error: unknown, done: number): void {
    if (this.signal.aborted) {
      const message = `${(this.signal.reason as Error).message}; the days before it are done`
      throw new EtlError(message, { code: 'INTERRUPTED', suggestions: [this.#again()] })
    }
    if (done === 0 || !(error instanceof EtlError)) throw error
    this.warning(error.message)
    this.exitWith('partial')
    this.next(this.#again())
  }

  async #failed(run: RunState, done: number): Promise<void> {
    this.exitWith(done > 0 ? 'partial' : runExit(run))
    if (!this.jsonEnabled()) this.note(await this.report(run, { tables: false, log: true, error: true }))
    this.next(...(await this.nextOf(run)), this.#again())
  }

  #again(): string {
    return `rental-etl backfill --start ${this.flags.start} --end ${this.flags.end}`
  }
}

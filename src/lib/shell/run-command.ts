import { randomBytes } from 'node:crypto'
import type { Command } from '@oclif/core'
import { EtlError } from '../core/errors.js'
import { initialRun, type RunEvent, type RunState, reduceRun, toRunResult } from '../core/run/events.js'
import { nextCommands } from '../core/run/next-commands.js'
import { newRequest, type RequestBasis, type RunRequest } from '../core/run/request.js'
import type { RunResult } from '../core/run/run.js'
import { newRunId } from '../core/run/run-id.js'
import { shellWord } from '../core/words/shell-word.js'
import type { RunStore } from '../ports/run-store.js'
import { openBadRows } from '../use-cases/quarantine.js'
import { runLog } from '../use-cases/run-logs.js'
import { runError, runExit } from '../use-cases/run-outcome.js'
import { newestRun } from '../use-cases/select-run.js'
import { followOwn, type OnConflict, startRun } from '../use-cases/start-run.js'
import { watchRun } from '../use-cases/watch-run.js'
import { BaseCommand } from './base-command.js'
import { hasColor } from './output.js'

export interface ShowRunOptions {
  /** The live view, where there is a terminal. */
  watch: boolean
  /** Ctrl-C leaves the run going on. */
  detaches: boolean
  /** The run ended before. */
  ended?: boolean
  /** The run's own source, where it may differ from this command's. */
  source?: string
}

/** What `run`, `watch`, `rerun` and `resume` share: a run is followed, shown, and decides the exit code. */
export abstract class RunCommand<T extends typeof Command> extends BaseCommand<T> {
  protected async newRunId(): Promise<string> {
    const { clock } = await this.runtime()
    return newRunId(clock.now(), randomBytes(2).toString('hex'))
  }

  /** Does a run in this process, or follows the one that stands in its way (`--on-conflict attach`). */
  protected async doRun(request: RunRequest, options: { watch: boolean; onConflict: OnConflict }): Promise<RunResult> {
    const runtime = await this.runtime()
    const ports = { orchestrator: await runtime.orchestrator(), runs: await runtime.runs() }
    if (!request.source_given) await this.#tellOtherSource(request.source, ports.runs)
    const { runId, attached } = await startRun(ports, request, {
      onConflict: options.onConflict,
      onWait: (other) => this.note(`waiting for run ${other} to end`),
      signal: this.signal,
    })
    if (attached) this.warning(`run ${runId} is going on already; this follows it, and no new run was started`)
    const events = attached
      ? watchRun(ports.orchestrator, runId, this.following())
      : followOwn(ports.orchestrator, runId, this.following())
    const source = attached ? (await ports.runs.get(runId)).request.source : request.source
    return this.showRun(runId, events, {
      watch: options.watch,
      detaches: attached || ports.orchestrator.outlives,
      source,
    })
  }

  async #tellOtherSource(source: string, runs: RunStore): Promise<void> {
    const last = await newestRun(runs)
    if (!last?.request.source_given || last.request.source === source) return
    const name = shellWord(last.request.source)
    this.warning(
      `this run reads ${source}; run ${last.request.run_id} read ${last.request.source}: --source ${name} for that one, and rental-etl init --source ${name} to keep it`,
    )
  }

  /** Takes the source that a run was given, unless this command was given one. */
  protected async goOnFrom(request: RunRequest): Promise<RunRequest> {
    const own = await this.#basis()
    if (!request.source_given || own.source_given) return { ...request, ...own }
    this.switchSource(request.source)
    this.note(`source ${request.source}, as run ${request.parent} was given it`)
    return { ...request, guards: own.guards, target: own.target }
  }

  /** What the settings of this command say for a request. */
  async #basis(): Promise<Pick<RunRequest, 'target' | 'source' | 'source_given' | 'guards'>> {
    const { target, source, sourceGiven, guards } = await this.runtime()
    return { target, source, source_given: sourceGiven, guards }
  }

  /** A request by the settings of this command. */
  protected async requestOf(basis: RequestBasis): Promise<RunRequest> {
    return newRequest({ ...(await this.#basis()), ...basis })
  }

  /** Shows a run to the end of its events, and sets the exit code by its outcome. @throws EtlError for what hindered it */
  protected async showRun(runId: string, events: AsyncIterable<RunEvent>, options: ShowRunOptions): Promise<RunResult> {
    this.runId = runId
    const { createRunView } = await import('../ui/run-view.js')
    const runtime = await this.runtime()
    const mode = this.viewMode(options.watch)
    const view = await createRunView(mode, {
      stream: process.stderr,
      ...(mode === 'live' ? { keys: process.stdin } : {}),
      source: options.source ?? runtime.source,
      detaches: options.detaches,
      ended: options.ended ?? false,
      color: hasColor(process.stderr),
      clock: runtime.clock,
    })
    let state: RunState = initialRun(runId)
    let left = false
    try {
      for await (const event of events) {
        state = reduceRun(state, event)
        view.onEvent(event, state)
      }
    } catch (error) {
      // Only the following was stopped; the run goes on.
      if (!this.signal.aborted || !options.detaches) throw error
      left = true
    } finally {
      await view.close(state)
    }
    if (left) this.note(`run ${runId} goes on: rental-etl watch ${runId}`)
    // A line of its own has told each of them already.
    for (const warning of state.warnings) this.warning(warning, { told: mode === 'lines' })
    if (state.status === 'succeeded' && !options.ended) await this.tellBadRows()
    return this.concluded(state, { left, live: mode === 'live' })
  }

  /** Each run says it, not only the one that has found them: a green run whose rows are missing is no news otherwise. */
  protected async tellBadRows(): Promise<void> {
    // The run is over, whether its warehouse can be read now or not; one of extract alone may have left none.
    const unread = (error: unknown): undefined => {
      if (!(error instanceof EtlError)) throw error
    }
    await using warehouse = await (await this.runtime()).warehouse().catch(unread)
    if (!warehouse) return
    const text = await openBadRows(warehouse).catch(unread)
    if (text !== undefined) this.warning(text)
  }

  /** The report of a run that was shown, its exit code, and what to type next. */
  protected async concluded(state: RunState, { left, live }: { left: boolean; live: boolean }): Promise<RunResult> {
    const result = toRunResult(state)
    const error = runError(result)
    const stopped = this.signal.aborted
    const exit = runExit(result, stopped)
    this.exitWith(exit)
    const next = await this.nextOf(state, stopped && !left)
    // Where an error ends the command, its message and its commands are printed with it.
    const throws = error !== undefined && !stopped
    const report = this.jsonEnabled() ? '' : await this.report(state, { tables: !live, log: live, error: !throws })
    if (throws) {
      this.note(report)
      throw new EtlError(error.message, { code: error.code, suggestions: next })
    }
    this.out(report)
    this.next(...next)
    return result
  }

  /** What to type after a run, with the as-of date that it was given. */
  protected async nextOf(state: RunState, stopped = false): Promise<string[]> {
    const failed = state.status === 'failed'
    const record = failed ? await (await this.runtime()).runs().then((runs) => runs.get(state.run_id)) : undefined
    return nextCommands(state, record?.request, stopped)
  }

  /** What came of a run, as text: its tables, its error, and the lines of its log that say why. */
  protected async report(state: RunState, shows: { tables: boolean; log: boolean; error: boolean }): Promise<string> {
    const { runReport } = await import('../ui/run-report.js')
    const logLines = shows.log ? await this.#reasons(state) : []
    return runReport(state, { width: this.width, ...shows, logLines })
  }

  async #reasons({ status, run_id, error }: RunState): Promise<string[]> {
    if (status !== 'failed') return []
    const runtime = await this.runtime()
    const lines = await runLog(await runtime.runs(), run_id, { failed: true })
    return lines
      .filter(({ level, message }) => level !== 'info' && !message.includes(error?.message ?? message))
      .slice(-8)
      .map(({ at, level, layer, message }) => `${at.slice(11, 19)} ${level} ${layer ?? 'run'}: ${message}`)
  }
}

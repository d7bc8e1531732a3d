import { EtlError } from '../../../core/errors.js'
import type { RunEvent } from '../../../core/run/events.js'
import type { RunRequest } from '../../../core/run/request.js'
import { takenRunId } from '../../../core/run/run-id.js'
import type { FollowOptions, Orchestrator } from '../../../ports/orchestrator.js'
import { isGoingOn } from './going-on.js'
import { pause } from './patience.js'
import { type AwsRunOptions, RunReader } from './run-reader.js'
import { STOP_PACE, type StopPace, stopJobs } from './stop-jobs.js'

export interface AwsOrchestratorOptions extends AwsRunOptions {
  /** Names of the three Glue jobs. */
  jobs: { extract: string; load: string; curated: string }
  /** For tests. */
  stopPace?: Partial<StopPace>
}

/** Looks for an execution that has just been started, which AWS may show a little later. */
const LOOKS = 10

/** Runs of the workflow in Step Functions; they go on without this process. */
export class AwsOrchestrator implements Orchestrator {
  readonly outlives = true
  readonly #options: AwsOrchestratorOptions
  readonly #reader: RunReader
  readonly #stopPace: StopPace

  constructor(options: AwsOrchestratorOptions) {
    this.#options = options
    this.#reader = new RunReader(options)
    this.#stopPace = { ...STOP_PACE, ...options.stopPace }
  }

  /** One at a time, by the list of executions. It is no lock: of two at once Glue and the load's own guard stop one. */
  async start(request: RunRequest): Promise<void> {
    const { executions, files } = this.#reader
    const { run_id } = request
    if ((await executions.describe(run_id)) || (await files.record(run_id))) throw takenRunId(run_id)
    const running = await executions.running()
    if (running !== undefined) throw isGoingOn(running, 'rental-etl run --on-conflict wait')
    // A request without an execution is what a start has left that went no further.
    if (!(await files.createRequest(request))) await files.replaceRequest(request)
    if (await files.isRemoved(run_id)) await files.removeNote(run_id)
    try {
      if (await executions.start(run_id, JSON.stringify(request))) return
    } catch (error) {
      // Of what was not reached it is not known whether it began.
      if (!(error instanceof EtlError) || error.code !== 'IO') await files.removeRequest(run_id).catch(() => undefined)
      throw error
    }
    throw takenRunId(run_id)
  }

  async *follow(runId: string, options: FollowOptions = {}): AsyncGenerator<RunEvent, void> {
    options.signal?.throwIfAborted()
    const kept = await this.#reader.files.events(runId)
    if (kept) return yield* kept
    await this.#find(runId, options.signal)
    yield* this.#reader.follow(runId, options)
  }

  async cancel(runId: string, reason: string): Promise<string> {
    const { executions } = this.#reader
    const status = await this.#reader.status(runId)
    if (!status) {
      const { state } = (await this.#reader.files.record(runId)) ?? {}
      if (!state) throw await this.#reader.unknown(runId)
      return state.error?.code === 'CANCELED' ? state.error.message : reason
    }
    if (status === 'running') await executions.stop(runId, reason)
    let execution = await executions.describe(runId)
    for (; execution?.status === 'RUNNING'; execution = await executions.describe(runId))
      await pause(this.#stopPace.look, undefined)
    const glue = await this.#options.clients.glue()
    await stopJobs(glue, Object.values(this.#options.jobs), runId, this.#stopPace)
    return execution?.status === 'ABORTED' ? (execution.cause ?? reason) : reason
  }

  /** @throws EtlError NO_RUN */
  async #find(runId: string, signal: AbortSignal | undefined): Promise<void> {
    for (let looks = 1; !(await this.#reader.status(runId)); looks++) {
      const mayCome = looks < LOOKS && (await this.#reader.isAskedFor(runId))
      if (!mayCome) throw await this.#reader.unknown(runId)
      await pause(this.#stopPace.look, signal)
    }
  }
}

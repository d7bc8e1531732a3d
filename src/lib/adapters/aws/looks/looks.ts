import { randomBytes } from 'node:crypto'
import { EtlError } from '../../../core/errors.js'
import { initialRun, reduceRun } from '../../../core/run/events.js'
import type { Look, LookDocument } from '../../../core/run/look.js'
import { newRequest, type RunRequest } from '../../../core/run/request.js'
import type { RunResult } from '../../../core/run/run.js'
import { newRunId } from '../../../core/run/run-id.js'
import { shellWord } from '../../../core/words/shell-word.js'
import { BucketFiles } from '../runs/bucket-files.js'
import { Executions } from '../runs/executions.js'
import { ExecutionFollower } from '../runs/follow-execution.js'
import { PACE, pause } from '../runs/patience.js'
import { RunFiles } from '../runs/run-files.js'
import type { AwsRunOptions } from '../runs/run-reader.js'
import { STOP_PACE, type StopPace, stopJobs } from '../runs/stop-jobs.js'

export interface LooksOptions extends Omit<AwsRunOptions, 'workflowArn'> {
  /** The workflow of looks. */
  looksArn: string
  /** The jobs that it starts. */
  jobs: readonly string[]
  /** For tests. */
  stopPace?: Partial<StopPace>
}

/** A request that asks for all rows, whatever the guards say of them. */
export const WHOLE: RunRequest = newRequest({
  run_id: '',
  as_of: '1970-01-01',
  allow_deletes: true,
  allow_rejects: true,
})

/**
 * Looks at the source of a target on AWS, each an execution of a workflow of its own: it is no run, and leaves nothing but a
 * small document, which is removed after some days.
 */
export class Looks {
  readonly #options: LooksOptions
  readonly #executions: Executions
  readonly #files: BucketFiles

  constructor(options: LooksOptions) {
    this.#options = options
    this.#executions = new Executions(options.clients, options.looksArn)
    this.#files = new BucketFiles(options.clients, options.bucket)
  }

  /**
   * Returns once the job has looked. An abort stops it.
   * @throws EtlError with the code and the words of the job; the signal's reason
   */
  async look<Asked extends Look>(
    asked: Asked,
    request: RunRequest,
    signal: AbortSignal,
  ): Promise<LookDocument<Asked['kind']>> {
    signal.throwIfAborted()
    const id = `look-${newRunId(this.#options.clock.now(), randomBytes(2).toString('hex'))}`
    const input: RunRequest = { ...request, run_id: id, to: 'extract', look: asked }
    try {
      await this.#executions.start(id, JSON.stringify(input))
      const error = await this.#end(id, signal)
      if (error) throw this.#failed(id, error)
    } catch (error) {
      if (signal.aborted) await this.#stop(id)
      throw error
    }
    const text = await this.#files.read(`glue/temp/${id}/look.json`)
    if (text === undefined) throw this.#failed(id, { code: 'IO', message: 'its document is missing', suggestions: [] })
    return JSON.parse(text) as LookDocument<Asked['kind']>
  }

  async #end(id: string, signal: AbortSignal): Promise<RunResult['error']> {
    const { clients, clock, defaults, pace } = this.#options
    const place = { clients, executions: this.#executions, files: new RunFiles(this.#files), clock, defaults }
    const follower = new ExecutionFollower({ ...place, pace: { ...PACE, ...pace } }, id)
    let state = initialRun(id)
    for await (const event of follower.follow({ signal })) state = reduceRun(state, event)
    return state.error
  }

  async #stop(id: string): Promise<void> {
    const { clients, jobs, stopPace } = this.#options
    const pace = { ...STOP_PACE, ...stopPace }
    if ((await this.#executions.describe(id)) === undefined) return
    await this.#executions.stop(id, 'stopped by Ctrl-C')
    while ((await this.#executions.describe(id))?.status === 'RUNNING') await pause(pace.look, undefined)
    await stopJobs(await clients.glue(), jobs, id, pace)
  }

  /** What the job suggests, but for commands about a run: this was none. */
  #failed(id: string, { code, message, suggestions }: Omit<NonNullable<RunResult['error']>, 'layer'>): EtlError {
    const arn = `${this.#options.looksArn.replace(':stateMachine:', ':execution:')}:${id}`
    const own = suggestions.filter((one) => !one.includes(id))
    const history = `aws stepfunctions get-execution-history --reverse-order --execution-arn ${shellWord(arn)}`
    return new EtlError(`the source could not be looked at: ${message}`, {
      code,
      suggestions: own.length > 0 ? own : [`${history}   # what the look did`],
    })
  }
}

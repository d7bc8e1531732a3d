import type { HistoryEvent } from '@aws-sdk/client-sfn'
import type { RunEvent } from '../../../core/run/events.js'
import type { RunRequest } from '../../../core/run/request.js'
import type { Clock } from '../../../ports/clock.js'
import type { FollowOptions } from '../../../ports/orchestrator.js'
import type { AwsClients } from '../clients.js'
import type { RequestDefaults } from './execution-request.js'
import type { Executions } from './executions.js'
import { type Fold, initialFold, layerOf } from './fold.js'
import { endsTask, foldHistory, isCut } from './history-fold.js'
import { HistoryTail } from './history-tail.js'
import { JobLog } from './job-log.js'
import { foldOutput, type JobOutput } from './output-fold.js'
import { type Look, type Pace, patient, pause } from './patience.js'
import type { RunFiles } from './run-files.js'

export interface RunPlace {
  clients: Pick<AwsClients, 'glue' | 'logs'>
  executions: Executions
  files: RunFiles
  clock: Clock
  defaults: RequestDefaults
  pace: Pace
}

/** A history that is older has had its time to settle. */
const YOUNG_MS = 60_000

/**
 * The events of an execution, by its history and the output of its jobs. They are the same whoever reads them, and when: what
 * a job says stands between its start and its end, and nothing that it said after the execution was stopped counts.
 */
export class ExecutionFollower {
  readonly #place: RunPlace
  readonly #history: HistoryTail
  #fold: Fold
  #log: { id: string; log: JobLog } | undefined

  constructor(place: RunPlace, runId: string) {
    this.#place = place
    this.#history = new HistoryTail(place.executions, runId)
    this.#fold = initialFold(runId, place.defaults)
  }

  /** What the run was asked to do, once its first event was told. */
  get request(): RunRequest | undefined {
    return this.#fold.request
  }

  /** @param once up to now, and not to the run's end */
  async *follow(options: FollowOptions, { once = false } = {}): AsyncGenerator<RunEvent, void> {
    const { pace } = this.#place
    const look = patient(options, pace)
    for (let wait = pace.first; ; ) {
      options.signal?.throwIfAborted()
      let told = false
      for await (const event of this.#look(look, options.signal)) {
        told = true
        yield event
      }
      if (this.#fold.closed) return
      if (once) return yield* this.#tell(await look(() => this.#output()))
      wait = told ? pace.first : Math.min(wait * 1.5, pace.most)
      await pause(wait, options.signal)
    }
  }

  /** All that is new. The output is read before the history: what it holds is not later than what the history ends with. */
  async *#look(look: Look, signal: AbortSignal | undefined): AsyncGenerator<RunEvent, void> {
    const output = await look(() => this.#output())
    const history = await look(() => this.#history.read())
    const cut = history.find(isCut)?.timestamp
    yield* this.#tell(cut ? output.filter(({ at }) => at <= cut) : output)
    for (const event of history) {
      if (this.#fold.glueRun && endsTask(event)) yield* this.#lastWords(event, look, signal)
      else if (this.#fold.glueRun && isCut(event)) yield* this.#tell(before(event, await look(() => this.#output())))
      const { fold, events } = foldHistory(this.#fold, event)
      this.#fold = fold
      yield* events
      if (fold.closed) return
    }
  }

  /** What a job said up to its end; lines appear with a delay. What is missing even then, its counts on S3 tell. */
  async *#lastWords(end: HistoryEvent, look: Look, signal: AbortSignal | undefined): AsyncGenerator<RunEvent, void> {
    const { clock, pace } = this.#place
    const counted = await look(() => this.#counted(end))
    const missing = (): typeof counted => counted.filter(({ table }) => !this.#fold.tables.includes(table))
    const isWhole = (): boolean =>
      end.type === 'TaskSucceeded' ? missing().length === 0 : this.#fold.said !== undefined
    const endedAt = end.timestamp ?? new Date(0)
    const young = clock.now().getTime() - endedAt.getTime() < YOUNG_MS
    yield* this.#tell(await look(() => this.#output()))
    for (let waited = 0; young && !isWhole() && waited < pace.settle; waited += pace.first) {
      await pause(pace.first, signal)
      yield* this.#tell(await look(() => this.#output()))
    }
    yield* this.#tell(missing().map((flow) => ({ at: endedAt, line: { event: 'table_done', flow } })))
  }

  async #counted({ type }: HistoryEvent): ReturnType<RunFiles['flows']> {
    const { state, runId } = this.#fold
    const layer = layerOf(state)
    if (type !== 'TaskSucceeded' || state === 'SnapshotRaw' || !layer) return []
    return this.#place.files.flows(runId, layer)
  }

  *#tell(output: readonly JobOutput[]): Generator<RunEvent, void> {
    for (const line of output) {
      const { fold, events } = foldOutput(this.#fold, line)
      this.#fold = fold
      yield* events
    }
  }

  /** What the job that is going on has said since the last look. */
  async #output(): Promise<JobOutput[]> {
    const run = this.#fold.glueRun
    if (!run) return []
    if (this.#log?.id !== run.id) this.#log = { id: run.id, log: new JobLog(this.#place.clients, run) }
    return this.#log.log.read()
  }
}

function before({ timestamp }: HistoryEvent, output: readonly JobOutput[]): JobOutput[] {
  return output.filter(({ at }) => timestamp === undefined || at <= timestamp)
}

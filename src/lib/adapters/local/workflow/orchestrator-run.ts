import { readFileSync } from 'node:fs'
import { EtlError, errorReport } from '../../../core/errors.js'
import type { RunEvent } from '../../../core/run/events.js'
import type { RunRequest } from '../../../core/run/request.js'
import type { RunResult } from '../../../core/run/run.js'
import type { Clock } from '../../../ports/clock.js'
import { EventLog } from '../home/event-log.js'
import { writeError } from '../home/files.js'
import { appendNotice, type Notice } from '../home/notices.js'
import { type CancelNote, canceledError, type RunFiles, writeRecord } from '../home/run-files.js'
import type { RunLock } from '../home/run-lock.js'
import type { Jobs } from './job.js'
import {
  type ExecutionOutcome,
  executeWorkflow,
  type Json,
  LOCAL_SUBSTITUTIONS,
  readWorkflow,
} from './workflow-engine.js'
import { localTasks, type RunEventBody } from './workflow-tasks.js'

export interface LocalRunOptions {
  home: string
  jobs(): Promise<Jobs>
  clock: Clock
  files: RunFiles
  request: RunRequest
  lock: RunLock
  retryDelayMs?: number
}

// A terminal that is closed, and a cancel from another process; Ctrl-C is the command's.
const SIGNALS = ['SIGTERM', 'SIGHUP'] as const

/** A run that this process does, from its first event to its last. */
export class LocalRun {
  readonly log: EventLog
  readonly #options: LocalRunOptions
  readonly #stop = new AbortController()
  #reason: string | undefined
  #last = ''
  #done: Promise<void> = Promise.resolve()
  #kept: Promise<void> = Promise.resolve()

  constructor(options: LocalRunOptions) {
    this.#options = options
    const { files, request } = options
    this.log = new EventLog(files.events, request.run_id, (error) => this.#stop.abort(writeError(error, files.events)))
  }

  /** Writes the first event and starts the workflow in the background. @throws EtlError IO */
  async open(first: Extract<RunEvent, { type: 'run_started' }>, warnings: readonly string[]): Promise<void> {
    this.#last = first.at
    this.log.append(first)
    for (const message of warnings)
      this.log.append({ type: 'log', at: this.#now(), layer: null, level: 'warn', message })
    if (this.#stop.signal.aborted) throw this.#stop.signal.reason
    await this.#keep()
    for (const signal of SIGNALS) process.on(signal, this.#onSignal)
    this.#done = this.#execute().then(
      (error) => this.#close(error),
      (error) => this.#close(report(error)),
    )
  }

  /** Stops the jobs, and returns once the run has closed. @returns the reason that is kept */
  async cancel(reason: string): Promise<string> {
    // A cancel from another process says why; its signal alone does not.
    this.#reason ??= cancelReason(this.#options.files.cancel) ?? reason
    this.#stop.abort(new EtlError(this.#reason, { code: 'CANCELED' }))
    await this.#done
    return this.#reason
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    void this.cancel(`stopped by ${signal}`)
  }

  /** @returns what went wrong, or undefined */
  async #execute(): Promise<RunResult['error']> {
    const { home, jobs, request, retryDelayMs } = this.#options
    const runId = request.run_id
    const signal = this.#stop.signal
    const emit = (event: RunEventBody): void => {
      this.log.append({ ...event, at: this.#now() } as RunEvent)
      if (event.type === 'layer_succeeded') void this.#keep().catch((error) => this.#stop.abort(error))
    }
    const notify = (notice: Omit<Notice, 'at' | 'run_id'>): Promise<void> =>
      appendNotice(home, { at: this.#now(), run_id: runId, ...notice })
    const tasks = localTasks({ runId, jobs, emit, signal, notify })
    const outcome = await executeWorkflow(await readWorkflow(LOCAL_SUBSTITUTIONS), {
      name: runId,
      input: JSON.parse(JSON.stringify(request)) as { [key: string]: Json },
      tasks: tasks.byResource,
      signal,
      ...(retryDelayMs === undefined ? {} : { retryDelayMs }),
    })
    if (outcome.status === 'aborted' && this.#reason === undefined) throw signal.reason
    tasks.settle()
    return outcome.status === 'failed' ? (this.log.state.error ?? failedOutcome(outcome, runId)) : null
  }

  async #close(error: RunResult['error']): Promise<void> {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal)
    const at = this.#now()
    const layer = this.log.state.layers.find(({ status }) => status === 'running')?.layer ?? null
    const reason = this.#reason
    const canceled =
      reason !== undefined && this.log.state.layers.some(({ status }) => status === 'running' || status === 'pending')
    const closing: RunEvent = canceled
      ? { type: 'run_closed', at, status: 'canceled', error: canceledError(reason, layer) }
      : {
          type: 'run_closed',
          at,
          status: error ? 'failed' : 'succeeded',
          error: error && { ...error, layer: error.layer ?? layer },
        }
    this.log.write(closing)
    // A record that cannot be written is closed by the next run; who follows this one learns its end all the same.
    await this.#keep().catch(() => undefined)
    await this.#options.lock.release().catch(() => undefined)
    this.log.publish(closing)
  }

  /** The time, which does not go back within a run: what lasted is never less than nothing. */
  #now(): string {
    const now = this.#options.clock.now().toISOString()
    if (now > this.#last) this.#last = now
    return this.#last
  }

  /** Writes the record; one write after another, since they share a temporary file. */
  #keep(): Promise<void> {
    const write = (): Promise<void> =>
      writeRecord(this.#options.files, { request: this.#options.request, state: this.log.state })
    this.#kept = this.#kept.then(write, write)
    return this.#kept
  }
}

function cancelReason(path: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as CancelNote).reason
  } catch {
    return undefined
  }
}

function report(error: unknown): NonNullable<RunResult['error']> {
  return { ...errorReport(error), layer: null }
}

/** A failure that no layer told: the workflow refused its input, or is wrong. */
function failedOutcome(outcome: Extract<ExecutionOutcome, { status: 'failed' }>, runId: string): RunResult['error'] {
  const message = `the workflow ended with ${outcome.error}: ${outcome.cause}`
  return { code: 'JOB_FAILED', message, suggestions: [`rental-etl logs ${runId}`], layer: null }
}

import type { ExecutionListItem } from '@aws-sdk/client-sfn'
import { EtlError } from '../../../core/errors.js'
import { initialRun, type RunEvent, reduceRun } from '../../../core/run/events.js'
import { newRequest, type RunRequest } from '../../../core/run/request.js'
import { unknownRun } from '../../../core/run/run-selector.js'
import type { Clock } from '../../../ports/clock.js'
import type { FollowOptions } from '../../../ports/orchestrator.js'
import type { RunRecord } from '../../../ports/run-store.js'
import type { AwsClients } from '../clients.js'
import { BucketFiles } from './bucket-files.js'
import type { RequestDefaults } from './execution-request.js'
import { Executions } from './executions.js'
import { ExecutionFollower, type RunPlace } from './follow-execution.js'
import { PACE, type Pace } from './patience.js'
import { RunFiles } from './run-files.js'

export interface AwsRunOptions {
  clients: Pick<AwsClients, 'glue' | 'logs' | 's3' | 'stepFunctions'>
  workflowArn: string
  bucket: string
  clock: Clock
  /** What an execution is about whose input does not say it, as that of a schedule. */
  defaults: RequestDefaults
  /** For tests. */
  pace?: Partial<Pace>
}

/** What names an execution, and a folder on S3. */
const RUN_ID = /^[0-9A-Za-z_][0-9A-Za-z_-]{0,79}$/

/** A run by its execution and its record: the history of Step Functions lasts for 90 days, the record stays. */
export class RunReader {
  readonly executions: Executions
  readonly files: RunFiles
  readonly #place: RunPlace

  constructor({ clients, workflowArn, bucket, clock, defaults, pace }: AwsRunOptions) {
    this.executions = new Executions(clients, workflowArn)
    this.files = new RunFiles(new BucketFiles(clients, bucket))
    const { executions, files } = this
    this.#place = { clients, executions, files, clock, defaults, pace: { ...PACE, ...pace } }
  }

  /** Whether a run is going on, is over, or is none. */
  async status(runId: string): Promise<'running' | 'over' | undefined> {
    if (!RUN_ID.test(runId)) return undefined
    const [execution, isRemoved] = await Promise.all([this.executions.describe(runId), this.files.isRemoved(runId)])
    if (!execution || isRemoved) return undefined
    return execution.status === 'RUNNING' ? 'running' : 'over'
  }

  /** Whether somebody has asked for a run, which may be about to begin. */
  async isAskedFor(runId: string): Promise<boolean> {
    return RUN_ID.test(runId) && (await this.files.hasRequest(runId))
  }

  /** A run of the history; undefined for one that was removed. */
  async listed({ name = '', status }: ExecutionListItem): Promise<RunRecord | undefined> {
    if (status === 'RUNNING') return (await this.#read(name, true)).record
    const kept = await this.files.record(name)
    if (kept || (await this.files.isRemoved(name))) return kept
    return (await this.#read(name, false)).record
  }

  /** Undefined for what is no run. */
  async record(runId: string): Promise<RunRecord | undefined> {
    if (!RUN_ID.test(runId)) return undefined
    const kept = await this.files.record(runId)
    if (kept) return kept
    const status = await this.status(runId)
    return status && (await this.#read(runId, status === 'running')).record
  }

  /** Undefined for what is no run. */
  async events(runId: string): Promise<RunEvent[] | undefined> {
    if (!RUN_ID.test(runId)) return undefined
    const kept = await this.files.events(runId)
    if (kept) return kept
    const status = await this.status(runId)
    return status && (await this.#read(runId, status === 'running')).events
  }

  /** Every event of an execution to its end; then its record is there. */
  async *follow(runId: string, options: FollowOptions): AsyncGenerator<RunEvent, void> {
    const follower = new ExecutionFollower(this.#place, runId)
    const events: RunEvent[] = []
    for await (const event of follower.follow(options)) {
      events.push(event)
      if (event.type === 'run_closed' && follower.request) await this.#keep(follower.request, events)
      yield event
    }
  }

  /** The error for an id that no run has. */
  async unknown(runId: string): Promise<EtlError> {
    const names = new Set(await this.files.names())
    for await (const page of this.executions.pages()) {
      for (const { name } of page) if (name) names.add(name)
      break
    }
    return unknownRun(runId, [...names].sort().reverse())
  }

  async #read(runId: string, once: boolean): Promise<{ events: RunEvent[]; record: RunRecord }> {
    const follower = new ExecutionFollower(this.#place, runId)
    const events: RunEvent[] = []
    for await (const event of follower.follow({}, { once })) events.push(event)
    const isOver = events.at(-1)?.type === 'run_closed'
    const kept = isOver && follower.request ? await this.#keep(follower.request, events) : undefined
    // An execution may be listed before its history is there.
    const request = follower.request ?? newRequest({ ...this.#place.defaults, run_id: runId, as_of: '' })
    return { events, record: kept ?? { request, state: events.reduce(reduceRun, initialRun(runId)) } }
  }

  /** Who may only read, or does not reach S3 just now, sees the run all the same; the next one keeps it. */
  async #keep(request: RunRequest, events: readonly RunEvent[]): Promise<RunRecord | undefined> {
    try {
      return await this.files.keep(request, events)
    } catch (error) {
      if (error instanceof EtlError || isOfService(error)) return undefined
      throw error
    }
  }
}

/** True for what a service answered, as opposed to a fault of ours. */
function isOfService(error: unknown): boolean {
  return (error as { $fault?: unknown }).$fault !== undefined
}

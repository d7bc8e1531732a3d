import type { RunEvent } from '../../../core/run/events.js'
import type { RunRequest } from '../../../core/run/request.js'
import type { JobName } from '../../../core/run/run.js'

type WithoutTime<Event> = Event extends RunEvent ? Omit<Event, 'at'> : never

/** What a job says while it works: the events of its layer, without the time. */
export type JobEvent = WithoutTime<Extract<RunEvent, { type: 'table_progress' | 'table_done' | 'log' }>>

export interface JobContext {
  emit(event: JobEvent): void
  /** Aborted when the run is canceled: the job interrupts its statements and throws. */
  signal: AbortSignal
}

/** A local job. It either did all of its layer, or throws and changed nothing that a reader sees. */
export type Job = (request: RunRequest, context: JobContext) => Promise<void>
export type Jobs = Record<JobName, Job>

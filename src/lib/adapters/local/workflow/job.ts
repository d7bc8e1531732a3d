import type { RunEvent } from '../../../core/run/events.js'
import type { JobName } from '../../../core/run/run.js'

type WithoutTime<Event> = Event extends RunEvent ? Omit<Event, 'at'> : never

/** What a job says while it works: the events of its layer, without the time. */
export type JobEvent = WithoutTime<Extract<RunEvent, { type: 'table_progress' | 'table_done' | 'log' }>>

/** The arguments of a Glue job, as the workflow passes them: `--run_id`, `--as_of`, …; all of them text. */
export type JobArguments = Readonly<Record<string, string>>

export interface JobContext {
  emit(event: JobEvent): void
  /** Aborted when the run is canceled: the job interrupts its statements and throws. */
  signal: AbortSignal
}

/** A local job. It either did all of its layer, or throws and changed nothing that a reader sees. */
export type Job = (args: JobArguments, context: JobContext) => Promise<void>
export type Jobs = Record<JobName, Job>

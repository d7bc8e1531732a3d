import type { RunEvent } from '../core/run/events.js'
import type { RunRequest } from '../core/run/request.js'

/** Starts, follows and stops runs of the workflow, wherever it is executed. */
export interface Orchestrator {
  /**
   * Starts a run and returns as soon as it is going on.
   * @throws EtlError LOCKED when another run holds the lock, naming it.
   */
  start(request: RunRequest): Promise<void>
  /**
   * Every event of a run from its first, oldest first; ends after `run_closed`. Aborting stops the following only.
   * A run whose process is gone is closed as failed.
   * @throws EtlError NO_RUN
   */
  follow(runId: string, signal?: AbortSignal): AsyncIterable<RunEvent>
  /** Stops a run and returns once its jobs have stopped. @throws EtlError NO_RUN */
  cancel(runId: string, reason: string): Promise<void>
}

import type { RunEvent } from '../core/run/events.js'
import type { RunRequest } from '../core/run/request.js'

export interface FollowOptions {
  signal?: AbortSignal | undefined
  /** Told when a look at the run failed, once for each time that they begin to fail; the following goes on. */
  onTrouble?: ((error: unknown) => void) | undefined
}

/** Starts, follows and stops runs of the workflow, wherever it is executed. */
export interface Orchestrator {
  /** A run goes on when the command that started it ends; otherwise Ctrl-C stops it. */
  readonly outlives: boolean
  /**
   * Starts a run from its document, and returns as soon as it is going on.
   * @throws EtlError LOCKED when another run holds the lock, naming it.
   */
  start(request: RunRequest): Promise<void>
  /**
   * Every event of a run from its first, oldest first; ends after `run_closed`. Aborting stops the following only.
   * A run whose process is gone is closed as failed.
   * @throws EtlError NO_RUN; what went wrong, after some looks in a row that failed
   */
  follow(runId: string, options?: FollowOptions): AsyncIterable<RunEvent>
  /**
   * Stops a run and returns once its jobs have stopped.
   * @returns the reason that is kept: that of an earlier cancel, where there was one
   * @throws EtlError NO_RUN
   */
  cancel(runId: string, reason: string): Promise<string>
}

import type { RunState } from '../core/run/events.js'
import type { RunRequest } from '../core/run/request.js'

/** A run as it is kept: what was asked, and what came of it. */
export interface RunRecord {
  request: RunRequest
  state: RunState
  /** Process that does the run; undefined on targets without one. */
  pid?: number
}

/** The history of runs. */
export interface RunStore {
  /** All runs, newest first; a run whose process is gone is shown as failed. */
  list(): Promise<RunRecord[]>
  /** @throws EtlError NO_RUN with the nearest ids. */
  get(runId: string): Promise<RunRecord>
}

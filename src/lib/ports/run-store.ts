import type { RunEvent, RunState } from '../core/run/events.js'
import type { RunRequest } from '../core/run/request.js'

/** A run as it is kept: what was asked, and what came of it. */
export interface RunRecord {
  request: RunRequest
  state: RunState
}

/** The history of runs. Their order is that in which they began, whatever a clock said. */
export interface RunStore {
  /** Runs, newest first, each read when it is asked for; a run whose process is gone is shown as failed. */
  newest(): AsyncIterable<RunRecord>
  /** All of them. */
  list(): Promise<RunRecord[]>
  /** @throws EtlError NO_RUN with the nearest ids. */
  get(runId: string): Promise<RunRecord>
  /** The events that a run has left so far, oldest first. @throws EtlError NO_RUN */
  events(runId: string): Promise<RunEvent[]>
  /** Removes a run's record and log; its manifest stays where raw still needs it, its rows in the lake always. */
  remove(runId: string, options: { keepManifest: boolean }): Promise<void>
}

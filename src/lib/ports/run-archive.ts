import type { RunEvent } from '../core/run/events.js'

/** What is kept of runs beside their records. */
export interface RunArchive {
  /** The events that a run has left so far, oldest first. @throws EtlError NO_RUN */
  events(runId: string): Promise<RunEvent[]>
  /** Removes a run's record and log; its manifest stays where raw still needs it, its rows in the lake always. */
  remove(runId: string, options: { keepManifest: boolean }): Promise<void>
}

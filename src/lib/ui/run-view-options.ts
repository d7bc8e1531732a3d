import type { RunEvent, RunState } from '../core/run/events.js'

export interface RunViewOptions {
  stream: NodeJS.WriteStream
  /** Where keys come from that are typed while it is shown. */
  keys?: NodeJS.ReadStream
  color: boolean
  /** Without any password. */
  source: string
  /** Ctrl-C leaves the run going on. */
  detaches: boolean
  /** It ended before it was looked at: there is nothing to stop. */
  ended?: boolean
  clock: { now(): Date }
}

/** A view of a run that is going on; the state is the fold of the events so far. */
export interface RunView {
  onEvent(event: RunEvent, state: RunState): void
  /** Leaves the last frame standing. */
  close(state: RunState): Promise<void>
}

/** What Ctrl-C does, for the first line of a view. */
export function stopHint(detaches: boolean): string {
  return detaches ? 'Ctrl-C leaves the run going on' : 'Ctrl-C stops the run cleanly'
}

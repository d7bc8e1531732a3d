import type { ErrorReport } from '../../../core/errors.js'
import type { RunEvent } from '../../../core/run/events.js'
import type { RunRequest } from '../../../core/run/request.js'
import { LAYERS, type LayerName, type RunResult } from '../../../core/run/run.js'
import type { RequestDefaults } from './execution-request.js'

/** What the history of an execution, and the output of its jobs, have told so far. */
export interface Fold {
  runId: string
  defaults: RequestDefaults
  request: RunRequest | undefined
  /** The state entered last, and how often its task was scheduled since. */
  state: string
  tries: number
  attempts: Partial<Record<LayerName, number>>
  /** The layer that has begun and not ended. */
  layer: LayerName | undefined
  /** The Glue job that was asked for last, and its run while it is going on. */
  job: string
  glueRun: GlueRun | undefined
  /** Tables of which this attempt has said that they are done. */
  tables: readonly string[]
  /** What the job that is going on said of its failure. */
  said: ErrorReport | undefined
  /** A failure that a retry may still mend. */
  failure: { layer: LayerName; error: ErrorReport } | undefined
  /** The failure that none has mended. */
  error: RunResult['error']
  notice: { subject: string; message: string } | undefined
  closed: boolean
  /** The time of the last event; what comes after it is not told as earlier. */
  last: string
}

export interface GlueRun {
  job: string
  id: string
}

type WithoutTime<Event> = Event extends RunEvent ? Omit<Event, 'at'> : never
export type UntimedEvent = WithoutTime<RunEvent>

/** What one event changes, and what it tells. */
export interface Step {
  change?: Partial<Fold>
  events?: UntimedEvent[]
}

/** The new state, and what has happened. */
export interface Folded {
  fold: Fold
  events: RunEvent[]
}

/** The state before the first event of a run's history. */
export function initialFold(runId: string, defaults: RequestDefaults): Fold {
  return {
    ...{ runId, defaults, request: undefined, state: '', tries: 0, attempts: {}, layer: undefined, job: '' },
    ...{ glueRun: undefined, tables: [], said: undefined, failure: undefined, error: null, notice: undefined },
    ...{ closed: false, last: '' },
  }
}

/** The state after a step that was taken at a time; time does not go back, whatever the clocks of two services say. */
export function applied(fold: Fold, time: Date | undefined, { change = {}, events = [] }: Step): Folded {
  const now = time?.toISOString() ?? ''
  const last = now > fold.last ? now : fold.last
  return { fold: { ...fold, ...change, last }, events: events.map((event) => ({ ...event, at: last }) as RunEvent) }
}

/** The layer that a state of the workflow belongs to; the snapshot is the first part of the extract. */
export function layerOf(state: string): LayerName | undefined {
  return state === 'SnapshotRaw' ? 'extract' : LAYERS.find((layer) => layer.state === state)?.layer
}

import type { ErrorReport } from '../errors.js'
import { CURATED_TABLES, SOURCE_TABLES } from '../model.js'
import {
  emptyFlow,
  LAYER_NAMES,
  type LayerName,
  type LayerResult,
  type RunResult,
  type RunStatus,
  type TableFlow,
} from './run.js'

const TABLE_NAMES = [
  ...SOURCE_TABLES.map(({ name }) => name as string),
  ...SOURCE_TABLES.map(({ raw }) => raw),
  ...CURATED_TABLES.map(({ name }) => name),
]

/** Everything that happens in a run, in order. `at` is RFC 3339 in UTC. A run's record is the fold of its events. */
export type RunEvent =
  | {
      type: 'run_started'
      at: string
      run_id: string
      parent: string | null
      as_of: string
      reconciled: boolean
      /** Layers that will not be done, with the run that did each. */
      skipped: { layer: LayerName; done_by: string | null }[]
    }
  | { type: 'layer_started'; at: string; layer: LayerName; attempt: number }
  | { type: 'table_progress'; at: string; layer: LayerName; table: string; rows: number; step: string }
  | { type: 'table_done'; at: string; layer: LayerName; flow: TableFlow }
  | { type: 'layer_retrying'; at: string; layer: LayerName; attempt: number; error: string }
  | { type: 'layer_succeeded'; at: string; layer: LayerName }
  | { type: 'layer_failed'; at: string; layer: LayerName; error: ErrorReport }
  | { type: 'log'; at: string; layer: LayerName | null; level: 'info' | 'warn' | 'error'; message: string }
  | { type: 'notice'; at: string; subject: string; message: string }
  | { type: 'run_closed'; at: string; status: Exclude<RunStatus, 'running'>; error: RunResult['error'] }

/** A run as the views see it: the result so far, and what is under way. */
export interface RunState extends RunResult {
  started_at: string | null
  closed_at: string | null
  /** The last step of each table under way, by `layer/table`. */
  progress: Record<string, { rows: number; step: string }>
  warnings: string[]
  notices: string[]
}

/** The state before the first event. */
export function initialRun(runId: string): RunState {
  return {
    run_id: runId,
    parent: null,
    status: 'running',
    as_of: '',
    reconciled: true,
    layers: LAYER_NAMES.map((layer) => ({
      layer,
      status: 'pending',
      attempts: 0,
      started_at: null,
      duration_ms: null,
      done_by: null,
      tables: [],
    })),
    error: null,
    started_at: null,
    closed_at: null,
    progress: {},
    warnings: [],
    notices: [],
  }
}

/** Folds one event into the state. Pure; the given state is not changed. */
export function reduceRun(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'run_started':
      return {
        ...state,
        run_id: event.run_id,
        parent: event.parent,
        as_of: event.as_of,
        reconciled: event.reconciled,
        started_at: event.at,
        layers: state.layers.map((layer) => {
          const skip = event.skipped.find((candidate) => candidate.layer === layer.layer)
          return skip ? { ...layer, status: 'skipped', done_by: skip.done_by } : layer
        }),
      }
    case 'layer_started':
      return withLayer(state, event.layer, (layer) => ({
        ...layer,
        status: 'running',
        attempts: event.attempt,
        started_at: layer.started_at ?? event.at,
        tables: [],
      }))
    case 'table_progress':
      return {
        ...state,
        progress: { ...state.progress, [`${event.layer}/${event.table}`]: { rows: event.rows, step: event.step } },
      }
    case 'table_done':
      return withLayer(state, event.layer, (layer) => ({
        ...layer,
        // Small files are read first; what is shown keeps the order of the model.
        tables: [...layer.tables.filter(({ table }) => table !== event.flow.table), withAllKeys(event.flow)].toSorted(
          (a, b) => TABLE_NAMES.indexOf(a.table) - TABLE_NAMES.indexOf(b.table),
        ),
      }))
    case 'layer_retrying':
      return withLayer(state, event.layer, (layer) => ({ ...layer, attempts: event.attempt }))
    case 'layer_succeeded':
      return withLayer(state, event.layer, (layer) => ended(layer, 'succeeded', event.at))
    case 'layer_failed': {
      const status = event.error.code === 'CANCELED' ? 'canceled' : 'failed'
      return {
        ...withLayer(state, event.layer, (layer) => ended(layer, status, event.at)),
        error: { ...event.error, layer: event.layer },
      }
    }
    case 'log':
      return event.level === 'warn' ? { ...state, warnings: [...state.warnings, event.message] } : state
    case 'notice':
      return { ...state, notices: [...state.notices, event.subject] }
    case 'run_closed':
      return {
        ...state,
        status: event.status,
        closed_at: event.at,
        error: event.error ?? state.error,
        layers: state.layers.map((layer) =>
          layer.status === 'running'
            ? ended(layer, event.status === 'canceled' ? 'canceled' : 'failed', event.at)
            : layer,
        ),
      }
  }
}

/** The part of the state that `--json` shows. */
export function toRunResult(state: RunState): RunResult {
  const { run_id, parent, status, as_of, reconciled, layers, error } = state
  return { run_id, parent, status, as_of, reconciled, layers, error }
}

/** How long a run took, in milliseconds; null for one that has not begun or is not over. `until` ends one that is not. */
export function runDuration(
  { started_at, closed_at }: Pick<RunState, 'started_at' | 'closed_at'>,
  until: string | null = null,
): number | null {
  const end = closed_at ?? until
  return started_at && end ? millisecondsBetween(started_at, end) : null
}

/** Clocks of two machines may differ: never below 0. */
function millisecondsBetween(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from))
}

function withLayer(state: RunState, name: LayerName, change: (layer: LayerResult) => LayerResult): RunState {
  return { ...state, layers: state.layers.map((layer) => (layer.layer === name ? change(layer) : layer)) }
}

function ended(layer: LayerResult, status: LayerResult['status'], at: string): LayerResult {
  return {
    ...layer,
    status,
    duration_ms: layer.started_at === null ? null : millisecondsBetween(layer.started_at, at),
  }
}

/** An event of an older version lacks what is counted since. */
function withAllKeys(flow: TableFlow): TableFlow {
  return { ...emptyFlow(flow.table), ...flow }
}

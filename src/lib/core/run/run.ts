import type { ErrorReport } from '../errors.js'

/** Layers in their order, with the workflow's state and the Glue job that does each. */
export const LAYERS = [
  { layer: 'extract', state: 'ExtractRaw', job: 'extract_raw' },
  { layer: 'raw', state: 'LoadRaw', job: 's3_to_redshift_raw' },
  { layer: 'curated', state: 'CuratedLayer', job: 'redshift_raw_to_curated' },
] as const

export type LayerName = (typeof LAYERS)[number]['layer']
export type JobName = (typeof LAYERS)[number]['job']
export const LAYER_NAMES: readonly LayerName[] = LAYERS.map(({ layer }) => layer)

export type RunStatus = 'running' | 'succeeded' | 'failed' | 'canceled'
export type LayerStatus = 'pending' | 'running' | 'succeeded' | 'failed' | 'canceled' | 'skipped'

/** Counts by rule or by column. */
export type Counts = Record<string, number>

/** What one layer did to one table in one run; rows, all keys always present. */
export interface TableFlow {
  table: string
  rows_in: number
  rows_out: number
  inserted: number
  /** Of the rows inserted in raw those that a bookmark alone would never take: their key is at or below it. */
  late: number
  updated: number
  deleted: number
  unchanged: number
  superseded: number
  quarantined: Counts
  nullified: Counts
  filtered: Counts
  unexplained: number
}

export interface LayerResult {
  layer: LayerName
  status: LayerStatus
  attempts: number
  /** RFC 3339 in UTC. */
  started_at: string | null
  duration_ms: number | null
  /** For a skipped layer: the run that did it, where one did. */
  done_by: string | null
  tables: TableFlow[]
}

/** The `result` of run, watch, rerun, resume (cli.md §3). */
export interface RunResult {
  run_id: string
  parent: string | null
  status: RunStatus
  as_of: string
  reconciled: boolean
  layers: LayerResult[]
  error: (ErrorReport & { layer: LayerName | null }) | null
}

/** A flow with nothing in it. */
export function emptyFlow(table: string): TableFlow {
  return {
    table,
    rows_in: 0,
    rows_out: 0,
    inserted: 0,
    late: 0,
    updated: 0,
    deleted: 0,
    unchanged: 0,
    superseded: 0,
    quarantined: {},
    nullified: {},
    filtered: {},
    unexplained: 0,
  }
}

/** True for a layer that `from` … `to` holds. */
export function isPlanned(layer: LayerName, from: LayerName, to: LayerName): boolean {
  const at = LAYER_NAMES.indexOf(layer)
  return at >= LAYER_NAMES.indexOf(from) && at <= LAYER_NAMES.indexOf(to)
}

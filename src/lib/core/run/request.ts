import { asOfDate } from './as-of.js'
import type { Backfill } from './backfill.js'
import { DEFAULT_GUARDS, type Guards } from './guards.js'
import type { Look } from './look.js'
import { LAYER_NAMES, type LayerName } from './run.js'

/**
 * What a run is asked to do: one document, in one form everywhere. It is `request.json`, the input of the workflow's
 * execution, the jobs' argument `--request`, and `request` of `runs show --json`.
 */
export interface RunRequest {
  run_id: string
  /** The run that this one does again or goes on with. */
  parent: string | null
  /** The logical date, `YYYY-MM-DD`. */
  as_of: string
  from: LayerName
  to: LayerName
  /** Compare the whole source with raw, or read only beyond the bookmarks. */
  reconcile: 'always' | 'never'
  full_refresh: boolean
  /** Let more rows be deleted than the guard allows, and more be quarantined; once. */
  allow_deletes: boolean
  allow_rejects: boolean
  /** The run whose manifest `raw` loads, where it is not this one. */
  manifest_run: string | null
  /** Rebuild curated from the whole of raw. */
  rebuild_curated: boolean
  target: string
  /** What is read, as `csv:DIR` (absolute) or `sample:1`; without any password. */
  source: string
  /** The command line or the environment named it; otherwise it is the target's own. */
  source_given: boolean
  guards: Guards
  /** The span of days that this run is one of; null for a run of its own. */
  backfill: Backfill | null
  /** For each layer not done, the run that did it. */
  done_by: Partial<Record<LayerName, string>>
  /** It is of no run, but of a look at the source; a run has no such key. */
  look?: Look
}

/** What a run is about before anything special is asked of it. */
export type RequestBasis = Pick<RunRequest, 'run_id' | 'as_of'> & Partial<RunRequest>

/** A request for all layers, with what is given. */
export function newRequest(basis: RequestBasis): RunRequest {
  return {
    parent: null,
    from: 'extract',
    to: 'curated',
    reconcile: 'always',
    full_refresh: false,
    allow_deletes: false,
    allow_rejects: false,
    manifest_run: null,
    rebuild_curated: false,
    target: 'local',
    source: 'sample',
    source_given: false,
    guards: DEFAULT_GUARDS,
    backfill: null,
    done_by: {},
    ...basis,
  }
}

/**
 * The request that a document holds; what it leaves out has its usual value, as for an execution that a schedule starts.
 * @throws Error for a document without run id or as-of date; EtlError USAGE for a date that is none
 */
export function parseRequest(document: unknown): RunRequest {
  const given = document as Partial<RunRequest> | null
  if (typeof given !== 'object' || !given?.run_id || !given.as_of)
    throw new Error('a request names its run and as-of date')
  const known = Object.entries(given).filter(([, value]) => value !== undefined)
  const request = newRequest({ ...Object.fromEntries(known), run_id: given.run_id, as_of: asOfDate(given.as_of) })
  for (const layer of [request.from, request.to]) {
    if (!LAYER_NAMES.includes(layer)) throw new Error(`a request names no layer ${layer}`)
  }
  return { ...request, guards: { ...DEFAULT_GUARDS, ...given.guards } }
}

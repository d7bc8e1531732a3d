import { EtlError } from '../core/errors.js'
import { newRequest, type RunRequest } from '../core/run/request.js'
import { isPlanned, LAYER_NAMES, type LayerName } from '../core/run/run.js'
import { type AgainPorts, doneBefore, extractedBy, laterLoad, sameTarget } from './rerun.js'
import { selectRun } from './select-run.js'

export interface ResumeStep {
  layer: LayerName
  action: 'skip' | 'do'
  /** The run that did it; null for what is done now, and for what was never asked for. */
  done_by: string | null
  why: string
}

export interface ResumePlan {
  request: RunRequest
  /** Where the new run enters. */
  entry: LayerName
  steps: ResumeStep[]
}

export interface ResumeOptions {
  run: string
  runId: string
  /** Guards that are let pass this time, beside those of the run itself. */
  allow_deletes?: boolean
  allow_rejects?: boolean
}

/**
 * How a run goes on that did not succeed: at the first layer that did not, or at extract when raw has moved on.
 * @throws EtlError NO_RUN; NOT_FOUND (exit 66) for a run that succeeded; LOCKED for one that is going on
 */
export async function planResume(
  ports: AgainPorts,
  { run, runId, allow_deletes = false, allow_rejects = false }: ResumeOptions,
): Promise<ResumePlan> {
  const of = await selectRun(ports.runs, run)
  const { state, request } = of
  if (state.status === 'running') throw goingOn(state.run_id)
  const failed = state.layers.find(
    ({ layer, status }) => isPlanned(layer, request.from, request.to) && status !== 'succeeded',
  )
  if (state.status === 'succeeded' || !failed) throw nothingLeft(state.run_id)
  const manifestRun = extractedBy(of)
  const later =
    failed.layer === 'extract' || manifestRun === undefined ? undefined : await laterLoad(ports, manifestRun)
  const lost = failed.layer === 'raw' && manifestRun === undefined
  const entry: LayerName = later !== undefined || lost ? 'extract' : failed.layer
  const doneBy = doneBefore(of, entry)
  const next = newRequest({
    ...sameTarget(request),
    run_id: runId,
    as_of: state.as_of,
    parent: state.run_id,
    from: entry,
    to: request.to,
    reconcile: request.reconcile,
    full_refresh: entry === 'extract' && request.full_refresh,
    allow_deletes: allow_deletes || request.allow_deletes,
    allow_rejects: allow_rejects || request.allow_rejects,
    manifest_run: entry === 'raw' ? (manifestRun ?? null) : null,
    rebuild_curated: request.rebuild_curated,
    backfill: request.backfill,
    done_by: doneBy,
  })
  return { request: next, entry, steps: LAYER_NAMES.map((layer) => step(layer, next, { later, failed: failed.layer })) }
}

const SAFE: Record<LayerName, string> = {
  extract: 'its manifest is whole, and raw is still at the version that it was compared with',
  raw: 'all four tables were loaded in one transaction',
  curated: 'it was built in one transaction',
}

function step(
  layer: LayerName,
  request: RunRequest,
  { later, failed }: { later: string | undefined; failed: LayerName },
): ResumeStep {
  if (isPlanned(layer, request.from, request.to)) {
    const moved = later === undefined ? '' : `run ${later} has loaded raw since: what differs is found anew`
    const why = layer === failed ? 'it did not succeed' : moved || 'it follows'
    return { layer, action: 'do', done_by: null, why: layer === 'extract' && moved ? moved : why }
  }
  const doneBy = request.done_by[layer] ?? null
  return { layer, action: 'skip', done_by: doneBy, why: doneBy === null ? 'it was not asked for' : SAFE[layer] }
}

function goingOn(runId: string): EtlError {
  return new EtlError(`run ${runId} is going on`, {
    code: 'LOCKED',
    suggestions: [`rental-etl watch ${runId}`],
  })
}

function nothingLeft(runId: string): EtlError {
  return new EtlError(`run ${runId} succeeded: nothing of it is left to do`, {
    code: 'NOT_FOUND',
    suggestions: [`rental-etl rerun curated ${runId}`, 'rental-etl run'],
  })
}

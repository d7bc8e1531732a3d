import { EtlError } from '../core/errors.js'
import { newRequest, type RunRequest } from '../core/run/request.js'
import type { LayerName } from '../core/run/run.js'
import type { RunRecord, RunStore } from '../ports/run-store.js'
import type { Load } from './load-history.js'
import { selectRun } from './select-run.js'

export interface AgainPorts {
  runs: RunStore
  /** The loads of raw, oldest first. */
  loads(): Promise<Load[]>
}

/**
 * The request that does a layer of a run again, and those after it unless `only`.
 * @throws EtlError NO_RUN; NOT_FOUND (exit 66) for raw, when its manifest is gone or a later run has loaded
 */
export async function planRerun(
  ports: AgainPorts,
  { layer, run, only, runId }: { layer: LayerName; run: string; only: boolean; runId: string },
): Promise<RunRequest> {
  const of = await selectRun(ports.runs, run)
  const request = newRequest({
    ...sameTarget(of.request),
    run_id: runId,
    as_of: of.state.as_of,
    parent: of.state.run_id,
    from: layer,
    to: only ? layer : 'curated',
    reconcile: of.request.reconcile,
    done_by: doneBefore(of, layer),
  })
  if (layer === 'extract') return request
  if (layer === 'curated') return { ...request, rebuild_curated: true }
  const manifestRun = extractedBy(of)
  if (manifestRun === undefined) {
    throw refused(`run ${of.state.run_id} has no manifest to load: its extract did not succeed`, [
      `rental-etl rerun extract ${of.state.run_id}`,
    ])
  }
  const later = await laterLoad(ports, manifestRun)
  if (later !== undefined) {
    throw refused(
      `the manifest of run ${manifestRun} cannot be loaded once more: run ${later} has loaded since, and raw is ahead of it`,
      [`rental-etl rerun extract ${of.state.run_id}`, 'rental-etl run'],
    )
  }
  return { ...request, manifest_run: manifestRun }
}

/** What a run that goes on with another takes from it. */
export function sameTarget({ target, source, source_given, guards }: RunRequest): Partial<RunRequest> {
  return { target, source, source_given, guards }
}

/** The run whose manifest a run's raw layer takes; undefined when its extract did not succeed. */
export function extractedBy({ request, state }: Pick<RunRecord, 'request' | 'state'>): string | undefined {
  if (request.manifest_run !== null) return request.manifest_run
  const extract = state.layers.find(({ layer }) => layer === 'extract')
  if (extract?.status === 'succeeded') return state.run_id
  return extract?.status === 'skipped' ? (extract.done_by ?? undefined) : undefined
}

/** The newest run whose manifest can be loaded. @throws EtlError NOT_FOUND when there is none */
export async function newestExtract(runs: RunStore): Promise<string> {
  for await (const record of runs.newest()) {
    const manifestRun = extractedBy(record)
    if (manifestRun !== undefined) return manifestRun
  }
  throw refused('there is no extract to load: no run has done the layer extract', ['rental-etl run --watch'])
}

/** For the layers before one: the runs that did them for this run. */
export function doneBefore({ state }: Pick<RunRecord, 'state'>, entry: LayerName): RunRequest['done_by'] {
  const doneBy: RunRequest['done_by'] = {}
  for (const { layer, status, done_by } of state.layers) {
    if (layer === entry) break
    const by = status === 'succeeded' ? state.run_id : (done_by ?? undefined)
    if (by !== undefined) doneBy[layer] = by
  }
  return doneBy
}

/** The newest run that has loaded raw after the extract of another was made; undefined when there is none. */
export async function laterLoad({ runs, loads }: AgainPorts, manifestRun: string): Promise<string | undefined> {
  const history = await loads()
  const last = history.at(-1)
  if (!last || last.run_id === manifestRun) return undefined
  const own = history.findLast((load) => load.run_id === manifestRun)
  if (own) return last.seq > own.seq ? last.run_id : undefined
  // It never loaded: loads of runs that began after it are later, those of older (or pruned) runs are not.
  for await (const { state } of runs.newest()) {
    if (state.run_id === manifestRun) return undefined
    if (state.run_id === last.run_id) return last.run_id
  }
  return undefined
}

function refused(message: string, suggestions: string[]): EtlError {
  return new EtlError(message, { code: 'NOT_FOUND', suggestions })
}

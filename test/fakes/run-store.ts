import { initialRun, type RunState } from '../../src/lib/core/run/events.js'
import type { RunRequest } from '../../src/lib/core/run/request.js'
import type { LayerStatus } from '../../src/lib/core/run/run.js'
import { selectRun } from '../../src/lib/core/run/run-selector.js'
import type { LoadHistory } from '../../src/lib/ports/load-history.js'
import type { RunRecord, RunStore } from '../../src/lib/ports/run-store.js'
import { requestOf } from './requests.js'

/** Runs that are there, newest first. */
export class FakeRunStore implements RunStore {
  constructor(public records: RunRecord[]) {}

  async list(): Promise<RunRecord[]> {
    return this.records
  }

  async get(runId: string): Promise<RunRecord> {
    return selectRun(runId, this.records)
  }
}

/** A history of loads by these runs, oldest first. */
export function loadsOf(...runIds: string[]): LoadHistory {
  return { loads: async () => runIds.map((runId, at) => ({ seq: at + 1, runId })) }
}

/** A run's record whose layers have these states; a skipped one was done by `done_by` of the request. */
export function recordOf(
  runId: string,
  layers: [LayerStatus, LayerStatus, LayerStatus],
  request: Partial<RunRequest> = {},
  state: Partial<RunState> = {},
): RunRecord {
  const asked = requestOf(runId, request)
  const initial = initialRun(runId)
  const status = (['running', 'failed', 'canceled'] as const).find((name) => layers.includes(name)) ?? 'succeeded'
  const results = initial.layers.map((result, at) => ({
    ...result,
    status: layers[at] as LayerStatus,
    done_by: layers[at] === 'skipped' ? (asked.done_by[result.layer] ?? null) : null,
  }))
  return {
    request: asked,
    state: { ...initial, status, as_of: asked.as_of, parent: asked.parent, layers: results, ...state },
  }
}

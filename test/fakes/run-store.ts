import type { RunEvent } from '../../src/lib/core/run/events.js'
import { initialRun, type RunState } from '../../src/lib/core/run/events.js'
import type { RunRequest } from '../../src/lib/core/run/request.js'
import type { LayerStatus } from '../../src/lib/core/run/run.js'
import { unknownRun } from '../../src/lib/core/run/run-selector.js'
import type { RunRecord, RunStore } from '../../src/lib/ports/run-store.js'
import type { AgainPorts } from '../../src/lib/use-cases/rerun.js'
import { requestOf } from './requests.js'

/** Runs that are there, newest first. */
export class FakeRunStore implements RunStore {
  /** How many were read from the newest on. */
  read = 0
  readonly removed: [string, { keepManifest: boolean }][] = []

  constructor(
    public records: RunRecord[],
    readonly kept: RunEvent[] = [],
  ) {}

  async *newest(): AsyncGenerator<RunRecord, void> {
    for (const record of this.records) {
      this.read++
      yield record
    }
  }

  async list(): Promise<RunRecord[]> {
    return this.records
  }

  async get(runId: string): Promise<RunRecord> {
    const found = this.records.find(({ state }) => state.run_id === runId)
    const known = this.records.map(({ state }) => state.run_id)
    if (!found) throw unknownRun(runId, known)
    return found
  }

  async events(): Promise<RunEvent[]> {
    return this.kept
  }

  async remove(runId: string, options: { keepManifest: boolean }): Promise<void> {
    this.removed.push([runId, options])
  }
}

/** A history of loads by these runs, oldest first. */
export function loadsOf(...runIds: string[]): AgainPorts['loads'] {
  return async () => runIds.map((run_id, at) => ({ seq: at + 1, run_id }))
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

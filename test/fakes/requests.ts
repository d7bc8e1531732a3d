import type { RunRequest } from '../../src/lib/core/run/run.js'

/** A request for a whole run with nothing special about it. */
export function requestOf(runId: string, changes: Partial<RunRequest> = {}): RunRequest {
  return {
    runId,
    parent: undefined,
    asOf: '2025-03-24',
    from: 'extract',
    to: 'curated',
    reconcile: true,
    fullRefresh: false,
    allowDeletes: false,
    manifestRun: undefined,
    rebuildCurated: false,
    source: undefined,
    doneBy: {},
    ...changes,
  }
}

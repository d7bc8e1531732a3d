import { newRequest, type RunRequest } from '../../src/lib/core/run/request.js'

/** A request for a whole run with nothing special about it. */
export function requestOf(runId: string, changes: Partial<RunRequest> = {}): RunRequest {
  return newRequest({ run_id: runId, as_of: '2025-03-24', ...changes })
}

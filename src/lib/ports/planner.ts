import type { RunRequest } from '../core/run/request.js'
import type { TableFlow } from '../core/run/run.js'

/** Says what a run would do, and changes nothing. */
export interface Planner {
  /** The flows that the extract layer would have. @throws EtlError SOURCE_*, GUARD_* */
  plan(request: RunRequest, signal: AbortSignal): Promise<TableFlow[]>
}

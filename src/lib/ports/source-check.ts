import type { RunRequest } from '../core/run/request.js'
import type { TableFlow } from '../core/run/run.js'
import type { CheckResult } from '../core/verify/verify.js'

/** All that reads the live source beside a run; it changes nothing. */
export interface SourceCheck {
  /** The flows that the extract layer of a run would have. @throws EtlError SOURCE_*, GUARD_* */
  plan(request: RunRequest, signal: AbortSignal): Promise<TableFlow[]>
  /** The source against raw, by value; differing keys are named. */
  compare(signal?: AbortSignal): Promise<CheckResult[]>
  /** Its number of rows against what the last run saw; says nothing of their content. */
  count(signal?: AbortSignal): Promise<CheckResult[]>
}

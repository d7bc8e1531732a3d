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
  /**
   * Where a record stands in the source as it is now; undefined for a source that has no lines.
   * @throws what the signal was aborted with
   */
  lineOf(wanted: WantedRecord, signal: AbortSignal): Promise<RecordPlace | undefined>
}

/** A record that was in the source. */
export interface WantedRecord {
  table: string
  /** Its texts, by column or in the order of the file. */
  fields: Readonly<Record<string, string>> | readonly string[]
  /** Which of several that are equal, from 1. */
  occurrence: number
}

/** Where a record stands, or was looked for. */
export interface RecordPlace {
  file: string
  /** The line where it begins, from 1; undefined where it is not there, or the file cannot be read. */
  line: number | undefined
}

import { type CheckResult, judge, type SampleRow } from './verify.js'

/** What of a table's live source differs from raw. */
export interface SourceDifferences {
  /** Rows, and of these the first. */
  bad: number
  sample: SampleRow[]
  /** Rows of which the source itself says that they came or changed later. */
  moved: number
  movedSample: SampleRow[]
}

/**
 * The two checks of a table's live source against raw.
 * @param how it was compared, in words
 * @param since what the last load knew of its source; undefined where there was none
 */
export function contentChecks(
  table: string,
  how: string,
  since: string | undefined,
  { bad, sample, moved, movedSample }: SourceDifferences,
): CheckResult[] {
  const content = { name: `source_content_${table}`, scope: 'checksum', severity: 'error', sql: `-- ${how}` } as const
  const later = `rows of ${table} that came, or by their own time of change changed, since ${since ?? 'the last run'}`
  const apart = { name: `source_moved_${table}`, scope: 'checksum', severity: 'info', sql: `-- ${later}` } as const
  return [judge(content, bad, sample), judge(apart, moved, movedSample)]
}

/** The number of rows of a table's live source against what the last run saw. */
export function rowsCheck(table: string, now: number, seen: number): CheckResult {
  const sample = now === seen ? [] : [{ table, source_rows_now: now, source_rows_seen: seen }]
  const sql = `-- the number of rows of the live source of ${table} against what the last run saw`
  return judge(
    { name: `source_rows_${table}`, scope: 'freshness', severity: 'warn', sql },
    Math.abs(now - seen),
    sample,
  )
}

import { type CheckResult, judge, type SampleRow, type Scope } from './verify.js'

/** Of the bad rows of a check the first are shown. */
export const SAMPLE_ROWS = 5

/** A check of what is no query. */
export function found(name: string, what: string, bad: SampleRow[], scope: Scope = 'ledger'): CheckResult {
  return judge({ name, scope, severity: 'error', sql: `-- ${what}` }, bad.length, bad.slice(0, SAMPLE_ROWS))
}

/**
 * A query for some bad rows, which says with each how many there are in all (`judgeRows`). What is asked stands on lines of
 * its own: it may end with a comment.
 */
export function counted(sql: string): string {
  return `select *, count(*) over () as bad_rows from (\n${sql}\n) as bad limit ${SAMPLE_ROWS}`
}

/** The same from the rows of `counted`. */
export function judgeRows(check: Pick<CheckResult, 'name' | 'scope' | 'sql'>, rows: readonly SampleRow[]): CheckResult {
  const sample = rows.map(({ bad_rows: _, ...row }) => row as SampleRow)
  return judge({ ...check, severity: 'error' }, Number(rows[0]?.['bad_rows'] ?? 0), sample)
}

/** Where one table's incremental reading stands. */
export interface Bookmark {
  table: string
  /** The column that `--reconcile never` reads beyond. */
  column: string
  /** Its greatest value in raw; undefined while raw holds no row. */
  position: string | undefined
  raw_rows: number
  /** The last run that loaded the table, and when; RFC 3339 in UTC. */
  last_run: string | undefined
  loaded_at: string | undefined
  /** True when that load compared the whole source with raw. */
  reconciled: boolean
  /** The first load since which the source was read only beyond the bookmark. */
  not_reconciled_since: string | undefined
  /** Its run. */
  not_reconciled_since_run: string | undefined
  /** The next run reads the table as if raw held nothing. */
  reset_pending: boolean
  /** The next run without reconciling reads from before the end of raw. */
  rewind_pending: boolean
  /** The position beyond which it reads; undefined is the beginning. */
  reads_from: string | undefined
}

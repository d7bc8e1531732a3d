import { EtlError } from '../errors.js'

/** Limits that stop a run before anything is loaded. */
export interface Guards {
  /** Largest share of a table that one run may delete … */
  max_deleted: number
  /** … of a table with more rows than this. */
  max_deleted_min_rows: number
  /** Largest share of the source's rows that may be quarantined; 1, the default, sets no limit: bad rows never stop a run unasked. */
  max_quarantined: number
}

export const DEFAULT_GUARDS: Guards = { max_deleted: 0.2, max_deleted_min_rows: 1000, max_quarantined: 1 }

export interface TableCounts {
  table: string
  /** Rows that raw holds now. */
  raw_rows: number
  /** Of these, the rows that would be deleted. */
  deleted: number
  source_rows: number
  quarantined: number
}

/** @throws EtlError GUARD_MAX_DELETED or GUARD_MAX_QUARANTINED (exit 1) for the first table over a limit */
export function checkGuards(tables: readonly TableCounts[], guards: Guards, allowDeletes: boolean): void {
  for (const { table, raw_rows, deleted, source_rows, quarantined } of tables) {
    if (!allowDeletes && raw_rows > guards.max_deleted_min_rows && isOver(deleted, raw_rows, guards.max_deleted)) {
      throw new EtlError(
        `${table} would lose ${deleted} of its ${raw_rows} rows (${percent(deleted, raw_rows)}), more than max_deleted ${percent(guards.max_deleted, 1)}: the source has ${source_rows} rows; nothing was changed`,
        {
          code: 'GUARD_MAX_DELETED',
          suggestions: ['rental-etl run --allow-deletes   # lets it pass once, if the rows are really gone'],
        },
      )
    }
    if (source_rows > guards.max_deleted_min_rows && isOver(quarantined, source_rows, guards.max_quarantined)) {
      throw new EtlError(
        `${table} has ${quarantined} bad rows of ${source_rows} (${percent(quarantined, source_rows)}), more than max_quarantined ${percent(guards.max_quarantined, 1)}; nothing was changed`,
        {
          code: 'GUARD_MAX_QUARANTINED',
          suggestions: ['rental-etl config explain guards.max_quarantined   # where the limit is set'],
        },
      )
    }
  }
}

/** A quotient is the number nearest to it, as a share in a file is; a product of the share may miss the count by a hair. */
function isOver(part: number, whole: number, share: number): boolean {
  return part / whole > share
}

function percent(part: number, whole: number): string {
  return `${Math.round((part / whole) * 1000) / 10} %`
}

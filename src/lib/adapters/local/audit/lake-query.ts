import type { SourceTable } from '../../../core/model.js'
import { columnNames, lakeColumns } from '../../../core/sql/ddl.js'
import { type Compared, type LakeRows, lakeContentQuery } from '../../../core/sql/lake-content.js'
import { literal } from '../../../core/sql/names.js'

/** A load's files of one table in the lake. `rank` is the order of loads, from 1 on. */
export interface LakePart {
  runId: string
  rank: number
  /** The numbers under which it was loaded; more than one where it was loaded once more. */
  seqs: readonly number[]
  /** A relation with the rows of its files. */
  rows: string
}

/**
 * Rows in which lake and raw differ (`lakeContentQuery`).
 * @param parts the loads since the last rebuild of raw, oldest first; their files say not of which load they are
 */
export function lakeRawQuery(
  table: SourceTable,
  parts: readonly LakePart[],
  which: Pick<Compared, 'slice' | 'keys'> = {},
): string {
  const [first, ...later] = parts as [LakePart, ...LakePart[]]
  const rows: LakeRows = { first }
  if (later.length > 0) rows.later = laterRows(table, later)
  return lakeContentQuery(table, rows, { ...which, differ })
}

/** Quicker than what all engines know: some tenths of the time. */
const differ = (left: string, right: string): string => `${left} is distinct from ${right}`

/** A relation with the rows of loads after the first. */
export function laterRows(table: SourceTable, later: readonly LakePart[]): string {
  return `(${later.map((part) => labelled(table, part)).join(' union all ')})`
}

function labelled(table: SourceTable, { rows, runId, rank }: LakePart): string {
  return `select ${columnNames(lakeColumns(table))}, ${literal(runId)} as run_id, ${rank} as rank from ${rows}`
}

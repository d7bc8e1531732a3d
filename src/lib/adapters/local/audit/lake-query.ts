import type { SourceTable } from '../../../core/model.js'
import { columnNames, lakeColumns } from '../../../core/sql/ddl.js'
import { type LakeRows, lakeContentQuery } from '../../../core/sql/lake-content.js'
import { literal } from '../../../core/sql/names.js'
import { keyedOf } from '../../../core/verify/unique-keys.js'
import type { Database } from '../engine/database.js'
import { isPlainlyUnique } from '../engine/unique.js'
import { areAlike, same, sameRow } from './pairs.js'

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
export function lakeRawQuery(table: SourceTable, parts: readonly LakePart[], slice?: string): string {
  const [first, ...later] = parts as [LakePart, ...LakePart[]]
  const rows: LakeRows = { first }
  if (later.length > 0) rows.later = `(${later.map((part) => labelled(table, part)).join(' union all ')})`
  return lakeContentQuery(table, rows, { ...(slice ? { slice } : {}), differ })
}

/** Quicker than what all engines know: some tenths of the time. */
const differ = (left: string, right: string): string => `${left} is distinct from ${right}`

function labelled(table: SourceTable, { rows, runId, rank }: LakePart): string {
  return `select ${columnNames(lakeColumns(table))}, ${literal(runId)} as run_id, ${rank} as rank from ${rows}`
}

/**
 * True where raw is proved to hold what the only load of a table has brought, in pairs: a full load leaves the two in one
 * order. Nothing is known where keys have several rows in the lake, of which raw has one.
 */
export async function holdsLoad(db: Database, table: SourceTable, { runId, seqs, rows }: LakePart): Promise<boolean> {
  const brought = [
    ...[same('l._nullified', 'r._nullified'), same('l._deleted', 'false'), same('r._run_id', literal(runId))],
    // Each is the only row of its key.
    ...[same('l._position', '0'), same('r._position', '0'), same('r._superseded', '0')],
    seqs.length === 0 ? 'false' : `r._load_seq in (${seqs.join(', ')})`,
  ]
  const raw = keyedOf(`raw_data.${table.raw}`, table)
  return (await isPlainlyUnique(db, raw)) && areAlike(db, rows, raw.relation, [...sameRow(table), ...brought])
}

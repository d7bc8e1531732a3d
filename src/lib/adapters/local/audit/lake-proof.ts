import type { SourceTable } from '../../../core/model.js'
import { identList, literal, sameKey } from '../../../core/sql/names.js'
import { keyedOf } from '../../../core/verify/unique-keys.js'
import type { Database } from '../engine/database.js'
import { isPlainlyUnique } from '../engine/unique.js'
import type { Piece } from './check.js'
import { type LakePart, lakeRawQuery, laterRows } from './lake-query.js'
import { areAlike, same, sameRow } from './pairs.js'
import { SLICE_ROWS, slicesOf } from './slices.js'

/**
 * True where raw is proved to hold what the only load of a table has brought, in pairs: a full load leaves the two in one
 * order. Nothing is known where keys have several rows in the lake, of which raw has one.
 */
export async function holdsLoad(db: Database, table: SourceTable, load: LakePart): Promise<boolean> {
  const raw = keyedOf(`raw_data.${table.raw}`, table)
  return (await isPlainlyUnique(db, raw)) && areAlike(db, load.rows, raw.relation, isBrought(table, load))
}

/**
 * The parts of `lakeRawQuery`. Of several loads, the rows of the first one that no later load has touched lie in its order
 * still, and are proved in pairs as those of a single load; in slices, since the engine holds one side of them. The keys
 * of later loads are followed through all of them, at once where they are few.
 */
export async function lakePieces(db: Database, table: SourceTable, parts: readonly LakePart[]): Promise<Piece[]> {
  const [first, ...later] = parts as [LakePart, ...LakePart[]]
  const slices = await slicesOf(db, `raw_data.${table.raw}`, table)
  if (later.length === 0) return slices.map((slice) => ({ sql: lakeRawQuery(table, parts, { slice }) }))
  const touched = await db.run(
    `create or replace temp table touched as select distinct ${identList(table.key)} from ${laterRows(table, later)}`,
  )
  const untouched = (rows: string): string =>
    `(select o.* from ${rows} o anti join touched k on ${sameKey(table.key, 'k', 'o')})`
  const raw = keyedOf(untouched(`raw_data.${table.raw}`), table)
  const isUnique = await db.inPlace(() => isPlainlyUnique(db, raw))
  const alike = isBrought(table, first)
  const ofTheFirst = slices.map((slice): Piece => {
    const sliceOf = (rows: string): string => `(select * from ${rows} x where ${slice})`
    const isSound = (): Promise<boolean> =>
      db.inPlace(() => areAlike(db, sliceOf(untouched(first.rows)), sliceOf(raw.relation), alike))
    return { sql: lakeRawQuery(table, parts, { slice, keys: 'untouched' }), ...(isUnique ? { isSound } : {}) }
  })
  const few = touched <= SLICE_ROWS ? ['true'] : slices
  return [...ofTheFirst, ...few.map((slice) => ({ sql: lakeRawQuery(table, parts, { slice, keys: 'touched' }) }))]
}

/** Conditions that a row r of raw is what a row l of a load has brought, which is the only one of its key. */
function isBrought(table: SourceTable, { runId, seqs }: LakePart): string[] {
  return [
    ...sameRow(table),
    ...[same('l._nullified', 'r._nullified'), same('l._deleted', 'false'), same('r._run_id', literal(runId))],
    ...[same('l._position', '0'), same('r._position', '0'), same('r._superseded', '0')],
    seqs.length === 0 ? 'false' : `r._load_seq in (${seqs.join(', ')})`,
  ]
}

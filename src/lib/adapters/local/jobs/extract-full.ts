import { rename } from 'node:fs/promises'
import type { SourceTable } from '../../../core/model.js'
import { columnNames } from '../../../core/sql/ddl.js'
import { sameKey } from '../../../core/sql/names.js'
import { keyedOf } from '../../../core/verify/unique-keys.js'
import type { OpenTable } from '../../source/source.js'
import type { Database } from '../engine/database.js'
import { parquetFiles } from '../engine/readers.js'
import { rowsSelect } from '../engine/typing.js'
import { isPlainlyUnique } from '../engine/unique.js'
import { placeCopies } from './extract-copies.js'
import { countCuts } from './extract-cuts.js'
import { type RawState, rawTable } from './extract-state.js'
import type { TableExtract } from './extract-table.js'
import { writeInOrder, writeParquet } from './parquet.js'

/** Rows of more bytes than this on average are written as they come: in their order many of them would be held. */
const SHORT_ROW_BYTES = 500

/**
 * Writes every good row, for a raw table that is empty or is to be rebuilt: one pass over the source, and a second one
 * only where keys have several copies.
 * @param folder an existing, empty folder
 */
export async function extractFull(
  db: Database,
  table: SourceTable,
  source: OpenTable,
  folder: string,
  state: RawState,
): Promise<TableExtract> {
  const typed = rowsSelect(table, source)
  const file = `${folder}/part-0.parquet`
  const columns = columnNames(table.columns)
  const select = `select ${columns}, cast(0 as bigint) as "_position", "_nullified", false as "_deleted" from (${typed.sql}) where "_rule" is null`
  const inOrder = source.bytes < SHORT_ROW_BYTES * source.records
  const good = await (inOrder ? writeInOrder : writeParquet)(db, select, file)
  // Most sources are written in the order of their keys: then all rows need not be grouped to know that none is a copy.
  const single = await db.inOrder(() => isPlainlyUnique(db, keyedOf(parquetFiles([file]), table)))
  const copies = !single && (await placeCopies(db, table, typed, `from ${parquetFiles([file])}`))
  if (copies) {
    const placed = `${folder}/placed.parquet`
    const alone = `select f.* from ${parquetFiles([file])} f anti join copied c on ${sameKey(table.key, 'c', 'f')}`
    const several = `select ${columns}, "_place" as "_position", "_nullified", false as "_deleted" from placed`
    await writeParquet(db, `${alone} union all ${several}`, placed)
    await rename(placed, file)
  }
  const raw = rawTable(table)
  const vanished =
    state.rows === 0
      ? 0
      : await db.count(
          `select count(*) from ${raw} r anti join ${parquetFiles([file])} s on ${sameKey(table.key, 'r', 's')}`,
        )
  return {
    good,
    unchanged: 0,
    extracted: good,
    tombstones: 0,
    vanished,
    copies,
    truncated: await countCuts(db, table, typed, file),
    files: good > 0 ? [{ path: file, rows: good }] : [],
    ...(inOrder && !copies && good === source.records ? { keys: { file, odd: [] } } : {}),
    bad: undefined,
  }
}

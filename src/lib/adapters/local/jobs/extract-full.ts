import { rename } from 'node:fs/promises'
import type { SourceTable } from '../../../core/model.js'
import { columnNames, lakeColumns } from '../../../core/sql/ddl.js'
import { ident, identList, sameKey } from '../../../core/sql/names.js'
import type { Database } from '../engine/database.js'
import { parquetFiles } from '../engine/readers.js'
import { type TextRelation, typedSelect } from '../engine/typing.js'
import { countCuts } from './extract-cuts.js'
import { type RawState, WAREHOUSE } from './extract-state.js'
import type { TableExtract } from './extract-table.js'
import { writeParquet } from './parquet.js'

/**
 * Writes every good row, for a raw table that is empty or is to be rebuilt: one pass over the source, and a second one
 * over what was written only where keys have several copies.
 * @param folder an existing, empty folder
 */
export async function extractFull(
  db: Database,
  table: SourceTable,
  source: TextRelation,
  folder: string,
  state: RawState,
): Promise<TableExtract> {
  const typed = typedSelect(table, source)
  const file = `${folder}/part-0.parquet`
  const select = `select ${columnNames(table.columns)}, cast(0 as bigint) as "_position", "_nullified", false as "_deleted" from (${typed.sql}) where "_rule" is null`
  const good = await writeParquet(db, select, file)
  const copies = await findCopies(db, table, parquetFiles([file]))
  if (copies) {
    // Only rows with copies need their place in the file, and numbering all rows would read them one by one.
    const numbered = `${folder}/numbered.parquet`
    const names = columnNames(lakeColumns(table).filter((column) => column.name !== '_position'))
    const place = `case when exists (select 1 from copies c where ${sameKey(table.key, 'c', 'p')}) then p.file_row_number + 1 else 0 end`
    await writeParquet(
      db,
      `select ${columnNames(lakeColumns(table))} from (select ${names}, ${place} as "_position" from ${parquetFiles([file], { rowNumbers: true })} p)`,
      numbered,
    )
    await rename(numbered, file)
  }
  const raw = `${WAREHOUSE}.raw_data.${table.raw}`
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
    bad: undefined,
  }
}

/**
 * Makes the temp table `copies`: the keys that stand more than once in rows that are in the order of the file. Most
 * sources are written in the order of the column that a bookmark follows: where it rises from each row to the next, no
 * key stands twice, and the table, which groups all rows, is not needed. @returns whether there are any
 */
async function findCopies(db: Database, table: SourceTable, rows: string): Promise<boolean> {
  const column = ident(table.bookmark.column)
  const falls = await db.count(
    `select count(*) from (select ${column} as here, lag(${column}) over () as before from ${rows}) where here <= before`,
  )
  if (falls === 0) return false
  const key = identList(table.key)
  await db.run(
    `create or replace temp table copies as select ${key}, count(*) as n from ${rows} group by ${key} having count(*) > 1`,
  )
  return (await db.count('select count(*) from copies')) > 0
}

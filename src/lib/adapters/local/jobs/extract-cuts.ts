import { type SourceTable, TEXT_LIMIT_BYTES } from '../../../core/model.js'
import type { Counts } from '../../../core/run/run.js'
import { ident } from '../../../core/sql/names.js'
import type { Database } from '../engine/database.js'
import { parquetFiles } from '../engine/readers.js'
import { isCut, type TypedSelect } from '../engine/typing.js'

/** Texts that were cut, by column: candidates in the file are counted again in the source, which is rare. */
export async function countCuts(db: Database, table: SourceTable, typed: TypedSelect, file: string): Promise<Counts> {
  const texts = table.columns.filter((column) => column.type === 'VARCHAR' && typed.textOf(column.name))
  if (texts.length === 0) return {}
  const near = texts.map((column) => `count(*) filter (where strlen(${ident(column.name)}) > ${TEXT_LIMIT_BYTES - 4})`)
  const candidates = await db.count(`select ${near.join(' + ')} from ${parquetFiles([file])}`)
  if (candidates === 0) return {}
  const cuts = texts.map(
    (column) => `count(*) filter (where ${isCut(typed.textOf(column.name) as string)}) as ${ident(column.name)}`,
  )
  const [row] = await db.all<Record<string, string>>(
    `select ${cuts.join(', ')} from (${typed.sql}) t where "_rule" is null`,
  )
  return Object.fromEntries(
    Object.entries(row ?? {})
      .map(([name, count]) => [name, Number(count)] as const)
      .filter(([, count]) => count > 0),
  )
}

import {
  type FoundColumn,
  type FoundSource,
  type FoundTable,
  LOOKED_AT_ROWS,
} from '../../../core/config/found-table.js'
import type { MysqlSpec } from '../../../core/config/mysql-url.js'
import { EtlError } from '../../../core/errors.js'
import { cellText } from './cell-text.js'
import { type Field, MysqlConnection } from './connection.js'
import { columnAsText, quoted, type ShapeColumn } from './table-shape.js'

/** Letters of a text that are looked at: enough for what has a form, and little of what is only long. */
const LETTERS = 100

/**
 * Columns, their types and first rows of every table and view of a database that its user may read.
 * @throws EtlError ACCESS, IO, SOURCE_MISSING
 */
export async function surveyDatabase(
  spec: MysqlSpec,
  password: string | undefined,
  signal: AbortSignal,
): Promise<FoundSource> {
  await using connection = await MysqlConnection.open(spec, password, signal)
  const columns = await connection.rows<{ owner: string; name: string; type: string }>(
    `select table_name as owner, column_name as name, data_type as type from information_schema.columns
      where table_schema = ? order by table_name, ordinal_position`,
    [spec.database],
  )
  const tables: FoundTable[] = []
  for (const [name, own = []] of Map.groupBy(columns, ({ owner }) => owner)) {
    const found = await firstRows(connection, `${quoted(spec.database)}.${quoted(name)}`, own).catch(async (error) => {
      if (!(error instanceof EtlError)) throw error
      // A view over what is gone, or whose tables may not be read, is passed over; of a lost connection this tells.
      await connection.rows('select 1')
      return error
    })
    tables.push(
      found instanceof EtlError ? { name, columns: [], fault: `${name}: ${found.message}` } : { name, columns: found },
    )
  }
  return { tables, anyCase: true }
}

async function firstRows(
  connection: MysqlConnection,
  place: string,
  columns: readonly { name: string; type: string }[],
): Promise<FoundColumn[]> {
  const shapes = columns.map(({ name, type }): ShapeColumn => ({ name, ...columnAsText(name, type) }))
  const read = shapes.map((shape, at) => (shape.kind === 'bytes' ? looseText : cellText(shape, at)))
  const select = shapes.map(({ kind, expression }) =>
    kind === 'text' || kind === 'bytes' ? `left(${expression}, ${LETTERS})` : expression,
  )
  const rows: string[][] = []
  await connection.each(
    `select ${select.join(', ')} from ${place} limit ${LOOKED_AT_ROWS}`,
    (field, at) => (read[at] as (typeof read)[number])(field),
    (row) => {
      rows.push(row)
      return undefined
    },
  )
  return columns.map(({ name, type }, at) => ({ name, type, values: rows.map((row) => row[at] as string) }))
}

/** Bytes that may be no text: a run would say so, and a look passes over them. */
function looseText(field: Field): string {
  return field.buffer()?.toString('utf8') ?? ''
}

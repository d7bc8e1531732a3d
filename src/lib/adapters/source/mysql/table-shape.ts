import { isMapped, type SourceMapping, sourceTableName } from '../../../core/config/mapping.js'
import type { MysqlSpec } from '../../../core/config/mysql-url.js'
import { EtlError } from '../../../core/errors.js'
import { SOURCE_TABLES, type SourceTable } from '../../../core/model.js'
import type { RowValues } from '../source.js'
import type { MysqlConnection } from './connection.js'
import { mysqlCommand } from './mysql-error.js'

/** How a table of a MySQL database is read. */
export interface TableShape {
  table: SourceTable
  /** Its name in the database. */
  source: string
  /** What messages call it: database.table. */
  name: string
  columns: ShapeColumn[]
  /** Names of those that are whole numbers. */
  whole: string[]
  /** No key stands twice: an index says so, over columns whose values are told apart as the model's are. */
  unique: boolean
  /** InnoDB keeps what a snapshot has seen; null for a view, of whose tables that is not known here. */
  engine: string | null
  /** About how many bytes it holds. */
  bytes: number
}

export interface ShapeColumn {
  /** The model's name, where it is one of the model's: names of MySQL's columns differ in more than case. */
  name: string
  /** What is selected. */
  expression: string
  kind: 'plain' | 'float' | 'text' | 'bytes'
}

/** Of these two values are the same where their texts are. */
const EXACT = [
  ...['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year', 'bit'],
  ...['date', 'datetime', 'timestamp', 'time'],
]
const FLOATS = ['float', 'double']
const BYTES = ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob']
const SHAPES = [
  ...['geometry', 'point', 'linestring', 'polygon', 'multipoint', 'multilinestring', 'multipolygon'],
  ...['geometrycollection', 'geomcollection'],
]

/** @throws EtlError SOURCE_SCHEMA, ACCESS for a table that is not there, or that may not be read */
export async function tableShape(
  connection: MysqlConnection,
  spec: MysqlSpec,
  mapping: SourceMapping,
  table: SourceTable,
): Promise<TableShape> {
  const { database } = spec
  const source = sourceTableName(mapping, table)
  const place = [database, source]
  // Whoever may not read it is not shown it either: the server itself says which of both it is.
  await connection.rows(`select 1 from ${quoted(database)}.${quoted(source)} limit 0`)
  const [facts] = await connection.rows<{ engine: string | null; bytes: string | null }>(
    'select engine as engine, data_length as bytes from information_schema.tables where table_schema = ? and table_name = ?',
    place,
  )
  const columns = await connection.rows<{ name: string; type: string }>(
    `select column_name as name, data_type as type from information_schema.columns
      where table_schema = ? and table_name = ? order by ordinal_position`,
    place,
  )
  if (columns.length === 0) throw unreadable(spec, source)
  const indexes = await connection.rows<{ name: string; parts: string | null }>(
    `select index_name as name, column_name as parts from information_schema.statistics
      where table_schema = ? and table_name = ? and non_unique = 0`,
    place,
  )
  const shapes = columns.map(({ name, type }) => shapeColumn(table, name, type, isMapped(mapping, table.name)))
  return {
    table,
    source,
    name: `${database}.${source}`,
    columns: shapes,
    whole: shapes.flatMap(({ name }, at) => (WHOLE.includes(columns[at]?.type.toLowerCase() ?? '') ? [name] : [])),
    unique: isUnique(table, columns, indexes),
    engine: facts?.engine ?? null,
    bytes: Number(facts?.bytes ?? 0),
  }
}

/** The shapes of all four tables. @throws as `tableShape` */
export async function tableShapes(
  connection: MysqlConnection,
  spec: MysqlSpec,
  mapping: SourceMapping,
): Promise<TableShape[]> {
  const shapes: TableShape[] = []
  for (const table of SOURCE_TABLES) shapes.push(await tableShape(connection, spec, mapping, table))
  return shapes
}

const WHOLE = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint']

/**
 * A WHERE for the rows with these values, as far as the server compares as the typing does: by columns that are whole
 * numbers. Of other columns it would leave out texts that are typed to the value.
 */
export function rowsWith({ columns, whole }: TableShape, values: RowValues): string {
  const conditions = columns.flatMap(({ name, expression }) => {
    const value = values[name]
    return whole.includes(name) && value !== undefined && /^-?\d+$/.test(value) ? [`${expression} = ${value}`] : []
  })
  return conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
}

/** An identifier in a statement for MySQL. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

function shapeColumn(table: SourceTable, name: string, dataType: string, whole: boolean): ShapeColumn {
  const type = dataType.toLowerCase()
  const known = table.columns.find((column) => column.name === name.toLowerCase())?.name
  // Bytes that nobody asks for need be no text.
  if (known === undefined && !whole && (BYTES.includes(type) || SHAPES.includes(type)))
    return { name, expression: 'null', kind: 'plain' }
  return { name: known ?? name, ...columnAsText(name, type) }
}

/** How a column of any table is selected, so that its cells can be read as texts. */
export function columnAsText(name: string, dataType: string): Pick<ShapeColumn, 'expression' | 'kind'> {
  const type = dataType.toLowerCase()
  const column = quoted(name)
  const expression = type === 'bit' ? `${column} + 0` : SHAPES.includes(type) ? `st_astext(${column})` : column
  return { expression, kind: kindOf(type) }
}

function kindOf(type: string): ShapeColumn['kind'] {
  if (BYTES.includes(type)) return 'bytes'
  if (FLOATS.includes(type)) return 'float'
  return EXACT.includes(type) ? 'plain' : 'text'
}

/** Two texts that are not the same may be one key, such as `1` and `01`: only numbers and moments count. */
function isUnique(
  { key }: SourceTable,
  columns: readonly { name: string; type: string }[],
  indexes: readonly { name: string; parts: string | null }[],
): boolean {
  const exact = columns.filter(({ type }) => EXACT.includes(type.toLowerCase())).map(({ name }) => name.toLowerCase())
  const byIndex = Object.groupBy(indexes, ({ name }) => name)
  return Object.values(byIndex).some((parts) =>
    parts?.every(({ parts: column }) => {
      // MySQL names no column for a part that is an expression.
      const name = column?.toLowerCase()
      return name !== undefined && key.includes(name) && exact.includes(name)
    }),
  )
}

function unreadable(spec: MysqlSpec, name: string): EtlError {
  return new EtlError(`${spec.database}.${name} shows no columns to ${spec.user}`, {
    code: 'ACCESS',
    suggestions: [
      `GRANT SELECT ON ${quoted(spec.database)}.${quoted(name)} TO '${spec.user}'@'%'`,
      mysqlCommand(spec, 'show grants'),
    ],
  })
}

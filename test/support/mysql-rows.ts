import mysql from 'mysql2'
import {
  type Column,
  SOURCE_TABLES,
  type SourceTable,
  type SourceTableName,
  type SqlType,
} from '../../src/lib/core/model.js'
import type { Mariadb } from '../box/mariadb.js'
import { parseCsv } from '../naive/csv.js'
import { BAD, parseValue, show } from '../naive/values.js'
import type { DirtySource, DirtyTable } from './dirty-source.js'
import { DATABASE } from './mysql-tables.js'

/** A value of a CSV file as it stands in an INSERT into a column of its type. */
export function typedLiteral(field: string, type: SqlType): string {
  const value = parseValue(field, type)
  if (value === BAD) throw new Error(`${field} is no ${type}`)
  if (value === null) return 'null'
  if (type === 'VARCHAR') return mysql.escape(value)
  const text = show(value, type) as string
  return type === 'TIMESTAMP' ? `'${text.replace('T', ' ').replace('Z', '')}'` : type === 'DATE' ? `'${text}'` : text
}

/** INSERT statements with rows of literals, of a size that a server takes. */
export function inserts(table: string, columns: readonly string[], rows: readonly string[][]): string[] {
  const names = columns.map((name) => `\`${name}\``).join(', ')
  const size = 1000
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, at) => {
    const values = rows.slice(at * size, (at + 1) * size).map((row) => `(${row.join(', ')})`)
    return `insert into ${DATABASE}.${table} (${names}) values ${values.join(', ')}`
  })
}

/** The rows of a CSV text in the model's columns, as literals of their types. */
export function typedRows({ columns }: SourceTable, csv: string): string[][] {
  const { header, records } = parseCsv(csv)
  return records.map((record) =>
    columns.map(({ name, type }: Column) => typedLiteral(record[header.indexOf(name)] ?? '', type)),
  )
}

/** A source without what a table cannot hold: columns without a name or of one name, and records that lack fields. */
export function asTables(source: DirtySource): DirtySource {
  const table = ({ header, records, form }: DirtyTable): DirtyTable => {
    const places = [...header.keys()].filter((at) => header[at] !== '' && header[at] !== 'ID')
    const whole = records.filter(({ length }) => length === header.length)
    const pick = (record: string[]): string[] => places.map((at) => record[at] as string)
    return { header: pick(header), records: whole.map(pick), form }
  }
  return Object.fromEntries(Object.entries(source).map(([name, one]) => [name, table(one)])) as DirtySource
}

export interface TextTable {
  header: readonly string[]
  records: readonly (readonly (string | null)[])[]
}

/** Statements that put a source into tables of texts, in which rows stand as they happen to. */
export function textTables(source: Record<SourceTableName, TextTable>): string[] {
  return SOURCE_TABLES.flatMap(({ name }) => {
    const { header, records } = source[name]
    const columns = header.map((column) => `\`${column}\` longtext`).join(', ')
    const rows = records.map((record) => record.map((text) => mysql.escape(text))).toReversed()
    return [
      `drop table if exists ${DATABASE}.${name}`,
      `create table ${DATABASE}.${name} (${columns}) character set utf8mb4`,
      ...inserts(name, header, rows),
    ]
  })
}

export async function fillTyped(server: Mariadb, csv: (name: string) => Promise<string>): Promise<void> {
  for (const table of SOURCE_TABLES) {
    const columns = table.columns.map(({ name }) => name)
    await server.admin(...inserts(table.name, columns, typedRows(table, await csv(table.name))))
  }
}

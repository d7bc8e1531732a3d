import { SOURCE_TABLES, type SourceTable, type SqlType } from '../../src/lib/core/model.js'
import type { Mariadb } from '../box/mariadb.js'

export const DATABASE = 'rental_db'

/** The user that the tool reads with: it may read, and nothing else. */
export const READER = { user: 'etl', password: 'p/w@1:%' }

/** The types that the marketplace's own database has. */
function mysqlType(type: SqlType, isKey: boolean): string {
  if (type === 'VARCHAR') return 'longtext'
  if (type === 'BOOLEAN') return 'tinyint(1)'
  if (type === 'TIMESTAMP') return 'datetime(6)'
  return `${type.toLowerCase()}${isKey ? ' not null' : ''}`
}

export interface TablesOptions {
  /** All columns are texts and no key is unique: what CSV may hold, the table may hold. */
  texts?: boolean
}

export function createTable({ name, key, columns }: SourceTable, { texts = false }: TablesOptions = {}): string {
  const types = columns.map((column) => {
    const type = texts ? 'longtext' : mysqlType(column.type, key.includes(column.name))
    return `\`${column.name}\` ${type}`
  })
  const primary = texts ? [] : [`primary key (${key.map((column) => `\`${column}\``).join(', ')})`]
  return `create table ${DATABASE}.${name} (${[...types, ...primary].join(', ')}) character set utf8mb4`
}

/** An empty database with the four tables, and a user that may read them. @returns the URL to read it by, without a password */
export async function createDatabase(server: Mariadb, options: TablesOptions = {}): Promise<string> {
  const { user, password } = READER
  await server.admin(
    `drop database if exists ${DATABASE}`,
    `create database ${DATABASE}`,
    ...SOURCE_TABLES.map((table) => createTable(table, options)),
    `create user if not exists '${user}'@'127.0.0.1' identified by '${password}'`,
    `grant select on ${DATABASE}.* to '${user}'@'127.0.0.1'`,
  )
  return `mysql://${user}@127.0.0.1:${server.port}/${DATABASE}`
}

/** Fills a typed table from a CSV file whose columns are in the order of the model; an empty field is NULL. */
export async function fillTable(server: Mariadb, { name, columns }: SourceTable, file: string): Promise<void> {
  const value = (column: string, type: SqlType): string =>
    type === 'BOOLEAN'
      ? `case lower(@${column}) when '' then null when 'true' then 1 when 'false' then 0 else @${column} end`
      : `nullif(@${column}, '')`
  await server.load(
    `load data local infile 'rows' ignore into table ${DATABASE}.${name}
      fields terminated by ',' optionally enclosed by '"' escaped by '' ignore 1 lines
      (${columns.map((column) => `@${column.name}`).join(', ')})
      set ${columns.map(({ name: column, type }) => `${column} = ${value(column, type)}`).join(', ')}`,
    file,
  )
}

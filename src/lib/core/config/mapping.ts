import type { SourceTable, SourceTableName } from '../model.js'

/** Where a source names things otherwise than the model, or holds them in another form. */
export type SourceMapping = { [Table in SourceTableName]?: TableMapping | undefined }

export interface TableMapping {
  /** The name of the file without `.csv`, or of the table in the database. */
  table?: string | undefined
  /** For columns of the model: an expression in SQL over the source's own columns, all of them texts. */
  columns?: Readonly<Record<string, string | undefined>> | undefined
}

/** What the source calls a table. */
export function sourceTableName(mapping: SourceMapping, { name }: SourceTable): string {
  return mapping[name]?.table ?? name
}

/** True where columns of a table are made of others, and not only its name is another. */
export function isMapped(mapping: SourceMapping, name: SourceTableName): boolean {
  return Object.keys(mapping[name]?.columns ?? {}).length > 0
}

/** The columns of a table that are mapped, in the order of the model, with their expressions. */
export function mappedColumns(mapping: SourceMapping, table: SourceTable): [column: string, expression: string][] {
  const columns = mapping[table.name]?.columns ?? {}
  return table.columns.flatMap(({ name }) => {
    const expression = columns[name]
    return expression === undefined ? [] : [[name, expression] as [string, string]]
  })
}

import type { SourceTable } from '../model.js'
import { ident, literal } from './names.js'

/** A position of a table's bookmark as a value of its column. */
export function positionValue({ bookmark, columns }: SourceTable, position: string): string {
  return `cast(${literal(position)} as ${columns.find(({ name }) => name === bookmark.column)?.type})`
}

/**
 * The condition that a row is read from a position on: what lies beyond it and, where the bookmark is inclusive, at it.
 * @param row what stands before the name of the column, such as `s.`
 */
export function readFrom(table: SourceTable, position: string, row = ''): string {
  const { column, inclusive } = table.bookmark
  return `${row}${ident(column)} ${inclusive ? '>=' : '>'} ${positionValue(table, position)}`
}

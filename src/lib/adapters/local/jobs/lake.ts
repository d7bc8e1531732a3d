import { join } from 'node:path'
import type { Column, SourceTable } from '../../../core/model.js'
import type { LakeFile, Manifest } from '../../../core/run/manifest.js'
import { columnNames, lakeColumns, REJECT_COLUMNS } from '../../../core/sql/ddl.js'
import { ident, literal } from '../../../core/sql/names.js'
import { parquetFiles } from '../engine/readers.js'

/** The rows of a table's files in the lake, as a relation; none where there are no files. */
export function lakeRelation(home: string, table: SourceTable, files: readonly LakeFile[]): string {
  return relation(home, lakeColumns(table), files)
}

/** The rows of all files of rejects of a manifest, with the `table_name` that each is of. */
export function rejectsRelation(home: string, { tables }: Manifest): string {
  const parts = tables
    .filter(({ rejected_files }) => rejected_files.length > 0)
    .map(
      ({ table, rejected_files }) =>
        `select ${literal(table)} as table_name, r.* from ${relation(home, REJECT_COLUMNS, rejected_files)} r`,
    )
  return parts.length > 0
    ? `(${parts.join(' union all ')})`
    : `(select '' as table_name, r.* from ${nothing(REJECT_COLUMNS)} r)`
}

function relation(home: string, columns: readonly Column[], files: readonly LakeFile[]): string {
  if (files.length === 0) return nothing(columns)
  return `(select ${columnNames(columns)} from ${parquetFiles(files.map(({ path }) => join(home, path)))})`
}

/** A relation of these columns without rows. */
function nothing(columns: readonly Column[]): string {
  const values = columns.map(({ name, type }) => `cast(null as ${type}) as ${ident(name)}`)
  return `(select ${values.join(', ')} where false)`
}

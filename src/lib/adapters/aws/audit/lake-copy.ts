import type { Column } from '../../../core/model.js'
import { SOURCE_TABLES, type SourceTable } from '../../../core/model.js'
import { COPIED_REJECTS, copiedColumns } from '../../../core/release/redshift-tables.js'
import type { LakeFile } from '../../../core/run/manifest.js'
import { columnNames, createTable, lakeColumns } from '../../../core/sql/ddl.js'
import type { LakeRows } from '../../../core/sql/lake-content.js'
import { ident, literal } from '../../../core/sql/names.js'
import { type Load, seqsOf } from '../../../core/verify/loads.js'

export const REJECTS = 'rejects'

/** Files of the lake that are copied into a temporary table for as long as they are looked at. */
export interface Copy {
  /** A source table, or `rejects`. */
  name: string
  files: readonly LakeFile[]
}

export function copyTable(name: string): string {
  return `audit_${name}`
}

/** Statements that make the table and fill it. @param url of the list of files */
export function copyStatements({ name, files }: Copy, url: string, role: string): string[] {
  const table = SOURCE_TABLES.find((one) => one.name === name)
  const columns: readonly Column[] = table ? copiedColumns(table) : COPIED_REJECTS
  const made = createTable(copyTable(name), columns).replace('create table if not exists', 'create temp table')
  const [key] = table?.key ?? []
  const placed = key === undefined ? made : `${made} diststyle key distkey (${ident(key)})`
  const copy = `copy ${copyTable(name)} from ${literal(url)} iam_role ${literal(role)} format as parquet manifest`
  return files.length === 0 ? [placed] : [placed, copy]
}

/** The list of files that COPY reads. */
export function copyList(files: readonly LakeFile[], bucket: string): string {
  const entries = files.map(({ path, bytes }) => ({
    url: `s3://${bucket}/${path}`,
    mandatory: true,
    meta: { content_length: bytes },
  }))
  return JSON.stringify({ entries })
}

/** What was copied of a table: the rows of the oldest load, and those of the others in the order of loads. */
export function copiedRows(table: SourceTable, loads: readonly Load[]): LakeRows {
  const [first, ...others] = loads as [Load, ...Load[]]
  const columns = columnNames(lakeColumns(table))
  const rows = `(select ${columns} from ${copyTable(table.name)} where _run_id = ${literal(first.runId)})`
  const order = `(select run_id, min(seq) as rank from raw_data.load_log where table_name = ${literal(table.name)} group by run_id)`
  const later = `(select ${columnNames(lakeColumns(table), 'c.')}, g.run_id, g.rank
      from ${copyTable(table.name)} c join ${order} g on g.run_id = c._run_id where c._run_id <> ${literal(first.runId)})`
  return {
    first: { runId: first.runId, seqs: seqsOf(first, table), rows },
    ...(others.length > 0 ? { later } : {}),
  }
}

/** The rejects of a table that were copied, as `quarantineContentQuery` takes them. */
export function copiedRejects(table: SourceTable): string {
  return `(select rule, key_text, row_text, occurrence, _deleted, _run_id as run_id from ${copyTable(REJECTS)} where table_name = ${literal(table.name)})`
}

import { extname, resolve } from 'node:path'
import { EtlError } from '../core/errors.js'
import { METRICS } from '../core/metrics/metrics.js'
import { ident } from '../core/sql/names.js'
import { findRelation, type Relation } from '../core/words/relations.js'
import { shellWord } from '../core/words/shell-word.js'
import type { FileFormat, Warehouse } from '../ports/warehouse.js'
import { assertFolder } from './output-file.js'

const FORMATS: readonly FileFormat[] = ['csv', 'jsonl', 'parquet']

export interface Exported {
  relation: string
  file: string
  format: FileFormat
  rows: number
}

/** The format that a file's ending names. @throws EtlError USAGE */
export function exportFormat(file: string): FileFormat {
  const ending = extname(file).slice(1).toLowerCase()
  const format = FORMATS.find((name) => name === ending)
  if (format) return format
  throw usage(
    `${file} ends in ${ending ? `.${ending}` : 'nothing'}, which names no format: it is one of .csv, .jsonl, .parquet`,
    'rental-etl export presentation.vw_occupancy_rate_monthly --to occupancy.csv',
  )
}

/** @throws EtlError USAGE for a file that is there and may not be replaced, and for a folder; NOT_FOUND without its folder */
export async function assertWritable(relation: string, file: string, replace: boolean): Promise<void> {
  if ((await assertFolder(file)) && !replace)
    throw usage(
      `${file} is there already: --yes replaces it`,
      `rental-etl export ${shellWord(relation)} --to ${shellWord(file)} --yes`,
    )
}

/** Writes all rows of a relation to a file, which is there only once it is whole. @throws EtlError NOT_FOUND, IO */
export async function exportRelation(warehouse: Warehouse, asked: string, file: string): Promise<Exported> {
  const format = exportFormat(file)
  const relation = findRelation(
    asked,
    await warehouse.relations(),
    (near) => `rental-etl export ${shellWord(near)} --to ${shellWord(file)}`,
  )
  const rows = await warehouse.exportTo(exportQuery(relation, format), resolve(file), format)
  return { relation: `${relation.schema}.${relation.name}`, file, format, rows }
}

/** Text formats hold the cells that `query` shows; Parquet holds the types. Views are put in their order. */
export function exportQuery({ schema, name, columns }: Relation, format: FileFormat): string {
  const metric = schema === 'presentation' ? METRICS.find(({ view }) => view === name) : undefined
  const order = metric ? [metric.period, ...metric.order].map((column) => `${ident(column)} nulls last`).join(', ') : ''
  const cells = columns.map((column) => cell(column, format)).join(', ')
  return `select ${cells} from ${ident(schema)}.${ident(name)} as r${order ? ` order by ${order}` : ''}`
}

function cell({ name, type }: Relation['columns'][number], format: FileFormat): string {
  const column = `r.${ident(name)}`
  if (format !== 'parquet') {
    if (/^timestamp/i.test(type)) return `replace(cast(${column} as varchar), ' ', 'T') || 'Z' as ${ident(name)}`
    if (format === 'jsonl' && /^(bigint|decimal)/i.test(type)) return `cast(${column} as varchar) as ${ident(name)}`
  }
  return column
}

function usage(message: string, suggestion: string): EtlError {
  return new EtlError(message, { code: 'USAGE', suggestions: [suggestion] })
}

import { EtlError } from '../../core/errors.js'
import type { OpenTable } from './source.js'

/** How the columns of a source's table differ from the model's. */
export interface TableColumns {
  /** Name of the table in the model. */
  table: string
  /** Required columns that are not there. */
  missingRequired: string[]
  /** Optional columns that are not there: their values are NULL. */
  absent: string[]
  /** Columns that the model does not know: they are not loaded. */
  drift: string[]
}

export function columnsOf({ table, header }: Pick<OpenTable, 'table' | 'header'>): TableColumns {
  const there = new Set(header)
  const known = new Set(table.columns.map(({ name }) => name))
  const lacking = table.columns.filter(({ name }) => !there.has(name))
  return {
    table: table.name,
    missingRequired: lacking.filter(({ required }) => required).map(({ name }) => name),
    absent: lacking.filter(({ required }) => !required).map(({ name }) => name),
    drift: header.filter((name) => !known.has(name)),
  }
}

/** What a run says of columns that are absent or unknown. */
export function warningsOf({ table, absent, drift }: TableColumns): string[] {
  return [
    ...absent.map((name) => `${table}: column ${name} is not in the source; its values are NULL`),
    ...drift.map((name) => `${table}: column ${name} is not in the model; it is not loaded`),
  ]
}

/** @throws EtlError SOURCE_SCHEMA where a required column is not there */
export function assertColumns(open: Pick<OpenTable, 'table' | 'header' | 'name'>): void {
  const { missingRequired: missing } = columnsOf(open)
  if (missing.length === 0) return
  throw new EtlError(
    `${open.name} lacks the required column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}; its header is: ${open.header.join(', ')}`,
    { code: 'SOURCE_SCHEMA', suggestions: ['rental-etl doctor   # checks the headers of all files'] },
  )
}

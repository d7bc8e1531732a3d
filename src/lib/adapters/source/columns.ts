import { EtlError } from '../../core/errors.js'
import { columnText } from './column-text.js'
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

/** Unknown columns that are told one by one. */
const TOLD = 20

/** What a run says of columns that are absent or unknown. */
export function warningsOf({ table, absent, drift }: TableColumns): string[] {
  const more = drift.length - TOLD
  return [
    ...absent.map((name) => `${table}: column ${name} is not in the source; its values are NULL`),
    ...drift
      .slice(0, TOLD)
      .map(
        (name) =>
          `${table}: ${name === '' ? 'a column without a name' : `column ${columnText(name)}`} is not in the model; it is not loaded`,
      ),
    ...(more > 0 ? [`${table}: ${more} more columns are not in the model; they are not loaded`] : []),
  ]
}

/** @throws EtlError SOURCE_SCHEMA where a required column is not there */
export function assertColumns(open: Pick<OpenTable, 'table' | 'header' | 'name'>): void {
  const { missingRequired: missing } = columnsOf(open)
  if (missing.length === 0) return
  throw new EtlError(
    `${open.name} lacks the required column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}; its header is: ${headerText(open.header)}${separatorHint(open.header)}`,
    { code: 'SOURCE_SCHEMA', suggestions: ['rental-etl doctor   # checks the headers of all files'] },
  )
}

/** Names of a header that a message says. */
const LISTED = 40
const LETTERS = 200

function headerText(header: readonly string[]): string {
  const more = header.length - LISTED
  const names = header.slice(0, LISTED).map((name) => {
    const text = name === '' ? '(a column without a name)' : columnText(name)
    return text.length > LETTERS ? `${text.slice(0, LETTERS)}…` : text
  })
  return `${names.join(', ')}${more > 0 ? `, and ${more} more` : ''}`
}

const SEPARATORS: Readonly<Record<string, string>> = { ';': 'semicolons', '\t': 'tabs', '|': 'bars' }

/** A header of one name that holds what others separate fields with. */
function separatorHint([name = '', ...more]: readonly string[]): string {
  const separator = more.length === 0 ? Object.keys(SEPARATORS).find((letter) => name.includes(letter)) : undefined
  return separator ? `; is it separated by ${SEPARATORS[separator]}? it has to be commas` : ''
}

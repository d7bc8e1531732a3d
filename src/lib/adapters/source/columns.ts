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

/** What a run says of columns that are absent or unknown: a line for each kind. */
export function warningsOf({ table, absent, drift }: TableColumns): string[] {
  return [
    ...told(table, absent, 'not in the source', ['its values are', 'their values are'], 'NULL'),
    ...told(table, drift, 'not in the model', ['it is', 'they are'], 'not loaded'),
  ]
}

function told(
  table: string,
  names: readonly string[],
  where: string,
  subject: [string, string],
  what: string,
): string[] {
  const [name] = names
  if (name === undefined) return []
  if (names.length > 1)
    return [`${table}: ${names.length} columns are ${where}, ${subject[1]} ${what}: ${listed(names)}`]
  return [`${table}: ${name === '' ? NAMELESS : `column ${columnText(name)}`} is ${where}, ${subject[0]} ${what}`]
}

/** @throws EtlError SOURCE_SCHEMA where a required column is not there */
export function assertColumns(open: Pick<OpenTable, 'table' | 'header' | 'name'>): void {
  const message = lackText(open)
  if (message === undefined) return
  throw new EtlError(message, {
    code: 'SOURCE_SCHEMA',
    suggestions: ['rental-etl doctor   # checks the headers of all files'],
  })
}

/** Which required columns are not there, and what is there instead; undefined where none is missing. */
export function lackText({ table, header, name }: Pick<OpenTable, 'table' | 'header' | 'name'>): string | undefined {
  const { missingRequired: missing } = columnsOf({ table, header })
  if (missing.length === 0) return undefined
  const columns = `column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`
  return `${name} lacks the required ${columns}; its header is: ${listed(header)}${separatorHint(header)}`
}

const NAMELESS = 'a column without a name'

/** Names of a list that a message says. */
const LISTED = 40
const LETTERS = 200

function listed(header: readonly string[]): string {
  const more = header.length - LISTED
  const names = header.slice(0, LISTED).map((name) => {
    const text = name === '' ? `(${NAMELESS})` : columnText(name)
    return text.length > LETTERS ? `${text.slice(0, LETTERS)}…` : text
  })
  return `${names.join(', ')}${more > 0 ? `, and ${more} more` : ''}`
}

const SEPARATORS: Readonly<Record<string, string>> = { ';': 'semicolons', '\t': 'tabs', '|': 'bars' }

/** Words about a header of one name that holds what others separate fields with. */
export function separatorHint([name = '', ...more]: readonly string[]): string {
  const separator = more.length === 0 ? Object.keys(SEPARATORS).find((letter) => name.includes(letter)) : undefined
  return separator ? `; is it separated by ${SEPARATORS[separator]}? it has to be commas` : ''
}

import { EtlError } from '../errors.js'
import { CURATED_TABLES, type CuratedTable, type SourceTableName, type SqlType, sourceTable } from '../model.js'
import { ident, literal } from '../sql/names.js'
import { shellWord } from '../words/shell-word.js'

export const TRACE_KINDS = ['booking', 'listing', 'user', 'view'] as const
export type TraceKind = (typeof TRACE_KINDS)[number]

interface KindShape {
  /** Tables of the source that hold its rows; the first one is that of the row itself. */
  tables: readonly SourceTableName[]
  /** Columns of the source that hold the parts of the key, in the order of the key of the curated table. */
  columns: readonly string[]
  curated: string
  /** How the key is typed. */
  form: string
  example: string
}

const SHAPES: Readonly<Record<TraceKind, KindShape>> = {
  booking: { tables: ['bookings'], columns: ['booking_id'], curated: 'fact_bookings', form: 'ID', example: '4711' },
  listing: {
    ...{ tables: ['apartments', 'apartment_attributes'], columns: ['id'], curated: 'dim_listings' },
    ...{ form: 'ID', example: '4711' },
  },
  // A user is no row of the source: the rows are those that name it.
  user: {
    ...{ tables: ['bookings', 'user_viewing'], columns: ['user_id'], curated: 'dim_users' },
    ...{ form: 'ID', example: '4711' },
  },
  view: {
    ...{ tables: ['user_viewing'], columns: ['user_id', 'apartment_id', 'viewed_at'], curated: 'fact_user_views' },
    ...{ form: 'USER,LISTING,VIEWED_AT', example: '7,19,2026-05-01T10:00:00Z' },
  },
}

/** What is traced: a kind, and the parts of its key as an engine reads them. */
export interface TraceKey {
  kind: TraceKind
  /** As it is shown, and can be typed again. */
  text: string
  values: readonly string[]
}

export function shapeOf({ kind }: Pick<TraceKey, 'kind'>): KindShape {
  return SHAPES[kind]
}

export function curatedTableOf(key: TraceKey): CuratedTable {
  return CURATED_TABLES.find(({ name }) => name === shapeOf(key).curated) as CuratedTable
}

/** @throws EtlError USAGE with the right form */
export function traceKey(kind: TraceKind, text: string): TraceKey {
  const { columns, form, example } = SHAPES[kind]
  const parts = text.split(',')
  const values = parts.map((part, at) => canonicalValue(part, typeAt(kind, at)))
  if (parts.length !== columns.length || values.includes(undefined)) {
    const what = form === 'ID' ? 'the id is a whole number of 64 bits' : `the form is ${form}, the time in UTC`
    throw new EtlError(`${shellWord(text)} is no key of a ${kind}: ${what}, such as ${example}`, {
      code: 'USAGE',
      suggestions: ['rental-etl trace --help'],
    })
  }
  return { kind, values: values as string[], text: values.map((value) => shownValue(value as string)).join(',') }
}

/** True where the texts of a key in quarantine, joined by ` | `, are this one; a part that is no value is none. */
export function isKeyText(key: TraceKey, keyText: string): boolean {
  return isTexts(key, keyText.split(' | '))
}

/** The same of a whole row, for a user: it is no key there. Rows that do not fit their header have no names. */
export function isInRowText(key: TraceKey, rowText: string): boolean {
  const row = JSON.parse(rowText) as Record<string, string | null> | string[]
  if (Array.isArray(row)) return false
  return isTexts(
    key,
    shapeOf(key).columns.map((name) => row[name] ?? ''),
  )
}

function isTexts({ kind, values }: TraceKey, texts: readonly string[]): boolean {
  return (
    texts.length === values.length && texts.every((text, at) => canonicalValue(text, typeAt(kind, at)) === values[at])
  )
}

/** A pattern for LIKE that each text fits which `isKeyText` takes, however its numbers were written; others fit it, too. */
export function keyPattern(key: TraceKey): string {
  // A moment has several forms.
  const parts = key.values.map((value, at) => (typeAt(key.kind, at) === 'BIGINT' ? anyForm(value) : '%'))
  return literal(parts.join(' | '))
}

/** The same for `isInRowText`. */
export function rowPattern(key: TraceKey): string {
  const [name = ''] = shapeOf(key).columns
  return literal(`%"${name}":"${anyForm(key.values[0] as string)}`)
}

/** Signs, zeros and blanks may stand around the digits. */
function anyForm(value: string): string {
  return `%${value.replace('-', '')}%`
}

/** The condition that a row has the key, over columns that stand in the order of its parts. */
export function keyCondition(key: TraceKey, columns: readonly string[], prefix = ''): string {
  return columns.map((name, at) => `${prefix}${ident(name)} = ${keyValue(key, at)}`).join(' and ')
}

/** A part of the key as a value. */
export function keyValue(key: TraceKey, at: number): string {
  return `cast(${literal(key.values[at] as string)} as ${typeAt(key.kind, at)})`
}

function typeAt(kind: TraceKind, at: number): SqlType | undefined {
  const { tables, columns } = SHAPES[kind]
  return sourceTable(tables[0] as string).columns.find(({ name }) => name === columns[at])?.type
}

const LARGEST = 2n ** 63n
const MOMENT =
  /^(?:(\d{4})-(\d\d)-(\d\d)|(\d\d)\/(\d\d)\/(\d{4}))(?:[ T]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,6}))?)?Z?$/

/** A text of the source as an engine reads it; undefined for what is no value of the type (semantics.md §1). */
function canonicalValue(text: string, type: SqlType | undefined): string | undefined {
  const bare = text.replaceAll(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
  if (type !== 'TIMESTAMP') {
    const digits = /^([+-]?\d+)(?:\.0*)?$/.exec(bare)?.[1]
    const id = digits === undefined ? undefined : BigInt(digits.replace('+', ''))
    return id === undefined || id < -LARGEST || id >= LARGEST ? undefined : String(id)
  }
  const [, year, month, day, lastDay, lastMonth, lastYear, time = '00:00:00', fraction = ''] = MOMENT.exec(bare) ?? []
  const date = `${year ?? lastYear}-${month ?? lastMonth}-${day ?? lastDay}`
  const there = new Date(`${date}T00:00:00Z`)
  if (Number.isNaN(there.getTime()) || there.toISOString().slice(0, 10) !== date) return undefined
  if (date < '1900-01-01' || date > '2199-12-31') return undefined
  const rest = fraction.replace(/0+$/, '')
  return `${date} ${time}${rest === '' ? '' : `.${rest}`}`
}

/** Moments as JSON shows them. */
function shownValue(value: string): string {
  return value.includes(' ') ? `${value.replace(' ', 'T')}Z` : value
}

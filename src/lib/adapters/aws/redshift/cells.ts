import type { ColumnMetadata, Field } from '@aws-sdk/client-redshift-data'
import type { Cell, ResultColumn } from '../../../ports/warehouse.js'

/** Our names of types, by those of results. */
const OF_RESULTS: Readonly<Record<string, string>> = {
  bool: 'BOOLEAN',
  bpchar: 'VARCHAR',
  char: 'VARCHAR',
  date: 'DATE',
  float4: 'DOUBLE',
  float8: 'DOUBLE',
  int2: 'INTEGER',
  int4: 'INTEGER',
  int8: 'BIGINT',
  name: 'VARCHAR',
  oid: 'BIGINT',
  text: 'VARCHAR',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMP WITH TIME ZONE',
  unknown: 'VARCHAR',
  varchar: 'VARCHAR',
}
/** The same by those of `svv_redshift_columns`. */
const OF_TABLES: Readonly<Record<string, string>> = {
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  character: 'VARCHAR',
  'character varying': 'VARCHAR',
  date: 'DATE',
  'double precision': 'DOUBLE',
  integer: 'INTEGER',
  real: 'DOUBLE',
  smallint: 'INTEGER',
  text: 'VARCHAR',
  'timestamp without time zone': 'TIMESTAMP',
  'timestamp with time zone': 'TIMESTAMP WITH TIME ZONE',
}
const MOST_DIGITS = 38

/** Columns of a result with the type names of cli.md §3. */
export function resultColumns(columns: readonly ColumnMetadata[]): ResultColumn[] {
  return columns.map(({ label, name, typeName = '', precision = 0, scale = 0 }) => ({
    name: label || name || '',
    type: typeName === 'numeric' ? decimal(precision, scale) : (OF_RESULTS[typeName] ?? typeName.toUpperCase()),
  }))
}

/** The type of a table's column, such as `character varying(80)`. */
export function tableType(text: string): string {
  const [, name = '', precision, scale] = /^([^(]*?)(?:\((\d+)(?:,\s*(\d+))?\))?$/.exec(text.toLowerCase()) ?? [
    '',
    text,
  ]
  if (name === 'numeric' || name === 'decimal') return decimal(Number(precision ?? 18), Number(scale ?? 0))
  return OF_TABLES[name] ?? text.toUpperCase()
}

/** A sum of BIGINT is the widest decimal without a fraction; cli.md has no integer beyond BIGINT. */
function decimal(precision: number, scale: number): string {
  return precision >= MOST_DIGITS && scale === 0 ? 'BIGINT' : `DECIMAL(${precision},${scale})`
}

/** The one mapper from a field of a result to a cell, chosen once per column. */
export function cellMapper(type: string): (field: Field) => Cell {
  const value = valueMapper(type)
  return (field) => (field.isNull ? null : value(field))
}

function valueMapper(type: string): (field: Field) => Cell {
  if (type === 'BIGINT' || type.startsWith('DECIMAL')) return (field) => String(plain(field))
  if (type === 'TIMESTAMP' || type === 'TIMESTAMP WITH TIME ZONE') return (field) => rfc3339(String(plain(field)))
  if (type === 'DOUBLE') {
    // JSON has no word for NaN and the infinities.
    return (field) => (Number.isFinite(Number(plain(field))) ? Number(plain(field)) : String(plain(field)))
  }
  return plain
}

/** What is in a field, of whichever kind it is. */
function plain(field: Field): string | number | boolean {
  const { stringValue, longValue, doubleValue, booleanValue, blobValue } = field
  const bytes = blobValue === undefined ? undefined : Buffer.from(blobValue).toString('hex')
  return stringValue ?? longValue ?? doubleValue ?? booleanValue ?? bytes ?? ''
}

const OFFSET = /([+-])(\d{2})(?::?(\d{2}))?$/

/** `2024-05-01 10:00:00.50` as `2024-05-01T10:00:00.5Z`; a zero fraction is left out, and an offset is taken away. */
function rfc3339(text: string): string {
  const [time = '', fraction = ''] = text.replace(' ', 'T').split('.')
  const [, sign, hours, minutes = '0'] = OFFSET.exec(text.slice('2024-05-01'.length)) ?? []
  const rest = fraction.replace(OFFSET, '').replace(/0+$/, '')
  const plainTime = time.slice(0, '2024-05-01T10:00:00'.length)
  const away = (Number(hours ?? 0) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1)
  const moment =
    away === 0 ? plainTime : new Date(Date.parse(`${plainTime}Z`) - away * 60_000).toISOString().slice(0, 19)
  return `${moment}${rest === '' ? '' : `.${rest}`}Z`
}

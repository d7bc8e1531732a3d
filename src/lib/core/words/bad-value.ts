import { SOURCE_TABLES, type SqlType } from '../model.js'

const DATES = 'YYYY-MM-DD or DD/MM/YYYY'
const FORMS: Record<string, string> = {
  BOOLEAN: 'it takes 1 0 true false t f yes no y n',
  DATE: `it takes ${DATES}`,
  TIMESTAMP: `it takes ${DATES}, with HH:MM:SS and in UTC`,
  BIGINT: 'it takes digits with a sign, and no fraction but zeros',
  INTEGER: 'it takes digits with a sign, and no fraction but zeros',
  DECIMAL: 'it takes digits with a sign and a point, and no currency, separators or exponent',
}
/** The form of a number, as the typing takes it. */
export const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)$/
/** That of one without a fraction. */
export const WHOLE = /^[+-]?(\d+(\.0*)?|\.0+)$/
const DAY = /^(\d{4}-\d\d-\d\d|\d\d\/\d\d\/\d{4})/

/**
 * Why a row of the source did not make it into raw, in a line.
 * @param row its texts by column, or in order only
 * @param header the header's number of fields, where it is known
 */
export function whyQuarantined(
  table: string,
  rule: string,
  row: Record<string, string | null> | (string | null)[],
  header?: number,
): string | undefined {
  const columns = SOURCE_TABLES.find(({ name }) => name === table)?.columns ?? []
  const [kind, name = ''] = rule.split(':')
  if (kind === 'bad_row') return Array.isArray(row) ? fieldsText(row.length, header, columns.length) : undefined
  if (kind === 'null_key') return `the key column ${name} is NULL`
  const type = columns.find((column) => column.name === name)?.type
  const text = Array.isArray(row) ? undefined : row[name]
  return type === undefined || typeof text !== 'string' ? undefined : valueText(text, type)
}

function fieldsText(found: number, header: number | undefined, columns: number): string {
  if (header !== undefined) return `${header} fields expected, ${found} found`
  return `${found} fields found, which is not the header's number; the table has ${columns} columns`
}

function valueText(text: string, type: SqlType): string {
  const base = type.replace(/\(.*/, '')
  const trimmed = text.trim()
  const shown = trimmed === '' ? 'an empty value' : trimmed
  const fits = base === 'DECIMAL' ? NUMBER : base === 'BIGINT' || base === 'INTEGER' ? WHOLE : undefined
  if (fits?.test(trimmed)) return `${shown} is too large for ${type}`
  if ((base === 'DATE' || base === 'TIMESTAMP') && DAY.test(trimmed))
    return `${shown} is no ${type}: there is no such day from 1900-01-01 to 2199-12-31, or no such time; ${FORMS[base]}`
  return `${shown} is no ${type}: ${FORMS[base] ?? 'it takes another form'}`
}

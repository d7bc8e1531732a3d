import { type Column, SOURCE_TABLES, type SourceTable, TEXT_LIMIT_BYTES } from '../model.js'
import { copiedColumns } from './redshift-tables.js'

/**
 * How the extract on AWS types one table. `sql` is a query over `{{texts}}`, a relation with `x_<column>`, the text of each
 * column of the model (NULL where it has none, or the source lacks the column); `_whole`, a struct with the texts of all
 * columns of the source, none of them NULL; and `_fault`, which is handed on. Its columns are those of the table, typed,
 * and `_rule`, `_nullified`, `_cut` (columns whose text was cut), `key_text`, `row_text` (of a bad row), `_fault`.
 */
export interface SparkTyping {
  sql: string
  /** Names and types of the columns of the files, in their order. */
  lake: readonly { name: string; type: string }[]
}

/** By source table; the session has to take times as UTC, and names as they are written. */
export function sparkTyping(): Readonly<Record<string, SparkTyping>> {
  return Object.fromEntries(
    SOURCE_TABLES.map((table) => [
      table.name,
      { sql: sparkTypedSelect(table), lake: copiedColumns(table).map(({ name, type }) => ({ name, type })) },
    ]),
  )
}

const TIME = '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]'
const ISO = `[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]${TIME}(\\.[0-9]{1,6})?Z?)?`
const SLASHED = `[0-9]{2}/[0-9]{2}/[0-9]{4}( ${TIME})?`

/** The rules of semantics.md §1 for texts of MySQL, of which none but the blank one means NULL. */
export function sparkTypedSelect(table: SourceTable): string {
  const { columns, key } = table
  const optional = columns.filter(({ required, type }) => !required && type !== 'VARCHAR')
  const texts = columns.filter(({ type }) => type === 'VARCHAR')
  const rules = columns.filter(({ required }) => required).flatMap((column) => rulesOf(column, key))
  const keyText = `concat_ws(' | ', ${key.map((name) => `coalesce(${quoted(`x_${name}`)}, '')`).join(', ')})`
  return `select ${columns.map(({ name }) => quoted(name)).join(', ')}, _rule,
    ${namesWhere(optional, isBad)} as _nullified,
    ${namesWhere(texts, ({ name }) => `octet_length(${quoted(`t_${name}`)}) > ${TEXT_LIMIT_BYTES}`)} as _cut,
    case when _rule is not null then ${cutText(keyText)} end as key_text,
    case when _rule is not null then ${cutText('to_json(_whole)')} end as row_text,
    _fault
  from (select *, case ${rules.join(' ')} end as _rule
  from (select *, ${columns.map((column) => `${value(column)} as ${quoted(column.name)}`).join(',\n    ')}
  from (select *, ${columns.map(({ name }) => `${trimmed(quoted(`x_${name}`))} as ${quoted(`t_${name}`)}`).join(', ')}
  from {{texts}})))`
}

/** A text literal of Spark, in which a backslash escapes what follows it. */
export function sparkLiteral(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&').replaceAll('\t', '\\t').replaceAll('\r', '\\r').replaceAll('\n', '\\n')}'`
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

/** Nothing but space, tab, CR and LF: a no-break space stays. */
function trimmed(text: string): string {
  return `trim(both ${sparkLiteral(' \t\r\n')} from ${text})`
}

/** True where the whole of a text has a form: Spark looks for it anywhere, and `$` is also before a line end. */
function hasForm(text: string, form: string): string {
  return `${text} rlike ${sparkLiteral(`\\A(?:${form})\\z`)}`
}

/** Rules of one required column, most specific first; keys may not be NULL. */
function rulesOf(column: Column, key: readonly string[]): string[] {
  const { name, type } = column
  const bad = type === 'VARCHAR' ? [] : [`when ${isBad(column)} then ${sparkLiteral(`bad_value:${name}`)}`]
  return key.includes(name) ? [...bad, `when ${quoted(name)} is null then ${sparkLiteral(`null_key:${name}`)}`] : bad
}

/** True for a text that is no value of its type and not blank either. */
function isBad({ name }: Column): string {
  return `(${quoted(name)} is null and coalesce(${quoted(`t_${name}`)}, '') <> '')`
}

/** The names of those columns for which a condition holds; NULL where there are none. */
function namesWhere(columns: readonly Column[], holds: (column: Column) => string): string {
  if (columns.length === 0) return 'cast(null as string)'
  const names = columns.map((column) => `case when ${holds(column)} then ${sparkLiteral(column.name)} end`)
  return `nullif(concat_ws(',', ${names.join(', ')}), '')`
}

/** The typed value of a text: NULL for a blank one and for bad values alike. */
function value({ name, type }: Column): string {
  const text = quoted(`t_${name}`)
  switch (type) {
    case 'VARCHAR':
      return `case when ${text} = '' then null else ${cutText(text)} end`
    case 'BOOLEAN':
      return `case when lower(${text}) in ('1', 'true', 't', 'yes', 'y') then true when lower(${text}) in ('0', 'false', 'f', 'no', 'n') then false end`
    case 'BIGINT':
    case 'INTEGER':
      return integerValue(text, type)
    case 'DATE':
    case 'TIMESTAMP':
      return timeValue(text, type)
    default:
      return `case when ${hasForm(text, '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)')} then try_cast(${text} as ${type}) end`
  }
}

/** Digits with a fraction of zeros only, which is cut off. */
function integerValue(text: string, type: 'BIGINT' | 'INTEGER'): string {
  return `case when ${hasForm(text, '[+-]?[0-9]+(\\.0*)?')} then try_cast(substring_index(${text}, '.', 1) as ${type}) when ${hasForm(text, '[+-]?\\.0+')} then cast(0 as ${type}) end`
}

function timeValue(text: string, type: 'DATE' | 'TIMESTAMP'): string {
  const iso = `replace(replace(${text}, 'T', ' '), 'Z', '')`
  const slashed = `concat(substr(${text}, 7, 4), '-', substr(${text}, 4, 2), '-', substr(${text}, 1, 2), substr(${text}, 11))`
  const checked = (form: string): string => {
    const moment = `try_cast(${form} as timestamp)`
    return `case when cast(${moment} as date) between date'1900-01-01' and date'2199-12-31' then cast(${moment} as ${type}) end`
  }
  return `case when ${hasForm(text, ISO)} then ${checked(iso)} when ${hasForm(text, SLASHED)} then ${checked(slashed)} end`
}

/** The longest start of a text within the limit: a letter has at most 4 bytes, of which all but the first begin with the bits 10. */
function cutText(text: string): string {
  const bytes = `encode(${text}, 'UTF-8')`
  const fits = (length: number): string =>
    `hex(substring(${bytes}, ${length + 1}, 1)) not between '80' and 'BF' then ${length}`
  const lengths = [0, 1, 2].map((back) => `when ${fits(TEXT_LIMIT_BYTES - back)}`)
  const length = `case ${lengths.join(' ')} else ${TEXT_LIMIT_BYTES - 3} end`
  return `case when octet_length(${text}) > ${TEXT_LIMIT_BYTES} then cast(substring(${bytes}, 1, ${length}) as string) else ${text} end`
}

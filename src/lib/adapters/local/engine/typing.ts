import { type Column, type SourceTable, TEXT_LIMIT_BYTES } from '../../../core/model.js'
import { ident, literal } from '../../../core/sql/names.js'

/** Of the rules below: raised when the same text may give another value, or another row may be bad. */
export const TYPING_VERSION = 1

/** What is trimmed from every value: space, tab, CR, LF. Nothing else: a no-break space stays. */
const BLANKS = literal(' \t\r\n')

/** What means NULL (semantics.md §1): as it stands, and, in columns that are no text, in any case. */
interface NullWords {
  exact: readonly string[]
  anyCase: readonly string[]
}

const NULLS: Readonly<Record<'csv' | 'mysql', NullWords>> = {
  csv: { exact: ['', '\\N'], anyCase: ['null', 'none', 'nan', 'n/a'] },
  mysql: { exact: [''], anyCase: [] },
}

const TIME = '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]'
const ISO = `[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]${TIME}(\\.[0-9]{1,6})?Z?)?`
const SLASHED = `[0-9]{2}/[0-9]{2}/[0-9]{4}( ${TIME})?`

/**
 * SQL that types a relation of texts, one VARCHAR column per source column, by the rules of semantics.md §1.
 *
 * Each value first takes the fast way: where casting it and printing it again gives the same text, the cast is right.
 * (The cast alone is not: it lets `1e3`, `1_000`, `0x1F`, `1.5` for integers and `24:00:00` pass.) All else takes the
 * slow rules, which look at the trimmed text's form first. CASE evaluates them for the remaining rows only.
 */
export interface TypedSelect {
  /**
   * One row per row of the relation: the typed columns, `_rule`, `_nullified`, and the texts as `x_<n>` by place in the
   * header.
   */
  sql: string
  /** The key's texts as in the source, joined by ` | `; an expression over `sql`. */
  keyText: string
  /** The row whole, as a JSON object of column and text; an expression over `sql`. */
  rowText: string
  /** The text of a column, an expression over `sql`; undefined where the source lacks the column. */
  textOf(column: string): string | undefined
  /** An ORDER BY over the typed columns, in which the last of several rows of a key survives; empty: as they stand. */
  order: string
}

/** Texts of a table, as its reader found them. */
export interface TextRelation {
  /** A FROM-clause with the VARCHAR columns `x_0`, `x_1`, …, one per name in `header`: names may be empty, or differ in case only. */
  relation: string
  /** Names of all columns, known to the model or not. */
  header: readonly string[]
  /** No field begins or ends with a blank. */
  trimmed: boolean
  /** Which words mean NULL: of MySQL none does, but for the empty text. */
  words: 'csv' | 'mysql'
  /** The last of several rows of a key is the one that stands last; otherwise the greatest by canonical text. */
  ordered: boolean
  /** A FROM-clause with the same rows, whose columns have the types of the model and the right values. */
  plain?: string
}

/** The rows of a relation, typed: as the engine has read them, or by the rules. */
export function rowsSelect(table: SourceTable, source: TextRelation): TypedSelect {
  return source.plain === undefined ? typedSelect(table, source) : plainSelect(table, source, source.plain)
}

/** No row of it is bad, and no value: its texts alone have rules. */
function plainSelect(
  table: SourceTable,
  { header, trimmed: bare, words, ordered }: TextRelation,
  plain: string,
): TypedSelect {
  const textOf = placesOf(header)
  const values = table.columns.map(({ name, type }) => {
    const text = textOf(name)
    if (text === undefined) return `cast(null as ${type}) as ${ident(name)}`
    return `${type === 'VARCHAR' ? textValue(bare ? text : trimmed(text), NULLS[words]) : text} as ${ident(name)}`
  })
  const none = 'cast(null as varchar)'
  return {
    sql: `select ${values.join(', ')}, ${none} as "_rule", ${none} as "_nullified", ${header.map((_, at) => `x_${at}`).join(', ')} from ${plain}`,
    keyText: none,
    rowText: none,
    textOf,
    order: orderOf(table, ordered),
  }
}

/** The texts of a column by its name. */
function placesOf(header: readonly string[]): TypedSelect['textOf'] {
  return (name) => {
    const at = header.indexOf(name)
    return at < 0 ? undefined : `x_${at}`
  }
}

/** @param table the table's model */
export function typedSelect(
  table: SourceTable,
  { relation, header, trimmed: bare, words, ordered }: TextRelation,
): TypedSelect {
  const nulls = NULLS[words]
  const textOf = placesOf(header)
  const columns = table.columns.map((column, at) => ({
    ...column,
    at,
    text: textOf(column.name),
    value: ident(column.name),
  }))
  const here = columns.filter((column): column is Present => column.text !== undefined)
  const cast = here.filter(({ type }) => type !== 'VARCHAR' && type !== 'BOOLEAN')
  const values = columns.map(
    (column) =>
      `${isPresent(column) ? typedValue(column, bare, nulls) : `cast(null as ${column.type})`} as ${column.value}`,
  )
  const rules = here.filter((column) => column.required).flatMap((column) => rulesOf(column, table, nulls))
  const nullable = here.filter((column) => !column.required && column.type !== 'VARCHAR')
  const bad = nullable.map(({ at }) => `b_${at}`)
  const names = nullable.map((column, at) => `case when ${bad[at]} then ${literal(column.name)} end`)
  const nullified =
    nullable.length === 0
      ? 'cast(null as varchar)'
      : `case when ${bad.join(' or ')} then concat_ws(',', ${names.join(', ')}) end`
  // Step by step, each over the one before: the engine evaluates an expression as often as it is written in one step.
  const steps = [
    here.map(({ text, type, at }) =>
      type === 'VARCHAR'
        ? `${bare ? text : trimmed(text)} as v_${at}`
        : type === 'BOOLEAN'
          ? ''
          : `try_cast(${text} as ${type}) as v_${at}`,
    ),
    cast.map(({ at }) => `cast(v_${at} as varchar) as p_${at}`),
    cast.map((column) => `${isPlain(column)} as k_${column.at}`),
    values,
    nullable.map((column) => `${isBad(column.text, column.value, nulls)} as b_${column.at}`),
  ]
  const typed = steps.reduce((from, expressions) => {
    const added = expressions.filter((expression) => expression !== '')
    return added.length === 0 ? from : `(select *, ${added.join(',\n    ')} from ${from})`
  }, relation)
  return {
    sql: `select ${columns.map(({ value }) => value).join(', ')},
    case ${rules.join(' ')} end as "_rule",
    ${nullified} as "_nullified",
    ${header.map((_, at) => `x_${at}`).join(', ')}
  from ${typed}`,
    keyText: table.key.map((name) => `coalesce(${textOf(name)}, '')`).join(` || ' | ' || `),
    rowText: `cast(json_object(${inModelOrder(table, header)
      .map((name) => `${literal(name)}, coalesce(x_${header.indexOf(name)}, '')`)
      .join(', ')}) as varchar)`,
    textOf,
    order: orderOf(table, ordered),
  }
}

function orderOf({ columns }: SourceTable, ordered: boolean): string {
  return ordered ? '' : `order by ${columns.map(canonicalText).join(', ')}`
}

/** The same on every engine. NULL is the lowest. */
function canonicalText({ name }: Column): string {
  return `coalesce(cast(${ident(name)} as varchar), '')`
}

/** The order of a file's columns does not matter: a bad row stays the same when it changes. */
function inModelOrder(table: SourceTable, header: readonly string[]): string[] {
  const known = table.columns.map(({ name }) => name).filter((name) => header.includes(name))
  return [...known, ...header.filter((name) => !known.includes(name)).toSorted()]
}

interface Present extends Column {
  /**
   * Place in the model, by which the steps name their columns: `v_<n>` cast, `p_<n>` printed again, `k_<n>` whether that is
   * right, `b_<n>` whether an optional one is bad.
   */
  at: number
  text: string
  value: string
}

function isPresent<Any extends { text: string | undefined }>(column: Any): column is Any & { text: string } {
  return column.text !== undefined
}

/** True where the cast is right: it prints as the text, but for zeros that a decimal may lack, and `T` and `Z` of a timestamp. */
function isPlain({ at, text, type }: Present): string {
  const other = otherForm(text, type)
  const same = `case when p_${at} = ${text} then true${other ? ` when p_${at} is null then false else p_${at} ${other}` : ' else false'} end`
  if (type !== 'DATE' && type !== 'TIMESTAMP') return same
  return `v_${at} >= ${type.toLowerCase()} '1900-01-01' and v_${at} < ${type.toLowerCase()} '2200-01-01' and ${same}`
}

function otherForm(text: string, type: Column['type']): string | undefined {
  if (type === 'TIMESTAMP') return `= replace(replace(${text}, 'T', ' '), 'Z', '')`
  const scale = /^DECIMAL\(\d+,(\d+)\)$/.exec(type)?.[1]
  if (scale === undefined) return undefined
  const zeros = Array.from({ length: Number(scale) - 1 }, (_, at) => '0'.repeat(at + 1))
  return `in (${[`.${'0'.repeat(Number(scale))}`, ...zeros].map((tail) => `${text} || '${tail}'`).join(', ')})`
}

/** Rules of one required column, most specific first; keys may not be NULL. */
function rulesOf({ value, ...column }: Present, table: SourceTable, nulls: NullWords): string[] {
  const bad =
    column.type === 'VARCHAR' ? [] : [`when ${isBad(column.text, value, nulls)} then 'bad_value:${column.name}'`]
  return table.key.includes(column.name) ? [...bad, `when ${value} is null then 'null_key:${column.name}'`] : bad
}

/** True for a text that is neither a value of its type nor one of the words for NULL. */
function isBad(text: string, value: string, nulls: NullWords): string {
  return `case when ${value} is null then not (${isNull(trimmed(text), nulls)}) else false end`
}

function isNull(text: string, { exact, anyCase }: NullWords): string {
  const words = anyCase.length === 0 ? '' : ` or ${isOneOf(`lower(${text})`, anyCase)}`
  return `${text} is null or ${isOneOf(text, exact)}${words}`
}

function trimmed(text: string): string {
  return `trim(${text}, ${BLANKS})`
}

/** The typed value of a text: NULL for the words that mean it and for bad values alike. */
function typedValue({ at, text, type }: Present, bare: boolean, nulls: NullWords): string {
  if (type === 'VARCHAR') return textValue(`v_${at}`, nulls)
  if (type === 'BOOLEAN') return booleanValue(text)
  return `case when k_${at} then v_${at} else ${slowValue(bare ? text : trimmed(text), type)} end`
}

function inCalendar(date: string): string {
  return `${date} between date '1900-01-01' and date '2199-12-31'`
}

function textValue(value: string, { exact, anyCase }: NullWords): string {
  const word = anyCase.includes('null') ? ` or (strlen(${value}) = 4 and lower(${value}) = 'null')` : ''
  return `case when ${isOneOf(value, exact)}${word} then null when strlen(${value}) > ${TEXT_LIMIT_BYTES} then ${cutText(value)} else ${value} end`
}

/** The longest start of a text within the limit: a cut inside a character (at most 4 bytes) does not decode. */
function cutText(text: string): string {
  const cuts = [0, 1, 2, 3].map((back) => `try(decode(encode(${text})[1:${TEXT_LIMIT_BYTES - back}]))`)
  return `coalesce(${cuts.join(', ')})`
}

/** A condition on a raw text that `textValue` cuts. */
export function isCut(text: string): string {
  return `strlen(${trimmed(text)}) > ${TEXT_LIMIT_BYTES}`
}

function booleanValue(text: string): string {
  const word = `lower(${trimmed(text)})`
  const plain = `when ${isOneOf(text, ['1', 'true'])} then true when ${isOneOf(text, ['0', 'false'])} then false`
  return `case ${plain} when ${isOneOf(word, ['1', 'true', 't', 'yes', 'y'])} then true when ${isOneOf(word, ['0', 'false', 'f', 'no', 'n'])} then false end`
}

/** Not IN: the engine makes a join of five words or more, and a join gives up the order of the file, which decides between copies. */
function isOneOf(text: string, words: readonly string[]): string {
  return `(${words.map((word) => `${text} = ${literal(word)}`).join(' or ')})`
}

function slowValue(text: string, type: Column['type']): string {
  if (type === 'BIGINT' || type === 'INTEGER') return integerValue(text, type)
  if (type === 'DATE' || type === 'TIMESTAMP') return timeValue(text, type)
  return `case when regexp_full_match(${text}, '[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)') then try_cast(${text} as ${type}) end`
}

/** Digits with a fraction of zeros only; the fraction is cut off, since casting a text with one would round. */
function integerValue(text: string, type: string): string {
  return `case when regexp_full_match(${text}, '[+-]?[0-9]+(\\.0*)?') then try_cast(regexp_replace(${text}, '\\..*$', '') as ${type}) when regexp_full_match(${text}, '[+-]?\\.0+') then 0 end`
}

function timeValue(text: string, type: 'DATE' | 'TIMESTAMP'): string {
  const iso = `replace(replace(${text}, 'T', ' '), 'Z', '')`
  const slashed = `substr(${text}, 7, 4) || '-' || substr(${text}, 4, 2) || '-' || substr(${text}, 1, 2) || substr(${text}, 11)`
  const checked = (form: string): string => {
    const value = `try_cast(${form} as timestamp)`
    return `case when ${inCalendar(`cast(${value} as date)`)} then cast(${value} as ${type}) end`
  }
  return `case when regexp_full_match(${text}, '${ISO}') then ${checked(iso)} when regexp_full_match(${text}, '${SLASHED}') then ${checked(slashed)} end`
}

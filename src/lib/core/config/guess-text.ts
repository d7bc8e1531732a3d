import { SOURCE_TABLES } from '../model.js'
import type { Guess, Missing, Proposal } from './guess.js'
import type { SourceMapping } from './mapping.js'

/** Constants that a column may be in all rows; what a user of one currency or one city types. */
const CONSTANTS: Readonly<Record<string, string>> = {
  currency: 'USD',
  is_active: 'true',
  booking_status: 'confirmed',
  state: 'CA',
  cityname: 'Paris',
}

/**
 * The mapping of a proposal as `init` writes it: each line with why, and a comment for all that is not certain or not
 * there. Empty where there is nothing to say.
 * @param indent what stands before each line
 */
export function mappingYaml({ mapping, guesses, missing }: Proposal, indent: string): string {
  const lines = SOURCE_TABLES.flatMap(({ name }) =>
    tableLines(
      name,
      mapping[name],
      guesses.filter(({ table }) => table === name),
      missing.filter(({ table, required }) => table === name && required),
    ),
  )
  if (lines.length === 0) return ''
  const head = Object.keys(mapping).length > 0 ? 'mapping:' : '# mapping:'
  return ['# As `init --guess` proposes it, by names and first rows: look at it before a run.', head, ...lines]
    .map((line) => `${indent}${line}`)
    .join('\n')
}

function tableLines(
  name: string,
  entry: SourceMapping[keyof SourceMapping],
  guesses: readonly Guess[],
  missing: readonly Missing[],
): string[] {
  const why = (column: string | null): string => guesses.find((guess) => guess.column === column)?.why ?? ''
  const lacking = [
    ...guesses
      .filter(({ column, why }) => why.includes(';') && entry?.columns?.[column ?? ''] === undefined)
      .flatMap(notedLine),
    ...missing.map(({ column, why }) => missingLine(name, column, why)),
  ]
  if (!entry && guesses.length > 0) return lacking.map((line) => `  # ${name}.${line}`)
  if (!entry) return lacking.map((line) => `  # ${line}`)
  const columns = Object.entries(entry.columns ?? {})
  return [
    `  ${name}:`,
    ...(entry.table === undefined ? [] : [`    table: ${scalar(entry.table)}${comment(why(null))}`]),
    ...(columns.length === 0 ? [] : ['    columns:']),
    ...columns.map(([column, text]) => `      ${column}: ${scalar(text ?? '')}${comment(why(column))}`),
    ...lacking.map((line) => `      # ${line}`),
  ]
}

/** Of a column that needs no mapping, and yet there is something to say. */
function notedLine({ column, why }: Guess): string[] {
  return column === null ? [] : [oneLine(`${column}: ${why}`)]
}

function missingLine(table: string, column: string | null, why: string): string {
  if (column === null) return oneLine(`${table}: ${why}; give its name with \`table:\``)
  return oneLine(`${column}: ${why}; ${wayOut(column)}`)
}

/** How a required column that is not there is given. */
export function wayOut(column: string): string {
  const constant = CONSTANTS[column]
  return constant === undefined
    ? 'give a column or an expression'
    : `give a constant such as "'${constant}'", or a column`
}

function comment(why: string): string {
  return why === '' ? '' : oneLine(`   # ${why}`)
}

/** Words that YAML, or a reader of it, takes for something else than a text. */
const SPECIAL = /^(true|false|null|yes|no|on|off|y|n)$/i

function scalar(text: string): string {
  if (/^[a-z_]\w*$/i.test(text) && !SPECIAL.test(text)) return text
  if (/^[^'\n]*"[^'\n]*$/.test(text) && !/\p{C}/u.test(text)) return `'${text}'`
  return JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff]/g, escaped)
}

function escaped(letter: string): string {
  return `\\u${(letter.codePointAt(0) as number).toString(16).padStart(4, '0')}`
}

/** A comment ends with its line, and names of a source may hold anything. */
function oneLine(text: string): string {
  return text.replaceAll(/(?! )[\p{C}\p{Zl}\p{Zp}]/gu, '?')
}

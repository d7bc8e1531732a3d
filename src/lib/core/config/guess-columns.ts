import type { Column, SourceTable } from '../model.js'
import { ident } from '../sql/names.js'
import { nearest } from '../words/nearest.js'
import type { FoundColumn, FoundTable } from './found-table.js'
import { formsOf, isDoubtful, isKnown, namesOf } from './guess-names.js'
import { VALUE_WORDS } from './guess-synonyms.js'
import { fitsType, formOf } from './guess-values.js'
import type { Form } from './value-form.js'

/** A column of the model, and what of the source it is made of. */
export interface ColumnGuess {
  column: string
  /** The source's column. */
  source: string
  /** What the mapping says; undefined where the names are the same and the values fit. */
  expression: string | undefined
  why: string
  /** How sure it is, from 0 to 1. */
  certainty: number
}

/** A column of the model for which nothing was found, or nothing that is certain. */
export interface ColumnGap {
  column: string
  required: boolean
  why: string
}

export interface ColumnGuesses {
  found: ColumnGuess[]
  gaps: ColumnGap[]
}

interface Pairing {
  column: Column
  source: FoundColumn
  /** The less the better: of the very name −1, then the place among the names that it goes by. */
  rank: number
  form: Form
}

/**
 * What the columns of a table of the model are in one of the source: by their names, the nearest spelling, and their values.
 * @param key the source's column of the key, where another table of the model has chosen it already
 */
export function guessColumns(
  table: SourceTable,
  source: FoundTable,
  anyCase: boolean,
  key?: ColumnGuess,
): ColumnGuesses {
  const found: ColumnGuess[] = key ? [key] : []
  const doubts = new Map<string, string[]>()
  const isFree = ({ column, source: one }: Pairing): boolean =>
    !found.some((guess) => guess.column === column.name || guess.source === one.name)
  const named = namedPairings(table, source, anyCase)
  for (const pairing of named) {
    if (!isFree(pairing)) continue
    const others = named.filter((one) => one.column === pairing.column && one !== pairing && isFree(one))
    const also = pairing.rank < 0 ? [] : others.filter(({ rank }) => rank >= 0).map((one) => one.source.name)
    const why = pairing.rank < 0 ? 'same name' : 'by name'
    found.push(guessOf(pairing, why, 1, also.length > 0 ? [`also: ${also.join(', ')}`] : []))
  }
  for (const [why, pairings] of [
    ['similar name', similarPairings(table, source)],
    ['by values', valuePairings(table, source)],
  ] as const) {
    const open = pairings.filter(isFree)
    for (const pairing of open) {
      const rivals = open.filter(
        (one) => one !== pairing && (one.column === pairing.column || one.source === pairing.source),
      )
      if (rivals.length === 0) found.push(guessOf(pairing, why, 0.5))
      else doubts.set(pairing.column.name, [...(doubts.get(pairing.column.name) ?? []), pairing.source.name])
    }
  }
  const gaps = table.columns
    .filter(({ name }) => !found.some(({ column }) => column === name))
    .map(({ name, required }) => {
      const could = doubts.get(name)
      return { column: name, required, why: could ? `not certain: ${could.join(' or ')}?` : 'missing in the source' }
    })
  const order = table.columns.map(({ name }) => name)
  return { found: found.toSorted((a, b) => order.indexOf(a.column) - order.indexOf(b.column)), gaps }
}

function guessOf(
  { column, source, rank, form }: Pairing,
  why: string,
  certainty: number,
  more: string[] = [],
): ColumnGuess {
  const notes = [why, ...(form.note === undefined ? [] : [form.note]), ...wordsLacking(column, source), ...more]
  return {
    column: column.name,
    source: source.name,
    expression: form.kind === 'made' ? form.sql : rank < 0 ? undefined : reference(source.name),
    why: notes.join('; '),
    certainty,
  }
}

/** Only confirmed bookings are facts: a source that calls them otherwise would leave none, and what its words mean is not for us to say. */
function wordsLacking({ name }: Column, { values }: FoundColumn): string[] {
  const [confirmed] = name === 'booking_status' ? (VALUE_WORDS[name] ?? []) : []
  const words = [...new Set(values.map((text) => text.trim().toLowerCase()).filter((text) => text !== ''))]
  if (confirmed === undefined || words.length === 0 || words.includes(confirmed)) return []
  return [`none of the first rows is ${confirmed}, and only such bookings count: ${words.slice(0, 5).join(', ')}`]
}

/** Best first. A column without a name cannot be named. */
function namedPairings(table: SourceTable, source: FoundTable, anyCase: boolean): Pairing[] {
  const pairings = table.columns.flatMap((column) =>
    source.columns.flatMap((one) => {
      const rank = rankOf(table, column, one, source, anyCase)
      return rank === undefined ? [] : paired(column, one, rank)
    }),
  )
  return pairings.toSorted((a, b) => a.rank - b.rank)
}

function rankOf(
  table: SourceTable,
  { name }: Column,
  one: FoundColumn,
  source: FoundTable,
  anyCase: boolean,
): number | undefined {
  const doubtful = isDoubtful(table.name, name) && source.name !== table.name
  const same = one.name === name || (anyCase && one.name.toLowerCase() === name)
  if (same && !doubtful) return -1
  const names = namesOf(table.name, name)
  const [plain = '', ...rests] = formsOf(one.name, table.name, source.name)
  const at = names.indexOf(plain)
  if (at >= 0) return at
  const places = rests.map((rest) => names.indexOf(rest)).filter((place) => place >= 0)
  return places.length > 0 ? Math.min(...places) + 0.5 : undefined
}

/** A slip of the keys in a name, or its beginning; of a beginning of several none is the nearest. */
function similarPairings(table: SourceTable, source: FoundTable): Pairing[] {
  const known = new Map(
    table.columns.flatMap((column) => namesOf(table.name, column.name).map((name) => [name, column])),
  )
  return source.columns.flatMap((one) => {
    // One that says what it is, if of another table, is no slip: a state is no status.
    if (isKnown(one.name)) return []
    const columns = formsOf(one.name, table.name, source.name).flatMap((form) => {
      const [first, ...others] = nearest(form, [...known.keys()])
      if (first === undefined) return []
      const near = first.startsWith(form) ? [first, ...others.filter((name) => name.startsWith(form))] : [first]
      return near.map((name) => known.get(name) as Column)
    })
    return [...new Set(columns)].flatMap((column) => paired(column, one, 0))
  })
}

function valuePairings(table: SourceTable, source: FoundTable): Pairing[] {
  return table.columns.flatMap((column) => {
    const words = VALUE_WORDS[column.name]
    if (!words) return []
    return source.columns.flatMap((one) => {
      const values = one.values.map((text) => text.trim().toLowerCase()).filter((text) => text !== '')
      const fits =
        values.length > 0 && values.every((text) => words.includes(text)) && values.includes(words[0] as string)
      return fits ? paired(column, one, 0) : []
    })
  })
}

/** None where the values are of another kind; of the very name it is that column all the same. */
function paired(column: Column, source: FoundColumn, rank: number): Pairing[] {
  if (source.name === '') return []
  const { type, values } = source
  const empty = values.length === 0 && type !== undefined && !fitsType(column.type, type)
  const form: Form = empty ? { kind: 'none' } : formOf(column.type, inExpression(source.name), values)
  if (form.kind !== 'none') return [{ column, source, rank, form }]
  return rank < 0 ? [{ column, source, rank, form: { ...form, note: 'its values cannot be read' } }] : []
}

const PLAIN = /^[a-z_]\w*$/i
/** Words of SQL that a column is likely to be called by, and that then need quotes in an expression. */
const RESERVED = [
  'from',
  'to',
  'start',
  'end',
  'order',
  'date',
  'time',
  'timestamp',
  'user',
  'group',
  'check',
  'table',
  'in',
]

/** A column in an expression. */
function inExpression(name: string): string {
  return PLAIN.test(name) && !RESERVED.includes(name.toLowerCase()) ? name : ident(name)
}

/** A column alone. */
function reference(name: string): string {
  return PLAIN.test(name) ? name : ident(name)
}

import { SOURCE_TABLES, type SourceTable, type SourceTableName, sourceTable } from '../model.js'
import { nearest } from '../words/nearest.js'
import { SYNONYMS } from './guess-synonyms.js'

/** What stands in the names of tables and says nothing of what they hold. */
const NOISE = [
  'tbl',
  'table',
  'stg',
  'stage',
  'staging',
  'raw',
  'dim',
  'fact',
  'export',
  'exports',
  'dump',
  'data',
  'tab',
]

/** A column's name as names are compared: without case, blanks and signs. */
export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}

/** A table's name as names are compared: without case, signs, plural, numbers, and words that say nothing. */
export function plainTable(name: string): string {
  const words = name
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && !/^\d+$/.test(word) && !NOISE.includes(word))
  return words.map(singular).join('')
}

function singular(word: string): string {
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (word.endsWith('sses')) return word.slice(0, -2)
  return word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word
}

/** How well a table's name is that of a table of the model, from 0 to 3, and the word for it. */
export function tableMatch(name: string, table: SourceTable): { score: number; why: string } {
  if (name === table.name) return { score: 3, why: 'same name' }
  const plain = plainTable(name)
  const known = wordsOf(table.name)
  const at = known.indexOf(plain)
  // Of two names the likelier one wins.
  if (at >= 0) return { score: at === 0 ? 2.5 : 2 - at / 1000, why: 'by name' }
  const near = new Set(
    nearest(
      plain,
      SOURCE_TABLES.flatMap((one) => wordsOf(one.name)),
    ).flatMap(tablesOf),
  )
  return near.size === 1 && near.has(table.name) ? { score: 1, why: 'similar name' } : { score: 0, why: '' }
}

/** Asked for every pair of a table and a column of a source. */
const wordsOf = remembered((table: SourceTableName) => [plainTable(table), ...SYNONYMS[table].table.map(plainTable)])

function remembered<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>()
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    const value = make(key)
    made.set(key, value)
    return value
  }
}

function tablesOf(word: string): SourceTableName[] {
  return SOURCE_TABLES.filter(({ name }) => wordsOf(name).includes(word)).map(({ name }) => name)
}

/** The names that a column of the model goes by, the likelier first, as names are compared. */
export function namesOf(table: SourceTableName, column: string): string[] {
  return columnNames(table).get(column) ?? []
}

/** True for a name that some column of the model goes by. */
export function isKnown(name: string): boolean {
  return SOURCE_TABLES.some((table) =>
    [...columnNames(table.name).values()].some((names) => names.includes(plainName(name))),
  )
}

const columnNames = remembered((table: SourceTableName) => {
  const names = (column: string): string[] => {
    const synonyms = SYNONYMS[table].columns[column] ?? []
    return (synonyms.includes(column) ? synonyms : [column, ...synonyms]).map(plainName)
  }
  return new Map(sourceTable(table).columns.map(({ name }) => [name, names(name)]))
})

/** True where a column of that very name need not be it. */
export function isDoubtful(table: SourceTableName, column: string): boolean {
  return SYNONYMS[table].columns[column]?.includes(column) ?? false
}

/**
 * The forms that a column's name is looked up in: as it is, and without what it is a column of.
 * @param source the table's name in the source
 */
export function formsOf(name: string, table: SourceTableName, source: string): string[] {
  const plain = plainName(name)
  const owners = [plainName(source), plainTable(source), ...wordsOf(table)]
  const rests = owners
    .filter((owner) => owner !== '' && plain.startsWith(owner))
    .map((owner) => plain.slice(owner.length))
  return [plain, ...new Set(rests.filter((rest) => rest !== '' && rest !== plain))]
}

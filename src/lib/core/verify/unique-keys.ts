import { type Column, CURATED_TABLES, SOURCE_TABLES } from '../model.js'

/** A table, and the columns by which no two of its rows may be the same. */
export interface Keyed {
  /** With its schema; or a file, as the engine reads it. */
  relation: string
  key: readonly Column[]
}

interface Modelled {
  key: readonly string[]
  columns: readonly Column[]
}

export function keyedOf(relation: string, { key, columns }: Modelled): Keyed {
  const columnOf = (name: string): Column | undefined => columns.find((column) => column.name === name)
  return { relation, key: key.map(columnOf).filter((column) => column !== undefined) }
}

/** What the rules `…_key_unique` ask, by their names. */
export const UNIQUE_KEYS: Readonly<Record<string, Keyed>> = Object.fromEntries([
  ...SOURCE_TABLES.map((table) => [`${table.raw}_key_unique`, keyedOf(`raw_data.${table.raw}`, table)] as const),
  ...CURATED_TABLES.map((table) => [`${table.name}_key_unique`, keyedOf(`curated.${table.name}`, table)] as const),
])

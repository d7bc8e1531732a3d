import { EtlError } from '../errors.js'
import { SOURCE_TABLES } from '../model.js'
import { nearest } from './nearest.js'

export const TABLE_NAMES: readonly string[] = SOURCE_TABLES.map(({ name }) => name)

/**
 * The source table that a text names, in capitals or not: by its own name, or that in raw with or without the schema.
 * @param command what takes the name, for the nearest one
 * @throws EtlError NOT_FOUND with the nearest name
 */
export function sourceTable(text: string, command: string): string {
  const wanted = text.toLowerCase().replace(/^raw_data\./, '')
  const found = SOURCE_TABLES.find(({ name, raw }) => name === wanted || raw === wanted)
  if (found) return found.name
  const near = nearest(wanted.replace(/^stg_/, ''), TABLE_NAMES)[0]
  const hint = near ? `the nearest is ${near}` : `tables are ${TABLE_NAMES.join(', ')}`
  throw new EtlError(`there is no source table ${text}; ${hint}`, {
    code: 'NOT_FOUND',
    suggestions: [`${command}${near ? ` ${near}` : ''}`],
  })
}

/** The source tables that a text names; all where it is absent. @throws EtlError NOT_FOUND */
export function chosenTables(text: string | undefined, command: string): readonly string[] {
  return text === undefined ? TABLE_NAMES : [sourceTable(text, command)]
}

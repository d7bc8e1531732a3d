import { EtlError } from '../errors.js'
import { SOURCE_TABLES } from '../model.js'
import { nearest } from './nearest.js'

/** The source tables that a text names, by their own name or that in raw; all where it is absent. @throws EtlError NOT_FOUND */
export function chosenTables(text: string | undefined): string[] {
  const names = SOURCE_TABLES.map(({ name }) => name)
  if (text === undefined) return names
  const found = SOURCE_TABLES.find(({ name, raw }) => name === text || raw === text)
  if (found) return [found.name]
  const near = nearest(text, names)[0]
  throw new EtlError(`there is no source table ${text}; tables are ${names.join(', ')}`, {
    code: 'NOT_FOUND',
    suggestions: [`rental-etl bookmarks${near ? ` ${near}` : ''}`],
  })
}

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type FoundSource, type FoundTable, LOOKED_AT_ROWS } from '../../../core/config/found-table.js'
import { EtlError } from '../../../core/errors.js'
import { readError } from '../../files/io-errors.js'
import { separatorHint } from '../columns.js'
import { ContentFault, tellingLines } from './content-fault.js'
import { fieldsOf, trimBlanks } from './fields.js'
import { eachRecord } from './records.js'
import { statSource } from './source-file.js'

const ENDING = '.csv'

/** Header and first rows of every CSV file of a folder. @throws EtlError IO, and what the signal was aborted with */
export async function surveyFolder(folder: string, signal: AbortSignal): Promise<FoundSource> {
  const names = await readdir(folder).catch((error) => {
    throw readError(error, folder)
  })
  const tables: FoundTable[] = []
  for (const file of names.filter((name) => name.endsWith(ENDING)).sort()) {
    const name = file.slice(0, -ENDING.length)
    const found = await headOf(join(folder, file), signal).catch((error): Omit<FoundTable, 'name'> => {
      signal.throwIfAborted()
      if (!(error instanceof EtlError)) throw error
      return { columns: [], fault: error.message }
    })
    tables.push({ name, ...found })
  }
  return { tables, anyCase: false }
}

/** Thrown when enough was seen: the rest of a file may be large, and is not looked at. */
const ENOUGH = new Error('enough')

/** @throws EtlError SOURCE_*, IO */
async function headOf(path: string, signal: AbortSignal): Promise<Omit<FoundTable, 'name'>> {
  await statSource(path)
  let header: string[] | undefined
  const rows: string[][] = []
  await tellingLines(path, () =>
    eachRecord(path, signal, (record, isHeader) => {
      const fields = fieldsOf(record).map(trimBlanks)
      if (isHeader) header = fields
      else if (fields.length === header?.length) rows.push(fields)
      if (rows.length === LOOKED_AT_ROWS) throw ENOUGH
    }),
  ).catch((error) => {
    if (error !== ENOUGH) throw error
  })
  if (!header) return tellingLines(path, () => Promise.reject(new ContentFault(0, 'has no header line')))
  const hint = separatorHint(header)
  if (hint !== '') return { columns: [], fault: `${path} has one column${hint}` }
  return { columns: header.map((name, at) => ({ name, values: rows.map((fields) => fields[at] as string) })) }
}

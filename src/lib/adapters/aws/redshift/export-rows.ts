import { join } from 'node:path'
import { ident } from '../../../core/sql/names.js'
import type { FileFormat, ResultStream } from '../../../ports/warehouse.js'
import { Database, engineError } from '../../local/engine/database.js'
import { memoryLimit } from '../../local/engine/memory.js'
import { inScratch } from '../../local/home/scratch.js'
import { exportFile } from '../../local/warehouse/export-file.js'

/** Types of results that the local engine has, too. Whatever else there is goes as text. */
const TYPES = /^(BIGINT|INTEGER|DOUBLE|BOOLEAN|DATE|TIMESTAMP|TIMESTAMP WITH TIME ZONE|DECIMAL\(\d+,\d+\))$/

/**
 * Writes rows to a file, by the local engine: it is cell for cell, and in all three formats, the file that an export of a
 * local home gives. They pass through a database on disk, so that their number does not matter.
 * @returns their number @throws EtlError IO
 */
export async function exportRows(
  { columns, chunks }: ResultStream,
  file: string,
  format: FileFormat,
  signal: AbortSignal,
): Promise<number> {
  return inScratch(async (folder) => {
    const options = { spillTo: folder, memoryLimit: memoryLimit(0), signal }
    const db = await Database.open(join(folder, 'rows.duckdb'), options)
    try {
      await db.run(`create table t (${columns.map((_, at) => `c${at} varchar`).join(', ')})`)
      await fill(db, chunks)
      const typed = columns.map(({ name, type }, at) => {
        const value = TYPES.test(type) ? `cast(c${at} as ${type})` : `c${at}`
        return `${value} as ${ident(name)}`
      })
      return await exportFile(db, `select ${typed.join(', ')} from t`, file, format)
    } finally {
      db.close()
    }
  })
}

async function fill(db: Database, chunks: ResultStream['chunks']): Promise<void> {
  const appender = await db.connection.createAppender('t')
  try {
    for await (const chunk of chunks) {
      for (const row of chunk) {
        for (const cell of row) cell === null ? appender.appendNull() : appender.appendVarchar(String(cell))
        appender.endRow()
      }
      appender.flushSync()
    }
  } catch (error) {
    throw engineError(error, db.path)
  } finally {
    appender.closeSync()
  }
}

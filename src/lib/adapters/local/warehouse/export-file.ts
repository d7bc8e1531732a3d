import { mkdir, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { literal } from '../../../core/sql/names.js'
import type { FileFormat } from '../../../ports/warehouse.js'
import { type Database, engineError } from '../engine/database.js'
import { finalPlace, writeError } from '../home/files.js'
import { EXPORT_LINK } from '../home/scratch.js'
import { isClosedIn } from './closed-in.js'
import { closedInError } from './sql-errors.js'

const OPTIONS: Readonly<Record<FileFormat, string>> = {
  csv: 'format csv, header',
  jsonl: 'format json',
  parquet: 'format parquet',
}

/** Writes the rows of a statement to a file, of a database that may write into its own folder alone. */
export async function exportFile(db: Database, statement: string, file: string, format: FileFormat): Promise<number> {
  if (db.spillPath === undefined) throw new Error('a database without a folder of its own writes no file')
  // A link stays one: what it leads to is written.
  const place = await finalPlace(file)
  const temporary = `${place}.part`
  const link = join(db.spillPath, EXPORT_LINK)
  try {
    await mkdir(db.spillPath, { recursive: true, mode: 0o700 })
    await rm(link, { force: true })
    // The engine was closed in before it was known which file it is to write: it writes through this.
    await symlink(temporary, link)
    const copy = `copy (${statement}) to ${literal(link)} (${OPTIONS[format]}, use_tmp_file false)`
    const rows = await db.run(copy, (error) => {
      if (error instanceof Error) error.message = error.message.replaceAll(link, temporary)
      return error
    })
    await rename(temporary, place)
    return rows
  } catch (error) {
    await rm(temporary, { force: true })
    throw isClosedIn(error) ? closedInError(error as Error) : writeError(engineError(error), file)
  } finally {
    await rm(link, { force: true })
  }
}

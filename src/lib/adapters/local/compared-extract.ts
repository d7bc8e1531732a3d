import { join } from 'node:path'
import type { SourceTable } from '../../core/model.js'
import { newRequest } from '../../core/run/request.js'
import { Database } from './engine/database.js'
import { memoryLimit } from './engine/memory.js'
import { parquetFiles } from './engine/readers.js'
import { exists, inScratch } from './home/files.js'
import { homePaths } from './home/paths.js'
import { type ExtractSettings, extractRaw } from './jobs/extract-raw.js'
import { WAREHOUSE } from './jobs/extract-state.js'

/** What differs between the live source and raw, as an extract has written it to a folder that is thrown away. */
export interface ComparedExtract {
  /** With the warehouse attached. */
  db: Database
  /** A relation with the rows that are new or changed, and tombstones; undefined where there are none. */
  rows(table: SourceTable): Promise<string | undefined>
  /** The same of rejected rows. */
  rejected(table: SourceTable): Promise<string | undefined>
}

/** Compares the live source with raw by value, outside the home, so that nothing in it is changed. @throws EtlError SOURCE_*, IO */
export function inComparedExtract<Result>(
  settings: ExtractSettings,
  signal: AbortSignal,
  work: (extract: ComparedExtract) => Promise<Result>,
): Promise<Result> {
  const run_id = `compared-${process.pid}`
  const request = newRequest({ run_id, as_of: '1970-01-01', allow_deletes: true, allow_rejects: true })
  return inScratch(async (scratch) => {
    await extractRaw(request, settings, { emit: () => undefined, signal }, { scratch, compare: true })
    const paths = homePaths(scratch)
    const relation = async (folder: string): Promise<string | undefined> => {
      const files: string[] = []
      for (const name of ['part-0.parquet', 'part-1.parquet'])
        if (await exists(join(scratch, folder, name))) files.push(join(scratch, folder, name))
      return files.length === 0 ? undefined : parquetFiles(files)
    }
    const memory = memoryLimit(0, settings.memory)
    const db = await Database.open(':memory:', { spillTo: scratch, memoryLimit: memory, signal })
    try {
      await db.attach(homePaths(settings.home).warehouse, WAREHOUSE, { readOnly: true })
      return await work({
        db,
        rows: ({ name }) => relation(paths.lake(name, run_id)),
        rejected: ({ name }) => relation(paths.rejected(name, run_id)),
      })
    } finally {
      db.close()
    }
  })
}

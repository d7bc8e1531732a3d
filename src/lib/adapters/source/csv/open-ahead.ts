import type { SourceTable } from '../../../core/model.js'
import { type OpenCsv, openCsv } from './open-csv.js'
import type { SourceFile } from './source-file.js'

/** A table and the file that it is read from. */
export interface TableFile {
  table: SourceTable
  file: SourceFile
}

/**
 * Opens files in their order, each while the engine still works on the one before: to look at every byte is the work of
 * one thread.
 */
export async function* openAhead(
  files: readonly TableFile[],
  workDir: string,
  signal: AbortSignal,
): AsyncGenerator<{ table: SourceTable; csv: OpenCsv }> {
  const stop = new AbortController()
  const open = (ahead: TableFile | undefined): Promise<OpenCsv> | undefined => {
    const opening = ahead && openCsv(ahead.file, workDir, { signal: AbortSignal.any([signal, stop.signal]) })
    opening?.catch(() => undefined)
    return opening
  }
  let next = open(files[0])
  try {
    for (const [at, { table }] of files.entries()) {
      const csv = (await next) as OpenCsv
      next = open(files[at + 1])
      yield { table, csv }
    }
  } finally {
    stop.abort()
    await next?.catch(() => undefined)
  }
}

import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { SOURCE_TABLES, type SourceTableName } from '../../../core/model.js'
import { dayAfterSample, type SampleOptions } from '../../../core/sample/sample.js'
import { sampleTable } from '../../../core/sample/tables.js'
import type { SampleDay } from '../../../core/sample/world.js'
import type { SampleDayFolder, SampleTableFile } from '../../../ports/sample-writer.js'

/** The four files of one day of a sample, into a folder that is there. Memory does not grow with the scale. */
export async function writeTables(
  folder: string,
  options: SampleDay,
  signal: AbortSignal | undefined,
): Promise<SampleTableFile[]> {
  const files: SampleTableFile[] = []
  for (const { name } of SOURCE_TABLES) files.push(await writeTable(join(folder, `${name}.csv`), name, options, signal))
  return files
}

/** A history: day00 is the sample itself, each day after it a whole source with the changes of that day. */
export async function writeDays(
  folder: string,
  options: SampleOptions,
  days: number,
  signal: AbortSignal | undefined,
): Promise<SampleDayFolder[]> {
  const written: SampleDayFolder[] = []
  for (let day = 0; day <= days; day++) {
    const dayFolder = join(folder, `day${String(day).padStart(2, '0')}`)
    await mkdir(dayFolder)
    const tables = await writeTables(dayFolder, { ...options, day }, signal)
    written.push({ day, folder: dayFolder, last_day: dayAfterSample(day), tables })
  }
  return written
}

async function writeTable(
  path: string,
  table: SourceTableName,
  options: SampleDay,
  signal: AbortSignal | undefined,
): Promise<SampleTableFile> {
  const file = { table, rows: 0, bytes: 0, path }
  const handle = await open(path, 'w')
  try {
    for (const { text, rows } of sampleTable(table, options)) {
      signal?.throwIfAborted()
      const bytes = Buffer.from(text)
      await handle.appendFile(bytes)
      file.rows += rows
      file.bytes += bytes.length
    }
    // The marker says that the files are whole, also after a power cut.
    await handle.datasync()
  } finally {
    await handle.close()
  }
  return file
}

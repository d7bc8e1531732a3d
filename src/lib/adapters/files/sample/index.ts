import { basename, join, resolve } from 'node:path'
import { dayAfterSample, SAMPLE_DEFAULTS, SAMPLE_VERSION, type SampleOptions } from '../../../core/sample/sample.js'
import type { SampleRequest, SampleWriter, WrittenSample } from '../../../ports/sample-writer.js'
import { assertOwn, holds, replaceFolder } from './folder.js'
import { writeDays, writeTables } from './write-files.js'

export { MARKER } from './folder.js'

interface Stoppable {
  signal?: AbortSignal | undefined
}

type Options = Partial<SampleOptions> & Stoppable

/** True when the folder holds a whole sample of that scale, with the default seed and dirt. */
export async function isSample(folder: string, scale: number): Promise<boolean> {
  return holds(folder, { ...SAMPLE_DEFAULTS, scale })
}

/**
 * Writes the sample unless it is there whole. It may be killed at any moment, and be called by several processes.
 * @throws EtlError IO, and what the signal was aborted with
 */
export async function ensureSample(folder: string, { signal, ...given }: Options): Promise<void> {
  const options = { ...SAMPLE_DEFAULTS, ...given }
  const isDone = (): Promise<boolean> => holds(folder, options)
  if (!(await isDone())) await write(resolve(folder), { ...options, days: 0, signal }, isDone)
}

/**
 * Writes the four files of a sample; the same options give the same bytes.
 * @throws EtlError USAGE for a folder that holds anything else, IO, and what the signal was aborted with
 */
export async function writeSample(folder: string, { signal, ...given }: Options): Promise<WrittenSample> {
  return sampleWriter.write(folder, { ...SAMPLE_DEFAULTS, ...given, days: 0, signal })
}

/**
 * Writes day00 … dayNN, each a whole source: inserts, updates, deletes, late rows, keys that are taken again, copies and
 * corrections. What changes is a matter of row and day alone, so that memory does not grow here either; the time for a
 * day grows with its number. @throws EtlError as `writeSample`
 */
export async function writeSampleHistory(
  folder: string,
  { signal, days, ...given }: Options & { days: number },
): Promise<WrittenSample> {
  return sampleWriter.write(folder, { ...SAMPLE_DEFAULTS, ...given, days, signal })
}

export const sampleWriter: SampleWriter = {
  async write(folder, request) {
    await assertOwn(folder)
    return write(resolve(folder), request, async () => false)
  },
}

async function write(
  folder: string,
  { signal, days, scale, seed, dirt }: SampleRequest,
  isDone: () => Promise<boolean>,
): Promise<WrittenSample> {
  const options = { scale, seed, dirt }
  const fill = async (partial: string): Promise<Pick<WrittenSample, 'tables' | 'days'>> => ({
    tables: days === 0 ? await writeTables(partial, { ...options, day: 0 }, signal) : [],
    days: days === 0 ? [] : await writeDays(partial, options, days, signal),
  })
  const written = await replaceFolder(folder, { version: SAMPLE_VERSION, ...options, days }, fill, isDone)
  return {
    folder,
    ...options,
    last_day: dayAfterSample(days),
    tables: written.tables.map((file) => ({ ...file, path: join(folder, basename(file.path)) })),
    days: written.days.map((day) => {
      const dayFolder = join(folder, basename(day.folder))
      return {
        ...day,
        folder: dayFolder,
        tables: day.tables.map((file) => ({ ...file, path: join(dayFolder, basename(file.path)) })),
      }
    }),
  }
}

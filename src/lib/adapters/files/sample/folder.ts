import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { EtlError } from '../../../core/errors.js'
import { SOURCE_TABLES } from '../../../core/model.js'
import { SAMPLE_VERSION, type SampleOptions } from '../../../core/sample/sample.js'
import { shellWord } from '../../../core/words/shell-word.js'
import { writeError } from '../io-errors.js'
import { makeFolder } from '../make-folder.js'
import { isAlive } from '../process-life.js'
import { isThere } from '../text-file.js'

/** Written last: a folder with it holds a whole sample. */
export const MARKER = '.rental-etl-sample.json'

/** What a marker says of the sample beside it. */
export interface Marker extends SampleOptions {
  version: number
  /** Days of a history after day00; 0 for a single source. */
  days: number
}

/** The marker of a folder; undefined where there is none that can be read. */
export async function readMarker(folder: string): Promise<Marker | undefined> {
  try {
    const found = JSON.parse(await readFile(join(folder, MARKER), 'utf8'))
    return typeof found === 'object' && found !== null ? (found as Marker) : undefined
  } catch {
    return undefined
  }
}

/** True for a folder with the whole source that these options give; what somebody has changed in a file is not seen. */
export async function holds(folder: string, options: SampleOptions): Promise<boolean> {
  const marker = await readMarker(folder)
  if (marker?.version !== SAMPLE_VERSION || marker.days !== 0) return false
  if (marker.scale !== options.scale || marker.seed !== options.seed || marker.dirt !== options.dirt) return false
  const there = await Promise.all(SOURCE_TABLES.map(({ name }) => isThere(join(folder, `${name}.csv`))))
  return there.every(Boolean)
}

/** @throws EtlError USAGE unless the folder is new, empty, or holds nothing but a sample */
export async function assertOwn(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    if (error.code === 'ENOTDIR') throw taken(folder, 'is a file')
    throw writeError(error, folder)
  })
  if (names.length === 0) return
  const other = names.find((name) => !isOurs(name))
  if (other !== undefined) throw taken(folder, `holds ${other}, which is not of a sample`)
  // The names alone could be those of a real source.
  if (!(await readMarker(folder))) throw taken(folder, `is not empty, and has no ${MARKER} of an earlier sample`)
}

/**
 * Fills a folder beside `folder`, and puts it in its place once it is whole: whoever is killed leaves no marker behind.
 * @param isDone asked at the end: true when another process has done the same meanwhile, and may be reading it
 * @throws EtlError IO
 */
export async function replaceFolder<Result>(
  folder: string,
  marker: Marker,
  fill: (partial: string) => Promise<Result>,
  isDone: () => Promise<boolean>,
): Promise<Result> {
  const partial = `${folder}${PARTIAL}${process.pid}-${randomBytes(3).toString('hex')}`
  try {
    await makeFolder(dirname(folder))
    await removeLeftovers(folder)
    await mkdir(partial)
    const result = await fill(partial)
    await writeFile(join(partial, MARKER), `${JSON.stringify(marker)}\n`, { flush: true })
    if (!(await isDone())) await install(partial, folder)
    return result
  } catch (error) {
    throw writeError(error, folder)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

const PARTIAL = '.rental-etl-partial-'

/** A folder that is there stays the same folder: somebody's shell may stand in it, or a volume be mounted on it. */
async function install(partial: string, folder: string): Promise<void> {
  if (!(await isThere(folder))) {
    try {
      return await rename(partial, folder)
    } catch (error) {
      // Another process was faster; its files are replaced by the same ones.
      if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  await rm(join(folder, MARKER), { force: true })
  for (const name of await readdir(folder)) {
    if (isOurs(name)) await rm(join(folder, name), { recursive: true, force: true })
  }
  const names = (await readdir(partial)).filter((name) => name !== MARKER)
  for (const name of [...names, MARKER]) await rename(join(partial, name), join(folder, name))
  await rmdir(partial)
}

/** What processes that are gone have left half done. */
async function removeLeftovers(folder: string): Promise<void> {
  const prefix = `${basename(folder)}${PARTIAL}`
  for (const name of await readdir(dirname(folder))) {
    if (name.startsWith(prefix) && !isAlive(Number.parseInt(name.slice(prefix.length), 10))) {
      await rm(join(dirname(folder), name), { recursive: true, force: true })
    }
  }
}

function isOurs(name: string): boolean {
  return name === MARKER || /^day\d{2,}$/.test(name) || SOURCE_TABLES.some((table) => `${table.name}.csv` === name)
}

function taken(folder: string, why: string): EtlError {
  return new EtlError(`${folder} ${why}; a sample goes into a new or empty folder, or replaces an earlier sample`, {
    code: 'USAGE',
    suggestions: [
      `rental-etl sample ${shellWord(join(folder.replace(/\/+$/, ''), '..', `${basename(folder)}-sample`))}`,
    ],
  })
}

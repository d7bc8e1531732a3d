import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, cp, type FileHandle, open, readdir, readlink, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { EtlError } from '../../../core/errors.js'
import { notRegular, readError, writeError } from '../../files/io-errors.js'

export { writeError } from '../../files/io-errors.js'
export { isThere as exists } from '../../files/text-file.js'
export { inScratch } from './scratch.js'

/** Temporary files of `writeAtomic`: a kill leaves them. */
const TEMPORARY = /\.json\.[0-9a-f]{12}\.tmp$/
const FIRST_FORM = /^(run|cancel|manifest|run\.lock)\.json\.tmp$/

/** Bytes of a file; none where it has gone: opening it tells. */
export function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

/** Writes a file so that a reader sees the old one or the new one, also after a power cut. @throws EtlError IO */
export async function writeAtomic(path: string, text: string): Promise<void> {
  // A name of its own: another process may be writing the same file.
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw writeError(error, path)
  }
}

/** Removes what killed processes have left of files that they were writing in a folder; only where none of them lives. */
export async function removeTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    if (TEMPORARY.test(name) || FIRST_FORM.test(name)) await rm(join(folder, name), { force: true })
}

/** The text of a file of the home. @throws EtlError IO for anything but a regular file; the system's error */
export async function readText(path: string): Promise<string> {
  const file = await openRegular(path, constants.O_RDONLY)
  try {
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

export async function readJson<Value>(path: string): Promise<Value> {
  return JSON.parse(await readText(path)) as Value
}

/** Adds to the end of a file. @throws EtlError IO */
export async function appendText(path: string, text: string): Promise<void> {
  try {
    const file = await openRegular(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw writeError(error, path)
  }
}

/** Opens a file without waiting: a pipe in its place would take for ever. @throws EtlError IO; the system's error */
export async function openRegular(path: string, flags: number): Promise<FileHandle> {
  const file = await open(path, flags | constants.O_NONBLOCK)
  const found = await file.stat()
  if (found.isFile()) return file
  await file.close()
  throw notRegular(path)
}

/** A copy that shares blocks with the original where the file system can. @throws EtlError IO */
export async function copyFast(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE)
  } catch (error) {
    await rm(to, { force: true })
    throw writeError(error, to)
  }
}

const MOVING = '.rental-etl-moving'

/**
 * Moves a file or a folder into its place, which must not hold a folder, and makes that durable. To another file system
 * it is copied beside its place first, so that it appears whole there, too.
 * @throws EtlError IO
 */
export async function moveInto(from: string, to: string): Promise<void> {
  try {
    await rename(from, to).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV') throw error
      const partial = `${to}${MOVING}`
      await rm(partial, { recursive: true, force: true })
      try {
        await cp(from, partial, { recursive: true, mode: constants.COPYFILE_FICLONE })
        await syncAll(partial)
        await rename(partial, to)
      } catch (failed) {
        await rm(partial, { recursive: true, force: true }).catch(() => undefined)
        throw failed
      }
      await rm(from, { recursive: true, force: true })
    })
    await syncFolder(dirname(to))
  } catch (error) {
    throw writeError(error, to)
  }
}

/** What a killed `moveInto` has left beside this place. */
export async function removeMoving(to: string): Promise<void> {
  await rm(`${to}${MOVING}`, { recursive: true, force: true })
}

/** The place that a path means in the end: what a link leads to, whether something is there or not. */
export async function finalPlace(path: string): Promise<string> {
  let place = path
  for (let links = 0; links < 40; links++) {
    const target = await readlink(place).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EINVAL' || error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw readError(error, place)
    })
    if (target === undefined) return place
    place = resolve(dirname(place), target)
  }
  throw new EtlError(`${path} is a link that leads round in a circle`, {
    code: 'IO',
    suggestions: [`ls -l ${dirname(path)}   # ${basename(path)}`],
  })
}

/** A rename is only durable once its folder is. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function syncAll(path: string): Promise<void> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return []
    throw error
  })
  for (const name of names) await syncAll(join(path, name))
  await syncFolder(path)
}

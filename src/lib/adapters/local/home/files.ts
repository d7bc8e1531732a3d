import { constants } from 'node:fs'
import { access, copyFile, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { EtlError } from '../../../core/errors.js'
import { writeHint } from '../../../core/system-error.js'

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** Works in a folder outside the home that is removed afterwards: for what must not even leave scratch space there. */
export async function inScratch<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'rental-etl-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Removes what killed runs left in scratch space: their folders. Files there are a reader's, which may be at work. */
export async function removeFolders(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  for (const entry of entries)
    if (entry.isDirectory()) await rm(join(path, entry.name), { recursive: true, force: true })
}

/** Writes a file so that a reader sees the old one or the new one, also after a power cut. */
export async function writeAtomic(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`
  try {
    await writeFile(temporary, text, { flush: true })
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    throw writeError(error, path)
  }
}

export async function readJson<Value>(path: string): Promise<Value> {
  return JSON.parse(await readFile(path, 'utf8')) as Value
}

/** A copy that shares blocks with the original where the file system can. */
export async function copyFast(from: string, to: string): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE)
  } catch (error) {
    await rm(to, { force: true })
    throw writeError(error, to)
  }
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

/** What the system says on writing, as an error that tells what to do; anything else is passed on as it is. */
export function writeError(error: unknown, path: string): unknown {
  const hint = writeHint(error)
  if (error instanceof EtlError || hint === undefined) return error
  return new EtlError(`cannot write ${path}: ${(error as Error).message}`, {
    code: 'IO',
    suggestions: [hint],
    cause: error,
  })
}

import { access, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeError } from './io-errors.js'
import { makeFolder } from './make-folder.js'

/** Writes a file that a user named, with its folder. @throws EtlError IO */
export async function writeText(path: string, text: string): Promise<void> {
  try {
    await makeFolder(dirname(path))
    await writeFile(path, text)
  } catch (error) {
    throw writeError(error, path)
  }
}

export async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** A file of templates/. */
export async function readTemplate(name: string): Promise<string> {
  return readFile(join(fileURLToPath(new URL('../../../../templates/', import.meta.url)), name), 'utf8')
}

import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { EtlError } from '../../../core/errors.js'
import { shellWord } from '../../../core/words/shell-word.js'
import { notRegular, readError } from '../../files/io-errors.js'
import { readBytes } from './bytes.js'

/** What a file was before it was read; another answer later means that it was written to. */
export interface SourceFile {
  path: string
  size: number
  mtimeMs: number
  inode: number
}

/** @throws EtlError SOURCE_SCHEMA where it is missing, IO */
export async function statSource(path: string): Promise<SourceFile> {
  try {
    const found = await stat(path)
    if (!found.isFile()) throw notRegular(path)
    return { path, size: found.size, mtimeMs: found.mtimeMs, inode: found.ino }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw readError(error, path)
    throw new EtlError(`${path} is missing; a source has one file for each table`, {
      code: 'SOURCE_SCHEMA',
      suggestions: [`ls ${shellWord(dirname(path))}`],
      cause: error,
    })
  }
}

/** The fingerprint of bytes that are seen one stretch after another: a hash, and their number. */
export class Fingerprint {
  readonly #hash = createHash('sha256')
  #bytes = 0

  add(bytes: Buffer): void {
    this.#hash.update(bytes)
    this.#bytes += bytes.length
  }

  /** `sha256:HEX:BYTES`; once. */
  end(): string {
    return `sha256:${this.#hash.digest('hex')}:${this.#bytes}`
  }
}

/** @throws EtlError IO */
export async function fingerprintOf({ path }: SourceFile, signal: AbortSignal): Promise<string> {
  const found = new Fingerprint()
  for await (const bytes of readBytes(path, signal)) found.add(bytes)
  return found.end()
}

/** @throws EtlError SOURCE_CHANGED when the file was written to since it was opened */
export async function assertUnchanged(source: SourceFile): Promise<void> {
  const now = await statSource(source.path)
  if (now.size === source.size && now.mtimeMs === source.mtimeMs && now.inode === source.inode) return
  throw new EtlError(
    `${source.path} changed while it was read (${source.size} bytes before, ${now.size} after); nothing was changed`,
    {
      code: 'SOURCE_CHANGED',
      suggestions: ['rental-etl run   # when the file is written completely'],
    },
  )
}

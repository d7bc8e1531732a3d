import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { readChunks } from '../../src/lib/adapters/source/csv/bytes.js'
import { type Scratch, scratchFolder } from './temporary.js'

/** A file for the tests of one test file to write, and where its first stretch ends when it is large. */
export function borderFile(): { path: () => string; border: () => number } {
  let scratch: Scratch
  let border: number
  beforeAll(async () => {
    scratch = await scratchFolder()
    border = await firstBorder(scratch.path)
  })
  afterAll(() => scratch[Symbol.asyncDispose]())
  return { path: () => join(scratch.path, 'b.csv'), border: () => border }
}

const LARGE = 64 * 1024 * 1024

/**
 * Where the first stretch of a large file ends for its reader: what stands there is read in two parts.
 * @param folder for a file of its own
 */
export async function firstBorder(folder: string): Promise<number> {
  const path = join(folder, 'large.csv')
  // Sparse would be all NUL: lines of text, for as long as it takes.
  for (let size = 1024 * 1024; size <= LARGE; size *= 4) {
    await writeFile(path, Buffer.alloc(size + 1, 'abcdefg\n'))
    for await (const { bytes, last } of readChunks(path, new AbortController().signal)) {
      if (!last) return bytes.length
      break
    }
  }
  throw new Error(`a file of ${LARGE} bytes is read in one stretch`)
}

const LONG_LINE = 8192

/** Lines of two fields, of exactly so many bytes; the last one is ended, too. */
export function fillerOf(bytes: number, end = '\n'): string {
  const long = `${'a'.repeat(LONG_LINE)},b${end}`
  const whole = Math.max(0, Math.floor(bytes / long.length) - 1)
  const rest = bytes - whole * long.length - end.length
  return `${long.repeat(whole)}${'a'.repeat(rest - 2)},b${end}`
}

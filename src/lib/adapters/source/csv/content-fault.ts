import { open } from 'node:fs/promises'
import { EtlError } from '../../../core/errors.js'
import { shellWord } from '../../../core/words/shell-word.js'

/** Something in a file that stops the run, as those who read its bytes know it. */
export class ContentFault extends Error {
  override readonly name = 'ContentFault'

  /**
   * @param offset of the byte in the file whose line is told
   * @param what goes on after "the file"
   */
  constructor(
    readonly offset: number,
    readonly what: string,
    readonly hint = '',
  ) {
    super(`${what}${hint}`)
  }
}

/** Reads a file; a fault in it is told with its line. @throws EtlError SOURCE_CONTENT, and what `read` throws */
export async function tellingLines<Result>(path: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof ContentFault)) throw error
    const line = await lineAt(path, error.offset)
    throw new EtlError(`${path}:${line}: the file ${error.message}; nothing was changed`, {
      code: 'SOURCE_CONTENT',
      suggestions: [`sed -n ${line}p ${shellWord(path)} | cat -A | cut -c 1-200   # the line as it is`],
    })
  }
}

const BLOCK_BYTES = 1024 * 1024

async function lineAt(path: string, offset: number): Promise<number> {
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(BLOCK_BYTES)
    let line = 1
    for (let at = 0; at < offset; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, offset - at), at)
      if (bytesRead === 0) break
      for (let lf = buffer.indexOf(10); lf >= 0 && lf < bytesRead; lf = buffer.indexOf(10, lf + 1)) line++
      at += bytesRead
    }
    return line
  } finally {
    await file.close()
  }
}

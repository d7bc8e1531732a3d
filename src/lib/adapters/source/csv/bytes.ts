import { isUtf8 } from 'node:buffer'
import { type FileHandle, open } from 'node:fs/promises'
import { readError } from '../../files/io-errors.js'
import { ContentFault } from './content-fault.js'

const CHUNK_BYTES = 1024 * 1024
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/** A stretch of a file, from `offset` in it. */
export interface ByteChunk {
  bytes: Buffer
  offset: number
  last: boolean
}

/** The bytes of a file in stretches; those of one are good until the next one. @throws EtlError IO */
export async function* readBytes(path: string, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  const file = await openFile(path)
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    for (;;) {
      signal.throwIfAborted()
      const read = await fill(file, buffer, 0, path)
      if (read > 0) yield buffer.subarray(0, read)
      if (read < CHUNK_BYTES) return
    }
  } finally {
    await file.close()
  }
}

/**
 * Reads a file in chunks of whole characters, without its byte order mark. A chunk's bytes are good until the next one.
 * @param seen is given all bytes in their order, as they stand in the file
 * @throws ContentFault where it is not UTF-8 or holds a NUL, EtlError IO
 */
export async function* readChunks(
  path: string,
  signal: AbortSignal,
  seen: (bytes: Buffer) => void = () => undefined,
): AsyncGenerator<ByteChunk, void> {
  const file = await openFile(path)
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
    let offset = 0
    let kept = 0
    for (;;) {
      signal.throwIfAborted()
      const read = await fill(file, buffer, kept, path)
      const filled = kept + read
      seen(buffer.subarray(kept, filled))
      const last = filled < CHUNK_BYTES
      const whole = last ? filled : wholeCharacters(buffer)
      const from = offset === 0 && buffer.subarray(0, Math.min(3, filled)).equals(BOM) ? 3 : 0
      const bytes = buffer.subarray(from, whole)
      if (!isUtf8(bytes)) throw new ContentFault(offset + from + firstBadByte(bytes), 'is not UTF-8')
      const nul = bytes.indexOf(0)
      if (nul >= 0) throw new ContentFault(offset + from + nul, 'holds a NUL character')
      yield { bytes, offset: offset + from, last }
      if (last) return
      buffer.copyWithin(0, whole, filled)
      offset += whole
      kept = filled - whole
    }
  } finally {
    await file.close()
  }
}

function openFile(path: string): Promise<FileHandle> {
  return open(path, 'r').catch((error) => {
    throw readError(error, path)
  })
}

async function fill(file: FileHandle, buffer: Buffer, from: number, path: string): Promise<number> {
  let at = from
  while (at < buffer.length) {
    const { bytesRead } = await file.read(buffer, at, buffer.length - at).catch((error) => {
      throw readError(error, path)
    })
    if (bytesRead === 0) break
    at += bytesRead
  }
  return at - from
}

/** The length without a character that goes on behind the end. */
export function wholeCharacters(buffer: Buffer): number {
  for (let back = 1; back <= 3; back++) {
    const byte = buffer[buffer.length - back] as number
    if (byte < 0x80) return buffer.length
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
      return length > back ? buffer.length - back : buffer.length
    }
  }
  return buffer.length
}

/** Halves the bytes until the first bad character begins; a cut inside a good character moves to its start. */
function firstBadByte(bytes: Buffer): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 4) {
    let middle = (good + bad) >> 1
    while (middle > good && ((bytes[middle] as number) & 0xc0) === 0x80) middle--
    if (middle === good) break
    if (isUtf8(bytes.subarray(good, middle))) good = middle
    else bad = middle
  }
  // A few bytes are left: character by character, each of 1 to 4 bytes.
  for (;;) {
    const length = [1, 2, 3, 4].find((one) => good + one <= bytes.length && isUtf8(bytes.subarray(good, good + one)))
    if (length === undefined) return good
    good += length
  }
}

import { EtlError } from '../core/errors.js'

/** Thrown by a write when nobody reads any more (`| head`): the command ends without a word. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed'
}

const closed = new WeakSet<NodeJS.WriteStream>()
const broken = new WeakMap<NodeJS.WriteStream, Error>()
const taken = new WeakSet<Error>()
const guarded = new WeakSet<NodeJS.WriteStream>()

/**
 * Lets a stream whose reader has gone end a command in silence; a run that is going on is not stopped by it, nor by a
 * full disk, of which `assertWritten` tells.
 */
export function guardStream(stream: NodeJS.WriteStream): void {
  if (guarded.has(stream)) return
  guarded.add(stream)
  // Before the framework's own listener, which throws what it is told.
  stream.prependListener('error', (error: NodeJS.ErrnoException) => {
    taken.add(error)
    if (isGone(error)) closed.add(stream)
    else broken.set(stream, error)
  })
}

/** True for an error of a guarded stream: `write` and `assertWritten` tell of it. */
export function isTaken(error: unknown): boolean {
  return error instanceof Error && taken.has(error)
}

/** What was written so far is written, or its reader has gone. @throws EtlError IO */
export async function assertWritten(stream: NodeJS.WriteStream): Promise<void> {
  // A stream tells of its errors after the turn in which it was written to.
  await new Promise((resolve) => setImmediate(resolve))
  const error = broken.get(stream)
  if (error) throw unwritable(error)
}

/** Writes and waits until the stream takes more. @throws OutputClosed, EtlError IO */
export async function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  if (closed.has(stream)) throw new OutputClosed()
  const before = broken.get(stream)
  if (before) throw unwritable(before)
  if (text === '') return
  await new Promise<void>((resolve, reject) => {
    stream.write(text, (error) => {
      if (!error) resolve()
      else if (closed.has(stream) || isGone(error)) reject(new OutputClosed())
      else reject(unwritable(error))
    })
  })
}

function isGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'EIO' || code === 'ERR_STREAM_DESTROYED'
}

function unwritable(error: Error): EtlError {
  return new EtlError(`cannot write the output: ${error.message}`, {
    code: 'IO',
    suggestions: ['df -h .   # free some space'],
    cause: error,
  })
}

/** What NO_COLOR and FORCE_COLOR say; without them, whether it is a terminal. */
export function hasColor({ isTTY }: NodeJS.WriteStream): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force } = process.env
  if (no) return false
  return force === undefined || force === '' ? isTTY === true : force !== '0' && force !== 'false'
}

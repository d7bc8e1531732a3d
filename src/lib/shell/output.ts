import { type ErrorReport, EtlError } from '../core/errors.js'
import { paint, type Style } from '../ui/paint.js'
import { toTerminal } from '../ui/terminal.js'

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

/** What NO_COLOR and FORCE_COLOR say; without them, whether it is a terminal that knows colours. */
export function hasColor({ isTTY }: Pick<NodeJS.WriteStream, 'isTTY'>): boolean {
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: term } = process.env
  if (no) return false
  if (force === undefined || force === '') return isTTY === true && term !== 'dumb'
  return force !== '0' && force !== 'false'
}

/** True for a terminal on which what was written can be written over: not in CI, which keeps every byte. */
export function isLive({ isTTY }: Pick<NodeJS.WriteStream, 'isTTY'>): boolean {
  const { CI: ci, TERM: term } = process.env
  return isTTY === true && term !== 'dumb' && (!ci || ci === 'false' || ci === '0')
}

/** Columns of a terminal; a file or a pipe takes lines of any length. */
export function widthOf({ isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number {
  return isTTY ? columns || 80 : Number.POSITIVE_INFINITY
}

/**
 * A text as it is written: on a terminal its lines keep to the width, what cannot be seen is written out, and what is
 * marked has its colour. Everything for people goes through it.
 */
export function shownOn(stream: NodeJS.WriteStream, text: string, { whole = false } = {}): string {
  return toTerminal(text, { color: hasColor(stream), ...(whole ? {} : { width: widthOf(stream) }) })
}

/** Writes text for people, with a line end. @param options `whole` for lines to paste, which are never broken */
export function say(stream: NodeJS.WriteStream, text: string, options: { whole?: boolean } = {}): void {
  stream.write(`${shownOn(stream, text, options)}\n`)
}

/** Writes text for a program, such as JSON or a script: byte for byte, with a line end. */
export function sayRaw(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${text}\n`)
}

/** A word that leads a line, in its colour: `error: …`. */
export function labeled(label: keyof typeof LABELS, text: string): string {
  return `${paint(LABELS[label], `${label}:`)} ${text}`
}

const LABELS = { error: 'red', warning: 'yellow', next: 'cyan', try: 'cyan' } as const satisfies Record<string, Style>

/** An error as text: what is wrong, then what to type. */
export function sayFailure({ message, suggestions }: ErrorReport): void {
  say(process.stderr, labeled('error', message))
  for (const command of suggestions) say(process.stderr, `  ${labeled('try', command)}`)
}

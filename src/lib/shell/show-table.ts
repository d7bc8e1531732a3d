import { setImmediate } from 'node:timers/promises'
import type { ErrorReport, ExitName } from '../core/errors.js'
import type { Cell, ResultStream } from '../ports/warehouse.js'
import { writeTabular } from '../ui/tabular/index.js'
import type { Form, TabularOptions } from '../ui/tabular/options.js'
import { toTerminal } from '../ui/terminal.js'
import { type EnvelopeParts, envelope, toJson } from './envelope.js'
import type { Failure } from './failure.js'
import { hasColor, widthOf, write } from './output.js'

export interface TableOptions {
  output?: Form | undefined
  /** A line below the table, for what was left out. */
  footer?: string | undefined
  /** What a reader is shown of the same rows. */
  human?: TabularOptions['human']
  /** What goes first where the terminal is too narrow. */
  leaveOut?: TabularOptions['leaveOut']
  /** More of the JSON result, beside columns and rows. */
  result?: Readonly<Record<string, string>>
}

export interface ShowOptions extends TableOptions {
  output: Form
  /** The envelope's parts as they are at the end. */
  parts(): Omit<EnvelopeParts, 'result' | 'error'>
  failure(error: unknown): Promise<Failure>
  setExit(name: ExitName): void
  signal: AbortSignal
  note(text: string): void
}

/** Of a result up to this size nothing is printed before all of it is there, so that an error replaces it. */
const HELD_BYTES = 1_000_000

/** Rows that are written in one turn: between two of them Ctrl-C is heard. */
const TURN = 1000

/** Prints a tabular result. JSON stays valid when reading fails half way: the rows so far, and the error. */
export async function showTable(result: ResultStream, options: ShowOptions): Promise<void> {
  const stream = { columns: result.columns, chunks: inTurns(result.chunks, options.signal) }
  if (options.output === 'json') return showJson(stream, options)
  const { output, human, footer, leaveOut } = options
  // CSV and JSON lines are for programs: they keep every value as it is.
  const forPeople = output === 'table' || output === 'md'
  const look = { color: output === 'table' && hasColor(process.stdout) }
  const print = (text: string) => write(process.stdout, forPeople ? toTerminal(text, look) : text)
  await writeTabular(stream, print, { output, width: widthOf(process.stdout), human, leaveOut })
  if (footer) options.note(footer)
}

/** The same rows in pieces; the process looks up before each, and a large result in one piece cannot make it deaf. */
async function* inTurns(chunks: AsyncIterable<Cell[][]>, signal: AbortSignal): AsyncGenerator<Cell[][], void> {
  for await (const rows of chunks) {
    for (let at = 0; at < rows.length; at += TURN) {
      await setImmediate()
      signal.throwIfAborted()
      yield rows.slice(at, at + TURN)
    }
  }
}

async function showJson(stream: ResultStream, options: ShowOptions): Promise<void> {
  const { schema, command, run_id } = envelope(options.parts())
  const head = toJson({ schema, command, run_id }).slice(0, -1)
  let held: string | undefined = `${head},"result":`
  const print = async (text: string): Promise<void> => {
    if (held === undefined) return write(process.stdout, text)
    held += text
    if (held.length < HELD_BYTES) return
    const all = held
    held = undefined
    await write(process.stdout, all)
  }
  let thrown: unknown
  const chunks = endOnError(stream.chunks, (error) => {
    thrown = error
  })
  const { result } = options
  await writeTabular({ columns: stream.columns, chunks }, print, {
    output: 'json',
    width: 0,
    ...(result ? { result } : {}),
  })
  // Nothing was printed yet: the failure alone is what is printed.
  if (thrown !== undefined && held !== undefined) throw thrown
  const failure = thrown === undefined ? undefined : await options.failure(thrown)
  if (failure) options.setExit(failure.exit)
  await print(`${tail(options.parts(), failure?.error)}\n`)
  if (held !== undefined) await write(process.stdout, held)
}

function tail(parts: Omit<EnvelopeParts, 'result' | 'error'>, error: ErrorReport | undefined): string {
  const { status, warnings, next, exit } = envelope(error ? { ...parts, error } : parts)
  return `,${toJson({ status, ...(error ? { error } : {}), warnings, next, exit }).slice(1)}`
}

/** The chunks up to a failure, which is told instead of thrown: whoever writes them closes what it has opened. */
async function* endOnError(
  chunks: AsyncIterable<Cell[][]>,
  tell: (error: unknown) => void,
): AsyncGenerator<Cell[][], void> {
  try {
    yield* chunks
  } catch (error) {
    tell(error)
  }
}

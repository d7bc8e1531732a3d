import type { ErrorReport, ExitName } from '../core/errors.js'
import type { Cell, ResultColumn, ResultStream } from '../ports/warehouse.js'
import { type TabularOptions, writeTabular } from '../ui/tabular.js'
import { type EnvelopeParts, envelope, toJson } from './envelope.js'
import type { Failure } from './failure.js'
import { hasColor, write } from './output.js'

/** The forms of a tabular result. */
export type Output = TabularOptions['output']

export interface TableOptions {
  output?: Output | undefined
  /** A line below the table, for what was left out. */
  footer?: string | undefined
  /** A mark for a row, such as one for a partial period. */
  mark?: (row: Cell[], columns: ResultColumn[]) => string | undefined
  /** What goes first where the terminal is too narrow. */
  leaveOut?: TabularOptions['leaveOut']
}

export interface ShowOptions extends TableOptions {
  output: Output
  /** The envelope's parts as they are at the end. */
  parts(): Omit<EnvelopeParts, 'result' | 'error'>
  failure(error: unknown): Promise<Failure>
  setExit(name: ExitName): void
  note(text: string): void
}

/** Of a result up to this size nothing is printed before all of it is there, so that an error replaces it. */
const HELD_BYTES = 1_000_000

/** Prints a tabular result. JSON stays valid when reading fails half way: the rows so far, and the error. */
export async function showTable(stream: ResultStream, options: ShowOptions): Promise<void> {
  if (options.output === 'json') return showJson(stream, options)
  const { output, mark, footer, leaveOut } = options
  await writeTabular(stream, (text) => write(process.stdout, text), {
    output,
    // A file or a pipe takes lines of any length.
    width: process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY,
    color: hasColor(process.stdout),
    leaveOut,
    ...(mark ? { mark } : {}),
  })
  if (footer) options.note(footer)
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
  await writeTabular({ columns: stream.columns, chunks }, print, { output: 'json', width: 0, color: false })
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

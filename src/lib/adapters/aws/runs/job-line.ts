import { type ErrorCode, exitOf } from '../../../core/errors.js'
import { emptyFlow, type TableFlow } from '../../../core/run/run.js'
import { maskSecrets } from '../../../core/words/secrets.js'

/** What a job says in a line of its output. Its layer is that of the state that runs it, whatever the line says. */
export type JobLine =
  | { event: 'table_done'; flow: TableFlow }
  | { event: 'table_progress'; table: string; rows: number; step: string }
  | { event: 'log'; level: 'info' | 'warn' | 'error'; message: string }
  | { event: 'failed'; code: ErrorCode; message: string; suggestions: string[] }

type Fields = Readonly<Record<string, unknown>>

const READERS: Readonly<Record<string, (fields: Fields) => JobLine | undefined>> = {
  table_done: ({ flow }) => {
    const known = flowOf(flow)
    return known && { event: 'table_done', flow: known }
  },
  table_progress: ({ table, rows, step }) =>
    typeof table === 'string' && typeof rows === 'number'
      ? { event: 'table_progress', table, rows, step: String(step ?? '') }
      : undefined,
  log: ({ level, message }) =>
    typeof message === 'string'
      ? { event: 'log', level: level === 'warn' || level === 'error' ? level : 'info', message: maskSecrets(message) }
      : undefined,
  failed: ({ code, message, suggestions }) =>
    typeof message === 'string'
      ? { event: 'failed', code: codeOf(code), message: maskSecrets(message), suggestions: textsOf(suggestions) }
      : undefined,
}

/** What a line of a job's output says; undefined for a line of anything else, such as Spark or a library. */
export function parseJobLine(text: string): JobLine | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const fields = JSON.parse(text) as Fields
    const name = String(fields['event'])
    return Object.hasOwn(READERS, name) ? READERS[name]?.(fields) : undefined
  } catch {
    return undefined
  }
}

/** A flow with all its counts; undefined for what is none. */
export function flowOf(value: unknown): TableFlow | undefined {
  const flow = value as Partial<TableFlow> | null | undefined
  return typeof flow?.table === 'string' ? { ...emptyFlow(flow.table), ...flow } : undefined
}

/** A code of a newer version's job is none of ours. */
function codeOf(code: unknown): ErrorCode {
  return exitOf(code as ErrorCode) === undefined ? 'JOB_FAILED' : (code as ErrorCode)
}

function textsOf(values: unknown): string[] {
  return Array.isArray(values) ? values.map((value) => maskSecrets(String(value))) : []
}

import { type ErrorReport, EXIT, type ExitName } from '../core/errors.js'

/** What `--json` prints (cli.md §3). `result` is there exactly when `status` is `ok`. */
export interface Envelope {
  schema: string
  command: string | null
  run_id: string | null
  status: 'ok' | 'error'
  result?: unknown
  error?: ErrorReport
  warnings: string[]
  next: string[]
  exit: { code: number; name: ExitName }
}

export interface EnvelopeParts {
  /** Id of the command with spaces; undefined where there is no such command. */
  command: string | undefined
  runId?: string | undefined
  result?: unknown
  error?: ErrorReport
  warnings?: string[]
  next?: string[]
  exit: ExitName
}

/** The envelope around a result or an error. */
export function envelope({ command, runId, result, error, warnings = [], next = [], exit }: EnvelopeParts): Envelope {
  return {
    schema: `rental-etl/${command?.replaceAll(' ', '-') ?? 'error'}/1`,
    command: command ?? null,
    run_id: runId ?? null,
    status: error ? 'error' : 'ok',
    ...(error ? { error } : { result: result ?? {} }),
    warnings,
    next: next.length > 0 ? next : (error?.suggestions ?? []),
    exit: { code: EXIT[exit], name: exit },
  }
}

/** JSON text; a BigInt, which JSON does not know, as a string. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, cell) => (typeof cell === 'bigint' ? String(cell) : cell), indent)
}

import { maskSecrets } from './words/secrets.js'

/** Exit codes of cli.md §4, by name: verdicts below 10, trouble with the tool or its surroundings from 64. */
export const EXIT = {
  ok: 0,
  failed: 1,
  changes: 2,
  warnings: 3,
  stale: 4,
  usage: 64,
  invalid: 65,
  not_found: 66,
  partial: 68,
  running: 69,
  bug: 70,
  io: 74,
  locked: 75,
  access: 77,
  interrupted: 130,
} as const

export type ExitName = keyof typeof EXIT

/** The name of an exit code; `bug` for a number that the table does not hold. */
export function exitName(code: number): ExitName {
  const found = Object.entries(EXIT).find(([, value]) => value === code)
  return (found?.[0] as ExitName | undefined) ?? 'bug'
}

/** What can go wrong, and the exit that each ends with: the exit is a function of the code. */
const EXIT_OF = {
  USAGE: 'usage',
  UNKNOWN_COMMAND: 'usage',
  DECLINED: 'usage',
  READ_ONLY_SQL: 'usage',
  SQL_ERROR: 'usage',
  CONFIG_INVALID: 'invalid',
  SOURCE_SCHEMA: 'invalid',
  SOURCE_CONTENT: 'invalid',
  SOURCE_CHANGED: 'invalid',
  WAREHOUSE_VERSION: 'invalid',
  SOURCE_MISSING: 'not_found',
  NOT_FOUND: 'not_found',
  NO_RUN: 'not_found',
  NO_WAREHOUSE: 'not_found',
  STALE_EXTRACT: 'not_found',
  IO: 'io',
  WAREHOUSE_CORRUPT: 'io',
  WAREHOUSE_STRUCTURE: 'io',
  LOCKED: 'locked',
  ACCESS: 'access',
  GUARD_MAX_DELETED: 'failed',
  GUARD_MAX_QUARANTINED: 'failed',
  UNBALANCED: 'failed',
  JOB_FAILED: 'failed',
  CANCELED: 'failed',
  INTERRUPTED: 'interrupted',
  BUG: 'bug',
} as const satisfies Record<string, ExitName>

export type ErrorCode = keyof typeof EXIT_OF

/** The exit that an error of this code ends a command with. */
export function exitOf(code: ErrorCode): ExitName {
  return EXIT_OF[code]
}

export interface EtlErrorOptions {
  code: ErrorCode
  /** Commands to paste, most useful first. */
  suggestions?: string[]
  cause?: unknown
}

/**
 * An expected failure: something that the user or the surroundings can mend. Anything else that is thrown is our bug.
 * The message is lowercase, holds the offending value, and says why; a suggestion is a command to paste.
 */
export class EtlError extends Error {
  override readonly name = 'EtlError'
  readonly code: ErrorCode
  readonly exit: ExitName
  readonly suggestions: string[]

  constructor(message: string, options: EtlErrorOptions) {
    // Whoever shows or keeps an error has no password to think of.
    super(maskSecrets(message), options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.exit = exitOf(options.code)
    this.suggestions = (options.suggestions ?? []).map(maskSecrets)
  }

  get exitCode(): number {
    return EXIT[this.exit]
  }
}

/** What a run record and `--json` say of an error. */
export interface ErrorReport {
  code: ErrorCode
  message: string
  suggestions: string[]
}

/** The serialisable report of anything thrown. */
export function errorReport(error: unknown): ErrorReport {
  if (error instanceof EtlError) return { code: error.code, message: error.message, suggestions: error.suggestions }
  return { code: 'BUG', message: maskSecrets(error instanceof Error ? error.message : String(error)), suggestions: [] }
}

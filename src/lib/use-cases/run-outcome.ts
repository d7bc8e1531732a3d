import { type ErrorCode, EtlError, EXIT, type ExitName } from '../core/errors.js'
import type { RunResult } from '../core/run.js'

/** Errors of a run that are trouble with its surroundings: the command exits by them (cli.md §4); any other by 1. */
const EXITS: Partial<Record<ErrorCode, ExitName>> = {
  USAGE: 'usage',
  CONFIG_INVALID: 'invalid',
  SOURCE_MISSING: 'not_found',
  SOURCE_SCHEMA: 'invalid',
  SOURCE_CONTENT: 'invalid',
  SOURCE_CHANGED: 'invalid',
  NOT_FOUND: 'not_found',
  STALE_EXTRACT: 'not_found',
  NO_WAREHOUSE: 'not_found',
  WAREHOUSE_CORRUPT: 'io',
  WAREHOUSE_VERSION: 'invalid',
  LOCKED: 'locked',
  IO: 'io',
}

/** The exit code of a command that shows a run. @param stopped true when Ctrl-C ended the command */
export function runExit(result: Pick<RunResult, 'status' | 'error'>, stopped = false): ExitName {
  if (stopped) return 'interrupted'
  if (result.status === 'succeeded') return 'ok'
  if (result.status === 'running') return 'running'
  if (result.status === 'canceled' || !result.error) return 'failed'
  return EXITS[result.error.code] ?? 'failed'
}

/** The error that the command ends with instead of a result, where the trouble is with the surroundings. */
export function runError(result: Pick<RunResult, 'status' | 'error'>): EtlError | undefined {
  const exit = runExit(result)
  if (result.status !== 'failed' || !result.error || EXIT[exit] < EXIT.usage) return undefined
  const { code, message, suggestions } = result.error
  return new EtlError(message, { code, exit, suggestions })
}

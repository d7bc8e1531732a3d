import { EtlError, EXIT, type ExitName, exitOf } from '../core/errors.js'
import type { RunResult } from '../core/run/run.js'

/** The exit code of a command that shows a run. @param stopped true when Ctrl-C ended the command */
export function runExit(result: Pick<RunResult, 'status' | 'error'>, stopped = false): ExitName {
  if (stopped) return 'interrupted'
  if (result.status === 'succeeded') return 'ok'
  if (result.status === 'running') return 'running'
  if (result.status === 'canceled' || !result.error) return 'failed'
  const exit = exitOf(result.error.code) ?? 'failed'
  // A run whose process is gone was interrupted, but not this command; of a bug in a job the run's log tells.
  return exit === 'interrupted' || exit === 'bug' ? 'failed' : exit
}

/** The error that the command ends with instead of a result, where the trouble is with the surroundings. */
export function runError(result: Pick<RunResult, 'status' | 'error'>): EtlError | undefined {
  if (result.status !== 'failed' || !result.error || EXIT[runExit(result)] < EXIT.usage) return undefined
  const { code, message, suggestions } = result.error
  return new EtlError(message, { code, suggestions })
}

import { type ErrorReport, EtlError, type ExitName, errorReport } from '../core/errors.js'
import { systemError } from '../core/system-error.js'
import { maskSecrets } from '../core/words/secrets.js'
import { usageError } from '../core/words/usage-error.js'
import type { Asked } from './bug-report.js'

/** How a command ends that has no result. */
export interface Failure {
  exit: ExitName
  error: ErrorReport
}

/**
 * Anything thrown, as what a user is told: an expected error as it is, a mistake in the command line with the nearest
 * right word, and anything else as a bug with a report. Passwords are masked.
 * @param home where a report may be written
 */
export async function failureOf(thrown: unknown, asked: Asked, home: string | undefined): Promise<Failure> {
  const error = systemError(thrown)
  if (error instanceof EtlError) return { exit: error.exit, error: masked(errorReport(error)) }
  // oclif throws these for words that it cannot take; their own exit codes are not ours.
  if (error instanceof Error && 'oclif' in error) return { exit: 'usage', error: masked(usageError(error, asked)) }
  const { writeBugReport } = await import('./bug-report.js')
  const file = await writeBugReport(error, asked, home)
  const { message } = errorReport(error)
  const where = file ? `; the report lies at ${file}` : '; no report could be written'
  const bug = { code: 'BUG' as const, message: `this is a bug: ${firstLine(message)}${where}`, suggestions: [] }
  return { exit: 'bug', error: masked(bug) }
}

function masked({ code, message, suggestions }: ErrorReport): ErrorReport {
  return { code, message: maskSecrets(message), suggestions: suggestions.map(maskSecrets) }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text
}

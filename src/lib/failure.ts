import type { Asked } from './bug-report.js'
import { type ErrorReport, EtlError, type ExitName, errorReport } from './core/errors.js'
import { nearest } from './core/nearest.js'
import { maskSecrets } from './core/secrets.js'
import { systemError } from './core/system-error.js'

/** How a command ends that has no result. */
export interface Failure {
  exit: ExitName
  error: ErrorReport
}

interface ParseFailure extends Error {
  flags?: unknown
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
  if (error instanceof Error && 'oclif' in error) return { exit: 'usage', error: masked(usage(error, asked)) }
  const { writeBugReport } = await import('./bug-report.js')
  const file = await writeBugReport(error, asked, home)
  const { message } = errorReport(error)
  const where = file ? `; the report lies at ${file}` : '; no report could be written'
  const bug = { code: 'BUG' as const, message: `this is a bug: ${firstLine(message)}${where}`, suggestions: [] }
  return { exit: 'bug', error: masked(bug) }
}

/** The parser's words in ours. */
function usage(error: ParseFailure, { command, flags }: Asked): ErrorReport {
  const help = `rental-etl ${command ? `${command} ` : ''}--help`
  const text = error.message.replace(/\n*See more help with --help\s*$/, '').trim()
  if (error.constructor.name === 'NonExistentFlagsError' && Array.isArray(error.flags)) {
    const unknown = error.flags.map(String)
    const near = nearest(
      (unknown[0] ?? '').replace(/=.*/, ''),
      flags.map((name) => `--${name}`),
    )[0]
    return {
      code: 'USAGE',
      message: `there is no flag ${unknown.join(', ')}${near ? `; the nearest is ${near}` : ''}`,
      suggestions: [help],
    }
  }
  const [first = '', ...rest] = text.split('\n').filter((line) => line.trim() !== '')
  const message = [lowerFirst(first), ...rest.map((line) => line.trim())].join(' ')
  return { code: 'USAGE', message, suggestions: [help] }
}

function masked({ code, message, suggestions }: ErrorReport): ErrorReport {
  return { code, message: maskSecrets(message), suggestions: suggestions.map(maskSecrets) }
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text
}

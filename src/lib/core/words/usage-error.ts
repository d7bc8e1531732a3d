import type { ErrorReport } from '../errors.js'
import { nearest } from './nearest.js'

/** What the parser of the command line throws. */
export interface ParseFailure extends Error {
  flags?: unknown
  args?: unknown
}

/** A command as it was asked for: its id with spaces, and what it knows. */
export interface AskedCommand {
  command: string | undefined
  flags: readonly string[]
  /** How many arguments it needs: of several, the right word for one makes no command that works. */
  needs?: number
}

interface Told {
  message: string
  /** Words behind the command that are right; without them its help is suggested. */
  right?: string | undefined
}

/** A mistake in the command line in our words, with the nearest right word and a command to type. */
export function usageError(error: ParseFailure, { command, flags, needs = 0 }: AskedCommand): ErrorReport {
  const words = ['rental-etl', ...(command ? [command] : [])].join(' ')
  const text = error.message.replace(/\n*See more help with --help\s*$/, '').trim()
  const { message, right } = byClass(error, command, flags) ?? byText(text) ?? { message: plain(text) }
  return {
    code: 'USAGE',
    message,
    suggestions: [...(right === undefined || needs > 1 ? [] : [`${words} ${right}`]), `${words} --help`],
  }
}

function byClass(error: ParseFailure, command: string | undefined, known: readonly string[]): Told | undefined {
  switch (error.constructor.name) {
    case 'NonExistentFlagsError': {
      const unknown = texts(error.flags)
      const first = (unknown[0] ?? '').replace(/=.*/s, '')
      // A single letter is like nothing.
      const near = first.startsWith('--') ? nearest(first.slice(2), known)[0] : undefined
      return {
        message: `there is no flag ${unknown.join(', ')}${near === undefined ? '' : `; the nearest is --${near}`}`,
      }
    }
    case 'UnexpectedArgsError': {
      const extra = texts(error.args)
      return { message: `${command ?? 'rental-etl'} does not take ${extra.map((word) => `"${word}"`).join(', ')}` }
    }
    case 'RequiredArgsError': {
      const missing = (Array.isArray(error.args) ? error.args : []) as { name: string; options?: string[] }[]
      const [first] = missing
      if (first === undefined) return undefined
      const names = missing.map(({ name }) => name.toUpperCase()).join(', ')
      const options = first.options ? `: it is one of ${first.options.join(', ')}` : ''
      return { message: `${names} is missing${options}`, right: first.options?.[0] }
    }
    default:
      return undefined
  }
}

const PATTERNS: readonly [RegExp, (parts: string[]) => Told][] = [
  [
    /^Expected (--[\w-]+)=(.*) to be one of: (.+)$/s,
    ([flag = '', given = '', options = '']) => {
      const known = options.split(', ')
      return {
        message: `${flag} does not take ${given}: it is one of ${options}${hint(given, known)}`,
        right: nearest(given, known)
          .slice(0, 1)
          .map((near) => `${flag} ${near}`)[0],
      }
    },
  ],
  [
    /^Expected (.*) to be one of: (.+)$/s,
    ([given = '', options = '']) => {
      const known = options.split(', ')
      return {
        message: `"${given}" is none of ${options}${hint(given, known)}`,
        right: nearest(given, known)[0],
      }
    },
  ],
  [
    /^Parsing (--[\w-]+)\s+Expected an (integer.*) but received: (.*)$/s,
    ([flag, wanted, given]) => ({ message: `${flag} does not take ${given}: it takes an ${wanted}` }),
  ],
  [/^Flag (--[\w-]+) expects a value$/, ([flag]) => ({ message: `${flag} needs a value` })],
  [
    /^Flag (--[\w-]+) expects one of these values: (.+)$/,
    ([flag, options = '']) => ({
      message: `${flag} needs a value, one of ${options}`,
      right: `${flag} ${options.split(', ')[0]}`,
    }),
  ],
  [/Missing required flag ([\w-]+)/, ([flag]) => ({ message: `--${flag} is missing` })],
  [
    /(--[\w-]+)=\S+ cannot also be provided when using (--[\w-]+)/,
    ([one, other]) => ({ message: `${one} and ${other} do not go together` }),
  ],
]

function byText(text: string): Told | undefined {
  for (const [pattern, tell] of PATTERNS) {
    const match = pattern.exec(text)
    if (match) return tell(match.slice(1))
  }
  return undefined
}

function hint(word: string, known: readonly string[]): string {
  const near = nearest(word, known)[0]
  return near === undefined ? '' : `; the nearest is ${near}`
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/** The parser's words on one line. */
function plain(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return /^[A-Z][a-z]/.test(line) ? `${line.charAt(0).toLowerCase()}${line.slice(1)}` : line
}

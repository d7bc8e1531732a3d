import { leadingGlobals } from './command-line.js'

/** What a shell needs to know of a command. */
export interface CompletableCommand {
  /** With spaces. */
  id: string
  flags: CompletableFlag[]
  /** For each argument: what kind of word it takes. */
  args: { name: string; options?: readonly string[] | undefined }[]
}

export interface CompletableFlag {
  name: string
  char?: string | undefined
  options?: readonly string[] | undefined
  takesValue: boolean
}

/** Words that are known only when they are asked for. */
export interface KnownWords {
  runs(): Promise<string[]>
  targets(): Promise<string[]>
  metrics: readonly string[]
  tables: readonly string[]
  /** With their schema. */
  relations: readonly string[]
  scopes: readonly string[]
  settings: readonly string[]
}

/** What can stand at the end of a command line: words, and files or folders where the shell knows better. */
export interface Completion {
  words: string[]
  wants?: 'files' | 'folders'
}

const GLOBALS = ['target', 'home', 'source']
const ON_EVERY_COMMAND = ['--help']
const WITHOUT_COMMAND = ['--help', '--version', '--target', '--home', '--source', '--json']

/** @param words the command line so far, without the tool's own name; the last one is being typed, and may be empty */
export async function complete(
  words: readonly string[],
  commands: readonly CompletableCommand[],
  known: KnownWords,
): Promise<Completion> {
  const typed = words.at(-1) ?? ''
  const { globals, rest: before } = leadingGlobals(words.slice(0, -1))
  const command = longest(before, commands)
  const everywhere = (commands[0]?.flags ?? []).filter(({ name }) => GLOBALS.includes(name))
  const rest = command ? before.slice(command.id.split(' ').length) : globals
  const flags = command?.flags ?? everywhere
  const flag = flags.find((one) => takes(one, rest.at(-1)))
  if (flag) return flagValue(flag, typed, '', known)
  const [, name, value] = /^--([\w-]+)=(.*)$/s.exec(typed) ?? []
  const written = flags.find((one) => one.takesValue && one.name === name)
  if (written && value !== undefined) return flagValue(written, value, `--${name}=`, known)
  if (typed.startsWith('-')) {
    const names = command ? [...flags.map((one) => `--${one.name}`), ...ON_EVERY_COMMAND] : WITHOUT_COMMAND
    return { words: starting(typed, names) }
  }
  if (!command) return { words: starting(typed, nextWords(before, commands)) }
  const given = rest.filter((word, at) => !word.startsWith('-') && !flags.some((one) => takes(one, rest[at - 1])))
  const arg = command.args[given.length]
  if (arg?.name === 'dir') return { words: [], wants: 'folders' }
  const values = arg ? await argumentWords(command.id, arg, typed, known) : []
  return { words: starting(typed, [...nextWords(before, commands), ...values]) }
}

/** Lines for a shell: the words, and one that says which files to add. No word begins with a colon. */
export function completionLines({ words, wants }: Completion): string[] {
  return [...words, ...(wants === undefined ? [] : [`:${wants}`])]
}

function takes(flag: CompletableFlag, word: string | undefined): boolean {
  return flag.takesValue && (word === `--${flag.name}` || (flag.char !== undefined && word === `-${flag.char}`))
}

function longest(words: readonly string[], commands: readonly CompletableCommand[]): CompletableCommand | undefined {
  const fitting = commands.filter(({ id }) => id.split(' ').every((part, at) => words[at] === part))
  return fitting.sort((a, b) => b.id.length - a.id.length)[0]
}

/** The words that lead on to a command. */
function nextWords(before: readonly string[], commands: readonly CompletableCommand[]): string[] {
  const parts = commands.map(({ id }) => id.split(' ')).filter((id) => before.every((word, at) => id[at] === word))
  return [...new Set(parts.flatMap((id) => id[before.length] ?? []))]
}

/** @param prefix what stands before the value in the word that is typed */
async function flagValue(flag: CompletableFlag, typed: string, prefix: string, known: KnownWords): Promise<Completion> {
  const of = (words: readonly string[], before = ''): Completion => ({
    words: starting(typed.slice(before.length), words).map((word) => `${prefix}${before}${word}`),
  })
  if (flag.options) return of(flag.options)
  switch (flag.name) {
    case 'target':
      return of(await known.targets())
    case 'run':
    case 'to-run':
      return of(await known.runs())
    case 'scope': {
      const before = /^.*,/s.exec(typed)?.[0] ?? ''
      return of(
        known.scopes.filter((scope) => !before.split(',').includes(scope)),
        before,
      )
    }
    case 'source':
      return typed.startsWith('csv:') ? { words: [], wants: 'folders' } : of(['csv:', 'sample', 'sample:'])
    case 'home':
      return { words: [], wants: 'folders' }
    case 'to':
    case 'file':
    case 'junit':
      return { words: [], wants: 'files' }
    default:
      return { words: [] }
  }
}

async function argumentWords(
  command: string,
  arg: CompletableCommand['args'][number],
  typed: string,
  known: KnownWords,
): Promise<readonly string[]> {
  if (arg.options) return arg.options
  if (arg.name === 'run') return known.runs()
  if (arg.name === 'metric') return known.metrics
  if (arg.name === 'table') return known.tables
  // With its schema where one is being typed.
  if (arg.name === 'relation')
    return typed.includes('.') ? known.relations : known.relations.map((name) => name.replace(/^.*\./, ''))
  return command === 'config explain' && arg.name === 'key' ? known.settings : []
}

function starting(typed: string, words: readonly string[]): string[] {
  return [...new Set(words)].filter((word) => word.startsWith(typed)).sort()
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

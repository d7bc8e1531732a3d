/** What a shell needs to know of a command. */
export interface CompletableCommand {
  /** With spaces. */
  id: string
  flags: { name: string; char?: string | undefined; options?: readonly string[] | undefined; takesValue: boolean }[]
  /** For each argument: what kind of word it takes. */
  args: { name: string; options?: readonly string[] | undefined }[]
}

/** Words that are known only when they are asked for. */
export interface KnownWords {
  runs(): Promise<string[]>
  metrics: readonly string[]
  tables: readonly string[]
  settings: readonly string[]
}

/**
 * The words that can stand at the end of a command line.
 * @param words the command line so far, without the tool's own name; the last one is being typed, and may be empty
 */
export async function complete(
  words: readonly string[],
  commands: readonly CompletableCommand[],
  known: KnownWords,
): Promise<string[]> {
  const typed = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const command = longest(before, commands)
  if (!command) return starting(typed, nextWords(before, commands))
  const rest = before.slice(command.id.split(' ').length)
  const last = command.flags.find((flag) => takes(flag, rest.at(-1)))
  if (last) return starting(typed, last.options ?? [])
  if (typed.startsWith('-'))
    return starting(
      typed,
      command.flags.map(({ name }) => `--${name}`),
    )
  const given = rest.filter(
    (word, at) => !word.startsWith('-') && !command.flags.some((flag) => takes(flag, rest[at - 1])),
  )
  const arg = command.args[given.length]
  const values = arg ? await argumentWords(command.id, arg, known) : []
  return starting(typed, [...nextWords(before, commands), ...values])
}

function takes(flag: CompletableCommand['flags'][number], word: string | undefined): boolean {
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

async function argumentWords(
  command: string,
  arg: CompletableCommand['args'][number],
  known: KnownWords,
): Promise<readonly string[]> {
  if (arg.options) return arg.options
  if (arg.name === 'run') return known.runs()
  if (arg.name === 'metric') return known.metrics
  if (arg.name === 'table') return known.tables
  return command === 'config explain' && arg.name === 'key' ? known.settings : []
}

function starting(typed: string, words: readonly string[]): string[] {
  return [...new Set(words)].filter((word) => word.startsWith(typed)).sort()
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** The script that a shell sources; it asks the tool itself for the words, so that run ids are those of now. */
export function completionScript(shell: Shell, bin: string): string {
  const name = `_${bin.replaceAll('-', '_')}`
  if (shell === 'fish') {
    return `complete -c ${bin} -f -a '(${bin} completion --words -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'\n`
  }
  if (shell === 'zsh') {
    return `#compdef ${bin}\n${name}() {\n  local -a found\n  found=("\${(@f)$(${bin} completion --words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")\n  compadd -a found\n}\ncompdef ${name} ${bin}\n`
  }
  return `${name}() {\n  local IFS=$'\\n'\n  COMPREPLY=($(${bin} completion --words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))\n}\ncomplete -o default -F ${name} ${bin}\n`
}

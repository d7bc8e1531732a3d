/** Flags of every command, by the names under which they can be typed; `value` where a word goes with them. */
const GLOBAL_FLAGS: readonly { names: readonly string[]; value: boolean }[] = [
  { names: ['--target', '-t'], value: true },
  { names: ['--home'], value: true },
  { names: ['--source'], value: true },
  { names: ['--json'], value: false },
]

/** Words that may stand among them, and keep their place in front. */
const ANYWHERE = ['--help', '-h']

/** The global flags in front of a command line, and the words behind them. */
export function leadingGlobals(argv: readonly string[]): { globals: string[]; rest: string[] } {
  const globals: string[] = []
  const kept: string[] = []
  let at = 0
  while (at < argv.length) {
    const word = argv[at] as string
    const flag = globalFlag(word)
    if (flag === undefined && !ANYWHERE.includes(word)) break
    const width = flag === 'two words' && at + 1 < argv.length ? 2 : 1
    ;(flag === undefined ? kept : globals).push(...argv.slice(at, at + width))
    at += width
  }
  return { globals, rest: [...kept, ...argv.slice(at)] }
}

/** How a word begins a global flag: with its value in the same word, or in the next one; undefined for any other word. */
function globalFlag(word: string): 'one word' | 'two words' | undefined {
  for (const { names, value } of GLOBAL_FLAGS) {
    for (const name of names) {
      if (word === name) return value ? 'two words' : 'one word'
      const short = !name.startsWith('--')
      if (value && (word.startsWith(`${name}=`) || (short && word.startsWith(name)))) return 'one word'
    }
  }
  return undefined
}

/**
 * The command line with its leading global flags behind the command, where the parser takes them: `-t trial verify` is
 * `verify -t trial`. Without a command behind them nothing is moved.
 * @param ids commands, with spaces
 */
export function globalsBehind(argv: readonly string[], ids: readonly string[]): string[] {
  const { globals, rest } = leadingGlobals(argv)
  if (globals.length === 0 || rest.every((word) => word.startsWith('-'))) return [...argv]
  const helps = rest.findIndex((word) => !ANYWHERE.includes(word))
  const words = rest.slice(helps)
  const length = Math.max(
    1,
    ...ids
      .map((id) => id.split(' '))
      .filter((id) => starts(words, id))
      .map((id) => id.length),
  )
  return [...rest.slice(0, helps + length), ...globals, ...rest.slice(helps + length)]
}

function starts(words: readonly string[], id: readonly string[]): boolean {
  return id.every((part, at) => words[at] === part)
}

/** The target, the home and the source that a command line names, wherever in it. */
export function placeFlags(argv: readonly string[]): { target?: string; home?: string; source?: string } {
  const end = argv.indexOf('--')
  const words = end === -1 ? argv : argv.slice(0, end)
  const found: { target?: string; home?: string; source?: string } = {}
  for (const [at, word] of words.entries()) {
    for (const name of ['target', 'home', 'source'] as const) {
      const names = name === 'target' ? ['--target', '-t'] : [`--${name}`]
      const value = names.includes(word) ? words[at + 1] : valueIn(word, names)
      if (value !== undefined) found[name] = value
    }
  }
  return found
}

function valueIn(word: string, names: readonly string[]): string | undefined {
  const name = names.find((one) => word.startsWith(`${one}=`))
  return name === undefined ? undefined : word.slice(name.length + 1)
}

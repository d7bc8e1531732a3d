import { holdsPassword } from './secrets.js'
import { shellWord } from './shell-word.js'

/** The global flags as they were given. */
export interface GlobalFlags {
  target?: string | undefined
  home?: string | undefined
  source?: string | undefined
}

/** Commands that look at the source; the others would only carry the flag along. */
const READS_SOURCE = /^rental-etl (run|resume|rerun|doctor|verify)\b/

/** Help, and what neither reads nor writes a home. */
const NEEDS_NONE = /^rental-etl (init|sample|completion|--help)\b|--help\b|^(?!rental-etl )/

const COMMENT = /\s+# .*$/

/** A command to type next, with the flags that say which home and which source it is about; a comment stays at its end. */
export function withGlobalFlags(command: string, given: GlobalFlags): string {
  if (NEEDS_NONE.test(command)) return command
  const comment = COMMENT.exec(command)?.[0] ?? ''
  const words = comment === '' ? command : command.slice(0, -comment.length)
  const source = given.source !== undefined && !holdsPassword(given.source) && READS_SOURCE.test(words)
  const flags = [
    ['--target', given.target],
    ['--home', given.home],
    ['--source', source ? given.source : undefined],
  ] as const
  const added = flags.flatMap(([flag, value]) =>
    value === undefined || words.includes(` ${flag} `) ? [] : [` ${flag} ${shellWord(value)}`],
  )
  return `${words}${added.join('')}${comment}`
}

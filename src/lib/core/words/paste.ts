import { holdsPassword } from './secrets.js'
import { shellWord } from './shell-word.js'

/** Flags without which a command would mean another home or another source. */
export interface PlaceFlags {
  target?: string | undefined
  home?: string | undefined
  source?: string | undefined
  /** The as-of date, where one was given. */
  as_of?: string | undefined
}

const READS_SOURCE = /rental-etl (run|resume|rerun|doctor|verify --scope|bookmarks audit|trace)\b/

/** Of the others, each goes on with the as-of date of a run. */
const TAKES_AS_OF = /rental-etl run\b/

/** A command to paste, for the home, the source and the day that this command was given: without them it could load others. */
export function pasteable(command: string, place: PlaceFlags): string {
  const [words = '', ...comment] = command.split(/(?= {2,}#)/)
  // Help is the same for every home.
  if (!`${words} `.includes('rental-etl ') || words.endsWith(' --help')) return command
  // One that is refused for its password is not handed on, either.
  const kept = place.source !== undefined && !holdsPassword(place.source)
  const source = READS_SOURCE.test(command) && kept ? place.source : undefined
  const asOf = TAKES_AS_OF.test(command) ? place.as_of : undefined
  const flags = Object.entries({ target: place.target, home: place.home, source, 'as-of': asOf })
    .filter(([name, value]) => value !== undefined && !new RegExp(`--${name}\\b`).test(words))
    .map(([name, value]) => ` --${name} ${shellWord(value as string)}`)
  return [words, ...flags, ...comment].join('')
}

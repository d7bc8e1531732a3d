import type { Random } from './random.js'
import type { Source } from './source.js'

/** A command that is going to be killed, and when. */
export interface Kill {
  name: string
  argv: readonly string[]
  /** What its tables are once it has ended: as they were, those of a day, or what a copy of the home shows that it was left alone in. */
  after: 'same' | { day: number } | 'copy'
  when: Moment
  /** Somebody looks at the warehouse meanwhile. */
  read: boolean
}

/** Shares: of the time that the command takes, or of the points that it is known to pass and of how often it does. */
export interface Moment {
  kind: 'time' | 'point'
  share: number
  turn: number
  /** How long it takes beside a run, as long as nobody has seen it end. */
  length: number
}

/** One step: commands that are killed one after another, and the run that ends as if nothing had been. */
export interface Step {
  kills: readonly Kill[]
  /** Day of the source that the closing run loads. */
  day: number
}

interface Act {
  weight: number
  name: string
  argv: (day: number) => string[]
  after: 'same' | 'day' | 'copy'
  length?: number
}

/** In a home that is new, what looks for a run ends by itself; that is looked at, too. */
export function planStep(random: Random, source: Source, before: number): Step {
  const acts = actsOn(source)
  const day = random.next() < 0.9 ? otherDay(random, source, before) : before
  const first = random.weighted(acts)
  const kills = [toKill(first, day, random)]
  // A run that was killed is what resume is for, and what the next one finds.
  if (first.name.startsWith('run') && random.next() < 0.35) {
    const next = random.weighted(acts.map((act) => (act.name === 'resume' ? { ...act, weight: 40 } : act)))
    kills.push(toKill(next, random.next() < 0.5 ? day : otherDay(random, source, day), random))
  }
  return { kills, day: random.next() < 0.75 ? day : otherDay(random, source, day) }
}

function actsOn(source: Source): Act[] {
  const folder = (day: number): string[] => source.flags(day).slice(0, 2)
  return [
    { weight: 34, name: 'run', after: 'day', argv: (day) => ['run', ...source.flags(day)] },
    {
      weight: 12,
      name: 'run --full-refresh',
      after: 'day',
      argv: (day) => ['run', '--full-refresh', ...source.flags(day)],
    },
    {
      weight: 10,
      name: 'run --reconcile never',
      after: 'copy',
      argv: (day) => ['run', '--reconcile', 'never', ...source.flags(day)],
    },
    { weight: 8, name: 'rerun extract', after: 'copy', argv: (day) => ['rerun', 'extract', ...folder(day)] },
    { weight: 8, name: 'rerun raw', after: 'copy', argv: () => ['rerun', 'raw'] },
    { weight: 8, name: 'rerun curated', after: 'copy', argv: () => ['rerun', 'curated'], length: 0.5 },
    { weight: 4, name: 'resume', after: 'copy', argv: () => ['resume'] },
    { weight: 7, name: 'bookmarks reset', argv: () => ['bookmarks', 'reset', '--yes'], after: 'same', length: 0.3 },
    {
      weight: 5,
      name: 'bookmarks rewind',
      argv: () => ['bookmarks', 'rewind', '--to-run', '@latest', '--yes'],
      after: 'same',
      length: 0.3,
    },
    { weight: 4, name: 'bookmarks restore', argv: () => ['bookmarks', 'restore', '--yes'], after: 'same', length: 0.3 },
    {
      weight: 6,
      name: 'runs prune',
      argv: () => ['runs', 'prune', '--keep', '2', '--yes'],
      after: 'same',
      length: 0.3,
    },
    { weight: 3, name: 'verify', argv: () => ['verify'], after: 'same', length: 0.7 },
  ]
}

function toKill({ name, argv, after, length = 1 }: Act, day: number, random: Random): Kill {
  const kind = random.next() < 0.3 ? 'time' : 'point'
  const when: Moment = { kind, share: random.next(), turn: random.next(), length }
  return { name, argv: argv(day), after: after === 'day' ? { day } : after, when, read: random.next() < 0.3 }
}

function otherDay(random: Random, source: Source, day: number): number {
  const others = source.days.map((_, at) => at).filter((at) => at !== day)
  return random.pick(others)
}

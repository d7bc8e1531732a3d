import type { TraceFacts } from './facts.js'
import type { TraceKind } from './key.js'
import { type Reached, type Stand, standOf } from './stand.js'
import { isCurrent, type TraceStep, traceSteps } from './steps.js'

export interface Verdict {
  /** In words. */
  verdict: string
  /** The furthest place that has the key; null where nobody knows it. */
  reached: Reached | null
  /** Why it goes no further, where a rule says so. */
  rule: string | null
  /** What to type; the runs that are named in it may have no record any more. */
  next: string[]
}

/** The way of a key, as `--json` gives it. */
export interface Traced extends Omit<Verdict, 'next'> {
  kind: TraceKind
  key: string
  steps: TraceStep[]
}

export function tracedOf(facts: TraceFacts): { traced: Traced; next: string[] } {
  const { verdict, reached, rule, next } = verdictOf(facts)
  const { kind, text } = facts.key
  return { traced: { kind, key: text, verdict, reached, rule, steps: traceSteps(facts) }, next }
}

/** Where a key is, and what keeps it from going further. */
export function verdictOf(facts: TraceFacts): Verdict {
  const [own, ...beside] = stands(facts)
  const others = beside.filter((stand) => stand.text !== null && isTold(facts, own, stand))
  const told = others.map(({ table, text }) => `${table}: ${text}`)
  const onward = own.isInRaw ? fromRaw(facts) : notInRaw(facts, own)
  const all = [own, ...others]
  const unread = all.some(({ isRead }) => !isRead) ? ['the source was not read'] : []
  return {
    verdict: [...(own.text === null ? [] : [own.text]), ...onward.words, ...told, ...unread].join('; '),
    reached: onward.reached ?? own.reached ?? others.find(({ reached }) => reached !== null)?.reached ?? null,
    rule: onward.rule,
    next: [...new Set([...all.flatMap(({ next }) => next), ...onward.next])],
  }
}

/** The table that the verdict is about comes first: the second one where only that knows the key. */
function stands({ tables, key }: TraceFacts): [Stand, ...Stand[]] {
  const all = tables.map((table) => standOf(table, key.kind)) as [Stand, ...Stand[]]
  const [first, second] = all
  const better =
    second !== undefined && (first.reached === null || (key.kind === 'user' && !first.isInRaw && second.isInRaw))
  return better && second.reached !== null ? [second, first] : all
}

/** A table that never saw a user says nothing; that a listing has no attributes does. */
function isTold({ key }: TraceFacts, own: Stand, { reached }: Stand): boolean {
  return reached !== null || (key.kind !== 'user' && own.reached !== null)
}

interface Onward extends Pick<Verdict, 'rule' | 'next' | 'reached'> {
  words: string[]
}

const BEHIND = ['rental-etl resume']

function notInRaw({ curated, feeds }: TraceFacts, own: Stand): Onward {
  const isFed = feeds.some(({ cells }) => cells > 0)
  if (curated.row !== null) {
    const words = ['curated still has it: raw is ahead']
    return { words, rule: own.rule, next: BEHIND, reached: isFed ? 'presentation' : 'curated' }
  }
  const words = isFed ? ['bookings name it, as an unknown listing'] : []
  return { words, rule: own.rule, next: [], reached: own.reached ?? (isFed ? 'presentation' : null) }
}

/** What becomes of a row of raw. */
function fromRaw({ key, curated, feeds }: TraceFacts): Onward {
  const { row, expected, rule } = curated
  if (row === null) {
    if (rule !== null) return { words: [`dropped: raw → curated, ${rule}`], rule, next: [], reached: 'raw' }
    return { words: ['in raw, not in curated yet: raw is ahead'], rule: null, next: BEHIND, reached: 'raw' }
  }
  const isFed = feeds.some(({ cells }) => cells > 0)
  const reached = isFed ? 'presentation' : 'curated'
  if (expected === null)
    return { words: ['in curated, though raw gives it no more: raw is ahead'], rule, next: BEHIND, reached }
  const why = isFed || key.kind === 'view' ? null : (feeds[0]?.why ?? null)
  const where = why === null ? 'in every layer' : `dropped: curated → presentation, ${why}`
  const words = [
    where,
    ...(key.kind === 'view' ? ['no metric is made of it'] : []),
    ...(isCurrent(key, curated) ? [] : ['curated is not what raw gives now: raw is ahead']),
  ]
  return { words, rule: why, next: isCurrent(key, curated) ? [] : BEHIND, reached }
}

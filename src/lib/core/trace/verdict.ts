import type { TraceFacts } from './facts.js'
import { type Reached, type Stand, standOf } from './stand.js'

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

/** Where a key is, and what keeps it from going further. */
export function verdictOf(facts: TraceFacts): Verdict {
  const [own, ...beside] = stands(facts)
  const others = beside.filter((stand) => stand.text !== null && isTold(facts, stand))
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
function isTold({ key }: TraceFacts, { reached }: Stand): boolean {
  return key.kind !== 'user' || reached !== null
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
  if (isFed) return { words: ['in every layer'], rule: null, next: [], reached }
  if (key.kind === 'view') return { words: ['in every layer; no metric is made of it'], rule: null, next: [], reached }
  const why = feeds[0]?.why ?? null
  return { words: [`dropped: curated → presentation, ${why}`], rule: why, next: [], reached }
}

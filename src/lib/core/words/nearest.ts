/** Longest part of a word that a name is looked up by: names are short, and a pasted text is none. */
const LONGEST = 100

/**
 * Up to three names, nearest first; of equally near ones the earlier. Near is what a slip of the keys makes, or a name's
 * beginning of three letters: a far-fetched name is worse than none.
 */
export function nearest(name: string, known: readonly string[]): string[] {
  if (name.length > LONGEST) return []
  const typed = name.toLowerCase()
  return known
    .map((candidate) => ({ candidate, distance: distance(typed, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => isNear(typed, candidate.toLowerCase(), distance))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate)
}

/** Slips are few in a short word, and seldom at its first letter. */
function isNear(typed: string, candidate: string, slips: number): boolean {
  if (typed.length >= 3 && candidate.startsWith(typed)) return true
  const shorter = Math.min(typed.length, candidate.length)
  const allowed = shorter < 2 ? 0 : shorter < 5 ? 1 : shorter < 8 ? 2 : Math.floor(shorter / 3)
  return slips <= Math.min(allowed, typed[0] === candidate[0] ? allowed : 1)
}

/** Letters to insert, delete, replace, or swap with their neighbour. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? (before[j - 2] as number) + 1
          : Number.POSITIVE_INFINITY
      next.push(Math.min(replaced, swapped, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    before = row
    row = next
  }
  return row[b.length] as number
}

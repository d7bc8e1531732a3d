/**
 * How the values of a source's column become those of one of the model's: `plain` as they are, `made` by an expression,
 * `unclear` where they could mean several things, so that nobody but the user can say; `none` where they are of
 * another kind. An expression leaves a value that it is not for as it stands: such a one is then quarantined, not lost.
 */
export type Form = { kind: 'plain' | 'unclear' | 'none'; note?: string } | { kind: 'made'; sql: string; note?: string }

/** Real columns hold a few values that are none, one in ten of them at most; more of them, and it is another form. */
const FEW = 10

/** Those of the values that have a form, where nearly all do; undefined where more do not. */
export function mostly(values: readonly string[], has: (text: string) => boolean): string[] | undefined {
  const found = values.filter(has)
  return found.length > 0 && (values.length - found.length) * FEW <= values.length ? found : undefined
}

/** Values that are odd are so few that they are the quarantine's matter, and no form of the column. */
export function areFew(odd: readonly string[], values: readonly string[]): boolean {
  return odd.length * FEW <= values.length
}

/** The values are taken as they are, and some of them are not read. */
export function plainBut(odd: readonly string[], values: readonly string[]): Form {
  if (odd.length === 0) return { kind: 'plain' }
  return { kind: 'plain', note: `${odd.length} of the first ${values.length} values cannot be read, such as ${odd[0]}` }
}

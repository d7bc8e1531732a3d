/**
 * How the values of a source's column become those of one of the model's: `plain` as they are, `made` by an expression,
 * `unclear` where they could mean several things, so that nobody but the user can say; `none` where they are of
 * another kind. An expression leaves a value that it is not for as it stands: such a one is then quarantined, not lost.
 */
export type Form = { kind: 'plain' | 'unclear' | 'none'; note?: string } | { kind: 'made'; sql: string; note?: string }

/** Real columns hold a few values that are none; more of them, and it is another form. */
const MOST = 0.9

/** Those of the values that have a form, where nearly all do; undefined where more do not. */
export function mostly(values: readonly string[], has: (text: string) => boolean): string[] | undefined {
  const found = values.filter(has)
  return found.length > 0 && found.length >= MOST * values.length ? found : undefined
}

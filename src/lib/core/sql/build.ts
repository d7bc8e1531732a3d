/** The row of curated.build: what curated was last built for. */
export type Build = {
  run_id: string
  as_of: string
  /** True where a load has come since. */
  behind: boolean
}

/** Gives that row; none where curated was not built yet. */
export const BUILD_QUERY =
  'select run_id, as_of, raw_seq < (select max(seq) from raw_data.load_log) as behind from curated.build'

export const NOT_BUILT = 'curated was not built yet'
export const UNBUILT = `${NOT_BUILT}: rental-etl resume`
const BEHIND = 'raw is ahead of curated, a run stopped between: rental-etl resume'

/** Why curated is not what raw gives, and what to type; undefined where it should be. */
export function whyNotCurrent(build: Build | undefined): string | undefined {
  if (build === undefined) return UNBUILT
  return build.behind ? BEHIND : undefined
}

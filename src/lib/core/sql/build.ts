import { CURATED_TABLES } from '../model.js'
import { CHANGED_KEYS } from './ddl.js'

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

/** What decides how curated is built, as one row. */
export type BuildState = {
  /** It was never built, or a load since then has rebuilt a table of raw. */
  must_rebuild: boolean
  /** Keys have changed since. */
  changed: boolean
  /** It has no row yet. */
  empty: boolean
}

const anyRow = (tables: readonly string[]): string =>
  tables.map((name) => `exists (select 1 from curated.${name})`).join(' or ')

/** Gives that row. */
export const BUILD_STATE_QUERY = `select case when not exists (select 1 from curated.build) then true
        when exists (select 1 from raw_data.load_log where full_refresh and seq > (select coalesce(max(raw_seq), 0) from curated.build)) then true
        else false end as must_rebuild,
      case when ${anyRow(Object.keys(CHANGED_KEYS))} then true else false end as changed,
      case when ${anyRow(CURATED_TABLES.map(({ name }) => name))} then false else true end as empty`

export const NOT_BUILT = 'curated was not built yet'
export const UNBUILT = `${NOT_BUILT}: rental-etl resume`
const BEHIND = 'raw is ahead of curated, a run stopped between: rental-etl resume'

/** Why curated is not what raw gives, and what to type; undefined where it should be. */
export function whyNotCurrent(build: Build | undefined): string | undefined {
  if (build === undefined) return UNBUILT
  return build.behind ? BEHIND : undefined
}

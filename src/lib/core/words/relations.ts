import { EtlError } from '../errors.js'
import { METRICS } from '../metrics/metrics.js'
import { SOURCE_TABLES } from '../model.js'
import { nearest } from './nearest.js'

/** A table or view of the warehouse, as it is found there. */
export interface Relation {
  schema: string
  name: string
  kind: 'table' | 'view'
  columns: { name: string; type: string }[]
  /** BIGINT, as text; where the warehouse knows it without computing anything. */
  rows?: string
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  'raw_data.load_log': 'each load of each table, with its counts',
  'raw_data.quarantine': 'rows that did not make it into raw, whole',
  'raw_data.bookmark_resets': 'tables that the next run reads from the beginning',
  'raw_data.bookmark_rewinds': 'positions that the next run without reconciling reads from',
  'raw_data.bookmark_changes': 'resets, rewinds and restores of bookmarks, by whom and why',
  'raw_data.schema_version': 'version of these tables',
  'curated.dim_listings': 'listings that can be priced and placed, with the time of their life',
  'curated.fact_bookings': 'confirmed bookings',
  'curated.fact_user_views': 'views of listings by users',
  'curated.dim_users': 'users who viewed or booked, with their counts',
  'curated.dim_dates': 'calendar up to the as-of date',
  'curated.build': 'run and as-of date that the views show',
  'curated.changed_listings': 'listings that changed since curated was built',
  'curated.changed_bookings': 'bookings that changed since curated was built',
  'curated.changed_views': 'views that changed since curated was built',
  'curated.changed_users': 'users that changed since curated was built',
  ...Object.fromEntries(SOURCE_TABLES.map(({ name, raw }) => [`raw_data.${raw}`, `${name} of the source, typed`])),
  ...Object.fromEntries(METRICS.map(({ view, definition }) => [`presentation.${view}`, definition])),
}

/** All relations that the tool makes, with their schema. */
export const RELATIONS: readonly string[] = Object.keys(DESCRIPTIONS)

/** What a relation holds, in a line; undefined for one that is not ours. */
export function describeRelation({ schema, name }: { schema: string; name: string }): string | undefined {
  return DESCRIPTIONS[`${schema}.${name}`]
}

/**
 * The relation of that name, with its schema or without where only one has it.
 * @param command what is suggested, for the nearest name
 * @throws EtlError NOT_FOUND with the nearest name
 */
export function findRelation(
  asked: string,
  relations: readonly Relation[],
  command: (near: string) => string,
): Relation {
  const fullName = ({ schema, name }: Relation): string => `${schema}.${name}`
  const wanted = asked.toLowerCase()
  const found = relations.filter((relation) => fullName(relation) === wanted || relation.name === wanted)
  if (found.length === 1) return found[0] as Relation
  const view = METRICS.find(({ name }) => name === wanted)?.view
  const names = relations.map((relation) => (wanted.includes('.') ? fullName(relation) : relation.name))
  const close = view ? relations.filter(({ name }) => name === view) : closest(wanted, names, relations)
  const near = (found.length > 0 ? found : close).map(fullName)
  throw new EtlError(
    found.length > 1
      ? `${asked} is the name of ${near.join(' and ')}`
      : `there is no relation ${asked}${near[0] ? `; the nearest is ${near[0]}` : ''}`,
    {
      code: 'NOT_FOUND',
      suggestions: [...(near[0] ? [command(near[0])] : []), 'rental-etl tables'],
    },
  )
}

/** By spelling; a source's table name, and part of a name, count too. */
function closest(wanted: string, names: readonly string[], relations: readonly Relation[]): Relation[] {
  const [near] = nearest(wanted, names)
  const part = names.findIndex((name) => wanted.length > 2 && name.includes(wanted))
  const at = part >= 0 ? part : near === undefined ? -1 : names.indexOf(near)
  return at >= 0 ? [relations[at] as Relation] : []
}

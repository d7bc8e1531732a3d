import { SOURCE_TABLES } from '../model.js'
import { CHANGED_KEYS, SCHEMA_VERSION } from './ddl.js'
import { ident, literal } from './names.js'

/**
 * What does not agree within the warehouse: its version, the build, what is noted for the next one, the load log with
 * itself and with raw. A row per problem; `found` is a key or a number.
 */
export function consistencyQuery(): string {
  const names = SOURCE_TABLES.map(({ name }) => literal(name)).join(', ')
  const log = 'raw_data.load_log'
  return [
    problem(
      'raw_data.schema_version is not one row of this version',
      'count(*)',
      `raw_data.schema_version having count(*) <> 1 or max(version) <> ${SCHEMA_VERSION}`,
    ),
    problem('curated.build has several rows', 'count(*)', 'curated.build having count(*) > 1'),
    problem(
      'curated.build is of a load that is not in the load log',
      'raw_seq',
      `curated.build b where raw_seq > 0 and not exists (select 1 from ${log} l where l.seq = b.raw_seq)`,
    ),
    problem(
      'curated.build says of no load that it is of it',
      'count(*)',
      'curated.build where raw_seq is null having count(*) > 0',
    ),
    problem('curated.dim_dates has a day twice', 'day', 'curated.dim_dates group by day having count(*) > 1'),
    ...FORGOTTEN.map(([raw, changed, same]) =>
      problem(
        `curated.${changed} lacks keys of ${raw} that changed since curated was built`,
        'count(*)',
        `raw_data.${raw} r where r._load_seq > (select max(raw_seq) from curated.build)
          and not exists (select 1 from ${log} where full_refresh and seq > (select max(raw_seq) from curated.build))
          and not exists (select 1 from curated.${changed} c where ${same}) having count(*) > 0`,
      ),
    ),
    ...Object.keys(CHANGED_KEYS).map((name) =>
      problem(
        `curated.${name} holds keys though curated is as new as raw`,
        'count(*)',
        `curated.${name} where (select max(raw_seq) from curated.build) = (select max(seq) from ${log}) having count(*) > 0`,
      ),
    ),
    problem(
      'raw_data.bookmark_resets names what is no source table, or one twice',
      'table_name',
      `raw_data.bookmark_resets group by table_name having count(*) > 1 or table_name not in (${names})`,
    ),
    problem(
      'raw_data.bookmark_rewinds names what is no source table, or one twice',
      'table_name',
      `raw_data.bookmark_rewinds group by table_name having count(*) > 1 or table_name not in (${names})`,
    ),
    problem(
      'raw_data.bookmark_changes names what is no source table, or one twice in a change',
      'seq',
      `raw_data.bookmark_changes group by seq, table_name having count(*) > 1 or table_name not in (${names})`,
    ),
    problem(
      'raw_data.quarantine has a row of no source table',
      'id',
      `raw_data.quarantine where table_name is null or table_name not in (${names})`,
    ),
    problem('raw_data.quarantine has an id twice', 'id', 'raw_data.quarantine group by id having count(*) > 1'),
    problem(
      'raw_data.load_log has not one row for each table of a load',
      'seq',
      `${log} group by seq having count(*) <> ${SOURCE_TABLES.length} or count(distinct table_name) <> ${SOURCE_TABLES.length} or count(distinct run_id) <> 1
        or count(distinct manifest_hash) <> 1 or max(case when table_name in (${names}) then 0 else 1 end) = 1`,
    ),
    problem(
      'raw_data.load_log lacks a load',
      'max(seq)',
      `${log} having max(seq) <> count(distinct seq) or min(seq) <> 1`,
    ),
    problem(
      'raw_data.load_log does not balance',
      'seq',
      `${log} where rows_out <> inserted + updated + unchanged or rows_in <> rows_out + superseded + quarantined`,
    ),
    ...SOURCE_TABLES.flatMap(({ name, raw, bookmark }) => {
      const own = `${log} l where l.table_name = ${literal(name)}`
      const last = `(select max(seq) from ${own})`
      const full = `(select coalesce(max(seq), 0) from ${own} and l.full_refresh)`
      return [
        problem(
          `the bookmark of ${name} in the load log is not that of raw`,
          'bookmark',
          `${own} and seq = ${last} and coalesce(bookmark, '') <> coalesce((select cast(max(${ident(bookmark.column)}) as varchar(64)) from raw_data.${raw}), '')`,
        ),
        // Since the last rebuild, which counts the rows that went with it beside its own.
        problem(
          `the load log of ${name} gives another number of rows than raw has`,
          'sum(inserted - case when full_refresh then 0 else deleted end)',
          `${own} and seq >= ${full} having sum(inserted - case when full_refresh then 0 else deleted end) <> (select count(*) from raw_data.${raw})`,
        ),
      ]
    }),
  ].join('\nunion all\n')
}

/** What the load notes for the next build: of which raw table, where, and how the keys agree. */
const FORGOTTEN = [
  ['stg_apartments', 'changed_listings', 'c.listing_id = r.id'],
  ['stg_apartment_attributes', 'changed_listings', 'c.listing_id = r.id'],
  ['stg_bookings', 'changed_bookings', 'c.booking_id = r.booking_id'],
  ['stg_bookings', 'changed_users', 'c.user_id = r.user_id or r.user_id is null'],
  [
    'stg_user_viewing',
    'changed_views',
    'c.user_id = r.user_id and c.listing_id = r.apartment_id and c.viewed_timestamp = r.viewed_at',
  ],
  ['stg_user_viewing', 'changed_users', 'c.user_id = r.user_id'],
] as const

function problem(what: string, found: string, from: string): string {
  return `select ${literal(what)} as problem, cast(${found} as varchar(100)) as found from ${from}`
}

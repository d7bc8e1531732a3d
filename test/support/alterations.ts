import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

/**
 * What somebody may do by hand to a home that was loaded, and whether `verify` has to say so.
 * `red`: an error, exit 1 or 74. `warn`: told, exit 0. `documented`: verify cannot know, or need not, and
 * docs/reliability.md says so.
 */
export interface Alteration {
  name: string
  expected: 'red' | 'warn' | 'documented'
  /** Statements against `warehouse.duckdb`, opened for writing. */
  sql?: readonly string[]
  /** What is done to other files of the home. */
  action?: (home: string) => void | Promise<void>
  /** A column without which there is nothing to alter: `table.column`, with its schema. */
  needs?: string
  /** The home that it is tried on: curated is up to raw, unless a run went no further than raw. */
  state?: 'raw ahead'
}

const TABLES = {
  'raw_data.stg_apartments': 'price price is_active last_modified_timestamp title currency',
  'raw_data.stg_apartment_attributes': 'bathrooms square_feet body cityname has_photo latitude',
  'raw_data.stg_bookings': 'user_id booking_date total_price booking_status num_guests payment_status',
  'raw_data.stg_user_viewing': 'is_wishlisted call_to_action',
  'curated.dim_listings':
    'title price listing_created_on is_active last_modified_timestamp bathrooms square_feet active_from active_to',
  'curated.fact_bookings': 'user_id listing_id checkin_date total_price currency num_guests',
  'curated.fact_user_views': 'viewed_at is_wishlisted call_to_action',
  'curated.dim_users': 'view_count first_viewed_on confirmed_booking_count',
  'curated.dim_dates': 'week_start month_start',
} as const

/** A column that tells rows apart. */
export const KEYS: Record<string, string> = {
  'raw_data.stg_apartments': 'id',
  'raw_data.stg_apartment_attributes': 'id',
  'raw_data.stg_bookings': 'booking_id',
  'raw_data.stg_user_viewing': 'user_id',
  'curated.dim_listings': 'listing_id',
  'curated.fact_bookings': 'booking_id',
  'curated.fact_user_views': 'user_id',
  'curated.dim_users': 'user_id',
  'curated.dim_dates': 'day',
}

/** Another value of the same type, whatever the type is. */
function other(column: string): string {
  if (/(_on|_date|_at|_from|_to|_start)$/.test(column)) return `${column} + interval 1 day`
  if (/timestamp$/.test(column)) return `${column} + interval 1 microsecond`
  if (/^is_/.test(column)) return `not ${column}`
  if (/^(price|total_price)$/.test(column)) return `${column} + 0.01`
  if (/^bathrooms$/.test(column)) return `${column} + 0.1`
  if (/^latitude$/.test(column)) return `${column} - 0.000001`
  if (/(_id|_feet|_count|_guests)$/.test(column)) return `${column} + 1`
  return `${column} || ' '`
}

const one = (table: string, having: string): string =>
  `rowid = (select max(rowid) from ${table} where ${having} is not null)`

/** Single cells: one of each column that stands for a type, changed and made NULL, and the key. */
const CELLS: Alteration[] = Object.entries(TABLES).flatMap(([table, columns]) => {
  const key = KEYS[table] as string
  const names = [...new Set(columns.split(' '))]
  const next = key === 'day' ? 'day + interval 4000 day' : `${key} + 987654321`
  return [
    ...names.flatMap((name): Alteration[] => [
      red(
        `${table}.${name} of one row changed`,
        `update ${table} set ${name} = ${other(name)} where ${one(table, name)}`,
      ),
      red(`${table}.${name} of one row made NULL`, `update ${table} set ${name} = null where ${one(table, name)}`),
    ]),
    red(`${table}.${key} of one row changed`, `update ${table} set ${key} = ${next} where ${one(table, key)}`),
    red(`${table}: one row deleted`, `delete from ${table} where ${one(table, key)}`),
    red(`${table}: one row doubled`, `insert into ${table} select * from ${table} where ${one(table, key)}`),
    red(`${table}: emptied`, `delete from ${table}`),
  ]
})

/** A change with which all sums stay as they are. */
const SWAPS: Alteration[] = [
  red(
    'two prices of raw exchanged',
    `create temp table two as select booking_id, lead(total_price, 1, first_price) over (order by booking_id) as price
      from (select booking_id, total_price, first_value(total_price) over (order by booking_id) as first_price
        from raw_data.stg_bookings where total_price is not null order by booking_id limit 2)`,
    'update raw_data.stg_bookings b set total_price = two.price from two where two.booking_id = b.booking_id',
  ),
  red(
    'a row of raw and its row of curated changed alike',
    `update raw_data.stg_bookings set total_price = total_price + 1 where booking_id = (select min(booking_id) from curated.fact_bookings)`,
    `update curated.fact_bookings set total_price = total_price + 1 where booking_id = (select min(booking_id) from curated.fact_bookings)`,
  ),
]

const B = 'raw_data.stg_bookings'
const TECHNICAL: Alteration[] = [
  red('_load_seq beyond the last load', `update ${B} set _load_seq = 999 where ${one(B, 'booking_id')}`),
  red('_load_seq of no load', `update ${B} set _load_seq = -1 where ${one(B, 'booking_id')}`),
  red('_load_seq NULL', `update ${B} set _load_seq = null where ${one(B, 'booking_id')}`),
  red('_run_id of no run', `update ${B} set _run_id = 'somebody' where ${one(B, 'booking_id')}`),
  red(
    '_load_seq of another load, whose run it is not',
    `update ${B} set _load_seq = (select min(seq) from raw_data.load_log) where _load_seq = (select max(_load_seq) from ${B})`,
  ),
  red('_position changed', `update ${B} set _position = _position + 1 where ${one(B, 'booking_id')}`),
  red('_superseded raised', `update ${B} set _superseded = _superseded + 1 where ${one(B, 'booking_id')}`),
  red(
    '_superseded moved to another row',
    `update ${B} set _superseded = _superseded + case when booking_id = (select min(booking_id) from ${B} where _superseded = 0) then 1 else -1 end
      where booking_id in ((select min(booking_id) from ${B} where _superseded = 0), (select min(booking_id) from ${B} where _superseded > 0))`,
  ),
  red(
    '_nullified of a column that was never bad',
    `update ${B} set _nullified = 'num_guests' where ${one(B, 'num_guests')}`,
  ),
  red('_nullified forgotten', `update ${B} set _nullified = null where ${one(B, '_nullified')}`),
  {
    ...red('_row_hash changed', `update ${B} set _row_hash = _row_hash + 1 where ${one(B, 'booking_id')}`),
    needs: `${B}._row_hash`,
  },
]

const D = '(select as_of from curated.build)'
const BUILD: Alteration[] = [
  red('build names a run that is none', `update curated.build set run_id = 'somebody'`),
  red(
    'build names another run',
    `update curated.build set run_id = (select run_id from raw_data.load_log order by seq limit 1)`,
  ),
  red(
    'as_of a year earlier, dim_dates cut to it',
    'update curated.build set as_of = as_of - interval 1 year',
    `delete from curated.dim_dates where day > ${D}`,
  ),
  red('as_of a day later', 'update curated.build set as_of = as_of + interval 1 day'),
  red(
    'as_of a day later, dim_dates too',
    `insert into curated.dim_dates select day + interval 1 day, date_trunc('week', day + interval 1 day), date_trunc('month', day + interval 1 day) from curated.dim_dates where day = ${D}`,
    'update curated.build set as_of = as_of + interval 1 day',
  ),
  red('as_of NULL', 'update curated.build set as_of = null'),
  red('raw_seq beyond the last load', 'update curated.build set raw_seq = raw_seq + 5'),
  red('raw_seq NULL', 'update curated.build set raw_seq = null'),
  // Raw seems to be ahead of curated: that is told, and the next run does no harm.
  { name: 'raw_seq of an earlier load', expected: 'warn', sql: ['update curated.build set raw_seq = raw_seq - 1'] },
  red('a second row in build', 'insert into curated.build select * from curated.build'),
  red(
    'a second row in build, of another day',
    `insert into curated.build select 'somebody', as_of - interval 30 day, raw_seq from curated.build`,
  ),
  red('build without a row', 'delete from curated.build'),
]

const CHANGED: Alteration[] = [
  red(
    'changed_bookings: a key, though curated is up to raw',
    `insert into curated.changed_bookings select min(booking_id) from ${B}`,
  ),
  red('changed_listings: a key of no listing', 'insert into curated.changed_listings values (-1)'),
  red('changed_users: a NULL', 'insert into curated.changed_users values (null)'),
  // The next run would leave these keys as they were: curated is wrong from then on.
  ...['changed_listings', 'changed_bookings', 'changed_views', 'changed_users'].map(
    (name): Alteration => ({
      ...red(`${name}: forgotten before curated was built`, `delete from curated.${name}`),
      state: 'raw ahead',
    }),
  ),
]

const last = `seq = (select max(seq) from raw_data.load_log) and table_name = 'bookings'`
const log = (set: string): string => `update raw_data.load_log set ${set} where ${last}`
const LOAD_LOG: Alteration[] = [
  ...[
    'source_rows',
    'source_unchanged',
    'rows_in',
    'rows_out',
    'inserted',
    'updated',
    'deleted',
    'superseded',
    'quarantined',
  ].map((name) => red(`load_log.${name} raised`, log(`${name} = ${name} + 1`))),
  red(
    'load_log: source_rows and unchanged raised alike',
    log('source_rows = source_rows + 1, source_unchanged = source_unchanged + 1'),
  ),
  // It balances, and no command computes with it; the run's record has the true counts.
  {
    name: 'load_log: rows_in, rows_out and inserted raised alike',
    expected: 'documented',
    sql: [log('rows_in = rows_in + 1, rows_out = rows_out + 1, inserted = inserted + 1')],
  },
  red('load_log.bookmark raised', log(`bookmark = '999999999999'`)),
  red('load_log.bookmark NULL', log('bookmark = null')),
  red('load_log.reconciled turned', log('reconciled = not reconciled')),
  red('load_log.full_refresh turned', log('full_refresh = not full_refresh')),
  red('load_log.manifest_hash changed', log(`manifest_hash = 'x' || manifest_hash`)),
  red('load_log.run_id of no run', log(`run_id = 'somebody'`)),
  red('load_log.table_name of no table', log(`table_name = 'listings'`)),
  red(
    'load_log: seq of the last load raised',
    `update raw_data.load_log set seq = seq + 7 where seq = (select max(seq) from raw_data.load_log)`,
  ),
  red('load_log: the last load forgotten for one table', `delete from raw_data.load_log where ${last}`),
  red(
    'load_log: the last load forgotten',
    'delete from raw_data.load_log where seq = (select max(seq) from raw_data.load_log)',
  ),
  red('load_log: emptied', 'delete from raw_data.load_log'),
  red('load_log: a row doubled', `insert into raw_data.load_log select * from raw_data.load_log where ${last}`),
  // Nobody but the clock knows it, and order is by seq.
  {
    name: 'load_log.loaded_at another time',
    expected: 'documented',
    sql: [log('loaded_at = loaded_at - interval 1 day')],
  },
  {
    // The digest of another version of the engine says nothing: that is told.
    ...red('load_log.digest changed', log(`digest = translate(digest, '0123456789', '1234567890')`)),
    expected: 'warn',
    needs: 'raw_data.load_log.digest',
  },
  { ...red('load_log.digest forgotten', log('digest = null')), needs: 'raw_data.load_log.digest' },
]

const Q = 'raw_data.quarantine'
const open = `id = (select min(id) from ${Q} where table_name = 'bookings' and cleared_run_id is null)`
const QUARANTINE: Alteration[] = [
  red('quarantine: rule changed', `update ${Q} set rule = 'bad_value:total_price_' where ${open}`),
  red('quarantine: key changed', `update ${Q} set key_text = coalesce(key_text, '') || '9' where ${open}`),
  red('quarantine: text changed', `update ${Q} set row_text = row_text || ' ' where ${open}`),
  red('quarantine: occurrence changed', `update ${Q} set occurrence = occurrence + 7 where ${open}`),
  red('quarantine: first run changed', `update ${Q} set first_run_id = 'somebody' where ${open}`),
  red(
    'quarantine: cleared, though still bad',
    `update ${Q} set cleared_run_id = (select run_id from raw_data.load_log order by seq desc limit 1) where ${open}`,
  ),
  red('quarantine: one id for two rows', `update ${Q} set id = (select max(id) from ${Q}) where ${open}`),
  red('quarantine: id NULL', `update ${Q} set id = null where ${open}`),
  // A number that only says which row is meant.
  {
    name: 'quarantine: another id',
    expected: 'documented',
    sql: [`update ${Q} set id = (select max(id) + 1 from ${Q}) where ${open}`],
  },
  red('quarantine: a row deleted', `delete from ${Q} where ${open}`),
  red(
    'quarantine: a row of an unknown table',
    `insert into ${Q} select * replace ('listings' as table_name, 424242 as id) from ${Q} where ${open}`,
  ),
  red(
    'quarantine: a row of no table',
    `insert into ${Q} select * replace (null as table_name, 424242 as id) from ${Q} where ${open}`,
  ),
  red('quarantine: emptied', `delete from ${Q}`),
]

const OTHER_TABLES: Alteration[] = [
  red('schema_version lowered', 'update raw_data.schema_version set version = version - 1'),
  red('schema_version raised', 'update raw_data.schema_version set version = version + 1'),
  red(
    'schema_version: two rows',
    'insert into raw_data.schema_version select version - 1 from raw_data.schema_version',
  ),
  red('schema_version: no row', 'delete from raw_data.schema_version'),
  red('bookmark_resets: a table that is none', `insert into raw_data.bookmark_resets values ('listings')`),
  // It is what the command of that name does: the next run reads the table whole.
  {
    name: 'bookmark_resets: a table',
    expected: 'documented',
    sql: [`insert into raw_data.bookmark_resets values ('bookings')`],
  },
  red('bookmark_rewinds: a table that is none', `insert into raw_data.bookmark_rewinds values ('listings', '1')`),
  {
    name: 'bookmark_rewinds: a table',
    expected: 'documented',
    sql: [`insert into raw_data.bookmark_rewinds values ('bookings', '1')`],
  },
]

const asTable = (name: string, body: string): string[] => [
  `create table keep as select * from ${name}`,
  `drop table ${name}`,
  body,
]
const STRUCTURE: Alteration[] = [
  red(
    'a curated table replaced by a view of it',
    ...asTable('curated.fact_bookings', 'create view curated.fact_bookings as select * from main.keep'),
  ),
  red(
    'a curated table replaced by a view that doubles it',
    ...asTable(
      'curated.dim_users',
      'create view curated.dim_users as select * from main.keep union all select * from main.keep',
    ),
  ),
  red('a raw table replaced by a view of it', ...asTable(B, `create view ${B} as select * from main.keep`)),
  red('total_price of raw a double', `alter table ${B} alter total_price type double`),
  red('total_price of curated a double', 'alter table curated.fact_bookings alter total_price type double'),
  red(
    'total_price of curated a wider decimal',
    'alter table curated.fact_bookings alter total_price type decimal(18,4)',
  ),
  red('an id of raw a text', 'alter table raw_data.stg_apartments alter id type varchar'),
  red('a boolean of raw a text', 'alter table raw_data.stg_user_viewing alter is_wishlisted type varchar'),
  red('a column of curated.build a text', 'alter table curated.build alter as_of type varchar'),
  red('an extra column in raw', `alter table ${B} add column note varchar`),
  red('an extra column in curated', 'alter table curated.dim_users add column note varchar'),
  red('an extra column in load_log', 'alter table raw_data.load_log add column note varchar'),
  red('a column of raw dropped', 'alter table raw_data.stg_apartment_attributes drop column fee'),
  red('a column of curated dropped', 'alter table curated.dim_listings drop column amenities'),
  red('a column renamed', 'alter table curated.dim_listings rename column fee to charge'),
  red(
    'two columns of curated have changed places',
    'create table main.keep as select * from curated.fact_user_views',
    'drop table curated.fact_user_views',
    'create table curated.fact_user_views as select listing_id, user_id, viewed_at, viewed_timestamp, is_wishlisted, call_to_action from main.keep',
    'drop table main.keep',
  ),
  red('a table removed', 'drop table curated.dim_users'),
  red('a view removed', 'drop view presentation.vw_repeat_customer_rate'),
  red('all views removed', 'drop schema presentation cascade'),
  red(
    'a view redefined',
    `create or replace view presentation.vw_bookings_per_user_weekly as select date '2024-01-01' as week_start, 1::bigint as user_id, 1::bigint as bookings`,
  ),
  red(
    'a view replaced by a table of its rows',
    'create table main.keep as select * from presentation.vw_top_listings_weekly',
    'drop view presentation.vw_top_listings_weekly',
    'create table presentation.vw_top_listings_weekly as select * from main.keep',
    'drop table main.keep',
  ),
  // Keys are told by their own checks; whether the engine would refuse a NULL changes no number.
  { name: 'a key may be NULL', expected: 'documented', sql: [`alter table ${B} alter booking_id drop not null`] },
]

/** Macros win over functions, operators are functions, and a view looks into its own schema before it looks into main. */
const MACROS: Alteration[] = [
  ...['main', 'presentation', 'curated', 'raw_data'].flatMap((schema) => [
    red(`macro ${schema}.mod`, `create macro ${schema}.mod(a, b) as 0`),
    red(`macro ${schema}.round`, `create macro ${schema}.round(a, b) as 0`),
  ]),
  red('macro main.date_trunc', `create macro main.date_trunc(a, b) as date '2020-01-01'`),
  red('macro main.least', 'create macro main.least(a, b) as a'),
  red('macro main.greatest', 'create macro main.greatest(a, b) as b'),
  red('macro main.sum', 'create macro main.sum(a) as 0'),
  red('macro main.translate', 'create macro main.translate(a, b, c) as a'),
  red('macro main."-"', 'create macro main."-"(a, b) as 0'),
  red('macro main."+"', 'create macro main."+"(a, b) as 0'),
  red('a macro of a table in presentation', 'create macro presentation.vw_occupancy() as table select 1 as one'),
  // Somebody's own helper, outside of our schemas and of no name that the views use.
  { name: 'macro main.my_helper', expected: 'documented', sql: ['create macro main.my_helper(a) as a + 1'] },
]

const FOREIGN: Alteration[] = [
  ...['raw_data', 'curated', 'presentation'].flatMap((schema) => [
    red(`a foreign table in ${schema}`, `create table ${schema}.mine (x integer)`),
    red(`a foreign view in ${schema}`, `create view ${schema}.my_view as select 1 as x`),
  ]),
  red('a foreign sequence in raw_data', 'create sequence raw_data.mine'),
  red('a foreign type in curated', `create type curated.mood as enum ('good', 'bad')`),
  { name: 'a table in main', expected: 'documented', sql: ['create table main.mine (x integer)'] },
  {
    name: 'a schema of somebody',
    expected: 'documented',
    sql: ['create schema theirs', 'create table theirs.t (x integer)'],
  },
  { name: 'an index on a table of raw', expected: 'documented', sql: [`create index mine on ${B} (user_id)`] },
  { name: 'a comment on a table', expected: 'documented', sql: [`comment on table ${B} is 'hands off'`] },
]

/** The newest file of the lake that holds rows of a table. */
function lakeFile(home: string, kind: 'raw' | 'rejected', table: string): string {
  const folder = join(home, 'data', kind, table)
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'))
  return join(folder, names.sort()[0] as string)
}

async function rewrite(file: string, statement: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const path = `'${file.replaceAll("'", "''")}'`
  await connection.run(`create table lake as select * from read_parquet(${path}, hive_partitioning = false)`)
  await connection.run(statement)
  await connection.run(`copy lake to ${path} (format parquet)`)
  connection.closeSync()
  instance.closeSync()
}

const inLake = (name: string, statement: string): Alteration => ({
  name,
  expected: 'red',
  action: (home) => rewrite(lakeFile(home, 'raw', 'bookings'), statement),
})

function inRun(
  name: string,
  file: string,
  expected: Alteration['expected'],
  change: (text: string) => string,
): Alteration {
  return {
    name,
    expected,
    action: (home) => {
      const runs = join(home, 'runs')
      const [first] = readdirSync(runs).sort()
      const path = join(runs, first as string, file)
      writeFileSync(path, change(readFileSync(path, 'utf8')))
    },
  }
}

const FILES: Alteration[] = [
  inLake(
    'lake: a cell changed',
    'update lake set total_price = total_price + 1 where booking_id = (select min(booking_id) from lake where not _deleted)',
  ),
  inLake(
    'lake: a row deleted',
    'delete from lake where booking_id = (select min(booking_id) from lake where not _deleted)',
  ),
  inLake(
    'lake: a row added',
    'insert into lake select * replace (424242424242 as booking_id) from lake where booking_id = (select min(booking_id) from lake)',
  ),
  inLake(
    'lake: rows written in another order',
    'create or replace table lake as select * from lake order by booking_id desc',
  ),
  { name: 'lake: a file removed', expected: 'red', action: (home) => rmSync(lakeFile(home, 'raw', 'user_viewing')) },
  {
    name: 'lake: a stranger file',
    expected: 'red',
    action: (home) => writeFileSync(join(lakeFile(home, 'raw', 'bookings'), '..', 'part-9.parquet'), 'stranger'),
  },
  { name: 'lake: removed', expected: 'red', action: (home) => rmSync(join(home, 'data'), { recursive: true }) },
  {
    name: 'rejected: a file changed',
    expected: 'red',
    action: (home) => rewrite(lakeFile(home, 'rejected', 'bookings'), `update lake set row_text = row_text || ' '`),
  },
  {
    name: 'rejected: a file removed',
    expected: 'red',
    action: (home) => rmSync(lakeFile(home, 'rejected', 'bookings')),
  },
  inRun('manifest: a count changed', 'manifest.json', 'red', (text) =>
    text.replace(/("source_rows": ?)(\d+)/, '$1999999'),
  ),
  inRun('manifest: as_of changed', 'manifest.json', 'red', (text) => text.replace(/("as_of": ?")\d{4}/, '$11999')),
  inRun('manifest: raw_seq changed', 'manifest.json', 'red', (text) => text.replace(/("raw_seq": ?)(\d+)/, '$17')),
  inRun('manifest: null', 'manifest.json', 'red', () => 'null'),
  inRun('run.json: a count changed', 'run.json', 'documented', (text) =>
    text.replace(/("rows_out": ?)(\d+)/g, '$1999999'),
  ),
  inRun('run.json: the run has failed', 'run.json', 'documented', (text) => text.replace(/"succeeded"/g, '"failed"')),
]

/** Of `quality.yml`, which lies beside the configuration: every rule that is shipped, switched off. */
export const EVERY_RULE_OFF = (rules: readonly string[]): string =>
  ['rules:', ...rules.map((name) => `  ${name}: { severity: off }`), ''].join('\n')

export const ALTERATIONS: readonly Alteration[] = [
  ...CELLS,
  ...SWAPS,
  ...TECHNICAL,
  ...BUILD,
  ...CHANGED,
  ...LOAD_LOG,
  ...QUARANTINE,
  ...OTHER_TABLES,
  ...STRUCTURE,
  ...MACROS,
  ...FOREIGN,
  ...FILES,
]

/** Does an alteration to a home. @returns false where the warehouse lacks what it is about */
export async function alter(home: string, alteration: Alteration): Promise<boolean> {
  await alteration.action?.(home)
  if (!alteration.sql) return true
  const instance = await DuckDBInstance.create(join(home, 'warehouse.duckdb'))
  try {
    const connection = await instance.connect()
    const done = await alterBy(connection, alteration)
    await connection.run('checkpoint')
    connection.closeSync()
    return done
  } finally {
    instance.closeSync()
  }
}

/** Runs the statements of an alteration. @throws Error when one of them changes nothing: that would be none */
export async function alterBy(connection: DuckDBConnection, { name, sql = [], needs }: Alteration): Promise<boolean> {
  if (needs !== undefined) {
    const there = await connection.runAndReadAll(
      `select 1 from duckdb_columns() where schema_name || '.' || table_name || '.' || column_name = '${needs}'`,
    )
    if (there.currentRowCount === 0) return false
  }
  for (const statement of sql) {
    const { rowsChanged } = await connection.run(statement)
    if (/^\s*(update|insert|delete)/.test(statement) && rowsChanged === 0)
      throw new Error(`${name}: changes nothing: ${statement}`)
  }
  return true
}

function red(name: string, ...sql: string[]): Alteration {
  return { name, expected: 'red', sql }
}

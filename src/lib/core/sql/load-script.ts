import { type Column, SOURCE_TABLES, type SourceTable, type SourceTableName, TECHNICAL_COLUMNS } from '../model.js'
import { CHANGED_KEYS, columnNames, LOAD_LOG } from './ddl.js'
import { differs, ident, identList, literal, rowsBut, sameKey } from './names.js'
import { rejectSteps } from './reject-steps.js'
import { guard, putIn, type Step, takeOut } from './script.js'

/** How a load treats one table: as it is, the rows that changed, or all of them anew. */
export type LoadMode = 'none' | 'changes' | 'full'

export interface LoadPlan {
  modes: Readonly<Record<SourceTableName, LoadMode>>
  /** The load brings or clears rejected rows. */
  rejects: boolean
}

/** A row of the last step: what the load did. */
export interface LoadCount {
  table_name: SourceTableName
  /**
   * `rows_in` and `rejected` came in; they are `inserted`, `updated`, `unchanged`, `quarantined`. Beside them stand `deleted`,
   * `late`, which are some of those inserted, and `known`, copies of an earlier load.
   */
  effect: string
  /** The columns that were nullified, or the rule of a quarantined row. */
  detail: string | null
  n: string
  superseded: string
}

/** Which changed-key tables of curated a change in a source table touches, with the column for each of theirs. */
const TOUCHES: Record<SourceTableName, Record<string, readonly string[]>> = {
  apartments: { changed_listings: ['id'] },
  apartment_attributes: { changed_listings: ['id'] },
  bookings: { changed_bookings: ['booking_id'], changed_users: ['user_id'] },
  user_viewing: { changed_views: ['user_id', 'apartment_id', 'viewed_at'], changed_users: ['user_id'] },
}

/** The steps of job `s3_to_redshift_raw` for what a manifest has. */
export function loadScript({ modes, rejects }: LoadPlan): Step[] {
  return everyLoadStep().filter(({ when }) => {
    if (when === undefined) return true
    return 'rejects' in when ? rejects : modes[when.table as SourceTableName] === when.mode
  })
}

/**
 * All steps that there are: the four tables of a manifest, quarantine, ledger and load log, each with when it is done.
 * Places: `seq` of the load and `previous_seq` before it, `run_id`, `manifest_hash`, `reconciled`, `loaded_at`,
 * `bookmark_seq`, the newest change of bookmarks that the extract knew; for each
 * table `TABLE.lake`, a relation with the rows of its files, and `TABLE.source_rows`, `TABLE.unchanged`, `TABLE.full`;
 * `rejects`, a relation with the rows of the files of rejects and their `table_name`.
 */
export function everyLoadStep(): Step[] {
  return [
    guard('raw is current', 'coalesce(max(seq), 0) = {{previous_seq}}', 'raw has moved on', 'raw_data.load_log'),
    {
      name: 'count',
      sql: 'create temp table load_counts (table_name varchar(64), effect varchar(16), detail varchar(1000), n bigint, superseded bigint)',
    },
    ...SOURCE_TABLES.flatMap((table) => [
      ...fullSteps(table).map((step) => ({ ...step, when: { table: table.name, mode: 'full' } })),
      ...changeSteps(table).map((step) => ({ ...step, when: { table: table.name, mode: 'changes' } })),
    ]),
    ...rejectSteps().map((step) => ({ ...step, when: { rejects: true as const } })),
    guard('raw balances', 'count(*) = 0', 'raw does not balance', `(${UNBALANCED}) unbalanced`),
    { name: 'write the load log', sql: loadLog() },
    {
      name: 'keep waiting what came after the extract',
      sql: `update raw_data.bookmark_changes set load_seq = {{seq}} where load_seq = {{previous_seq}} and not ${HEEDED}`,
    },
    { name: 'clear the resets', sql: `delete from raw_data.bookmark_resets where ${HEEDED}` },
    { name: 'clear the rewinds', sql: `delete from raw_data.bookmark_rewinds where ${HEEDED}` },
    {
      name: 'what was done',
      sql: 'select table_name, effect, detail, sum(n) as n, sum(superseded) as superseded from load_counts group by table_name, effect, detail',
      reads: true,
    },
  ]
}

/** A reset or rewind that came after the extract waits for the next one. */
const HEEDED = '(select coalesce(max(seq), 0) from raw_data.bookmark_changes) <= {{bookmark_seq}}'

/** The order in which the first of several rows with one key survives (semantics.md §1, "superseded"); nothing in it is NULL. */
export function winnerOrder(table: SourceTable): string {
  const latest = table.latestBy ? `coalesce(${ident(table.latestBy)}, timestamp '0001-01-01 00:00:00') desc, ` : ''
  return `${latest}-_position`
}

/** Name of the temporary table with the rows of a load, one per key. */
function stagedName(table: SourceTable): string {
  return `staged_${table.name}`
}

/** Columns of rows that a load brings: those of the table, `_position`, `_superseded`, `_nullified`. */
interface Brought {
  /** The only rows of their keys. */
  lone: string
  /** Of the others one per key, with how many copies each won over. */
  winners: string
}

function brought(table: SourceTable): Brought {
  const columns = columnNames(table.columns)
  const key = identList(table.key)
  return {
    lone: `select ${columns}, _position, cast(0 as bigint) as _superseded, _nullified
    from {{${table.name}.lake}} lone where not _deleted and _position = 0`,
    winners: `select ${columns}, _position, copies - 1 as _superseded, _nullified from (
      select ${columns}, _position, _nullified,
        row_number() over (partition by ${key} order by ${winnerOrder(table)}) as place,
        count(*) over (partition by ${key}) as copies
      from {{${table.name}.lake}} several where not _deleted and _position > 0) numbered
    where place = 1`,
  }
}

/** The surviving rows of a load, one per key. */
function survivors(table: SourceTable): string {
  const { lone, winners } = brought(table)
  return `${lone}
    union all
    ${winners}`
}

/**
 * Replaces a raw table. Rows come by two statements: those that are alone, which are nearly all, keep the order of the lake
 * then where an engine has one, and `verify` can hold them against it in that order.
 */
function fullSteps(table: SourceTable): Step[] {
  const raw = `raw_data.${table.raw}`
  const { lone, winners } = brought(table)
  const into = columnNames([...table.columns, ...TECHNICAL_COLUMNS])
  const stays = `select ${identList(table.key)} from {{${table.name}.lake}} brought where not _deleted`
  const values = `${columnNames(table.columns)}, cast({{seq}} as bigint), cast('{{run_id}}' as varchar(80)), _position, _superseded, _nullified`
  return [
    {
      name: `${table.name}: count what goes`,
      sql: `insert into load_counts select ${literal(table.name)}, 'deleted', cast(null as varchar(1000)), count(*), 0
        from ${rowsBut(`(${stays})`, raw, table.key)} gone`,
    },
    { name: `${table.name}: empty`, sql: `delete from ${raw}` },
    { name: `${table.name}: fill`, sql: `insert into ${raw} (${into}) select ${values} from (${lone}) s` },
    {
      name: `${table.name}: fill with those of several`,
      sql: `insert into ${raw} (${into}) select ${values} from (${winners}) s`,
    },
    {
      name: `${table.name}: count`,
      sql: `insert into load_counts
        select ${literal(table.name)}, 'inserted', _nullified, count(*), sum(_superseded) from ${raw} group by _nullified
        union all ${rowsIn(table)}`,
    },
  ]
}

/**
 * Brings a raw table up to the rows that changed. What each does is known before it is done: a row of which only
 * technical columns differ is `unchanged`, and keeps the run and load that brought its content.
 */
function changeSteps(table: SourceTable): Step[] {
  const raw = `raw_data.${table.raw}`
  const staged = stagedName(table)
  const matches = sameKey(table.key, staged, raw)
  const all = [...table.columns, ...TECHNICAL_COLUMNS]
  return [
    { name: `${table.name}: stage`, sql: `create temp table ${staged} as\n${stagedRows(table)}` },
    {
      name: `${table.name}: count`,
      sql: `insert into load_counts
        select ${literal(table.name)}, effect, case when effect in ('inserted', 'updated', 'unchanged') then _nullified end, count(*), sum(_superseded)
        from ${staged} where effect <> 'nothing' group by 2, 3
        union all ${lateRows(table)}
        union all select ${literal(table.name)}, 'known', cast(null as varchar(1000)), sum(had), 0 from ${staged} where effect in ('updated', 'unchanged') having sum(had) > 0
        union all ${rowsIn(table)}`,
    },
    ...Object.entries(TOUCHES[table.name]).map(([changed, columns]) => touch(table, changed, columns)),
    { name: takeOut(table.name), sql: `delete from ${raw} using ${staged} where ${matches}` },
    {
      name: putIn(table.name),
      sql: `insert into ${raw} (${columnNames(all)}) select ${columnNames(all)} from ${staged} where effect in ('inserted', 'updated', 'unchanged')`,
    },
  ]
}

/** Rows of a load beside those of raw that they meet, and what each will do. */
function stagedRows(table: SourceTable): string {
  const names = identList(
    table.columns.map(({ name }) => name),
    's.',
  )
  const first = ident(table.key[0] as string)
  const values = table.columns.filter(({ name }) => !table.key.includes(name))
  const old = Object.values(TOUCHES[table.name]).flat()
  const user = old.includes('user_id') ? ', r.user_id as old_user_id' : ''
  const kept = (column: string, fresh: string): string =>
    `case when effect = 'unchanged' then old${column} else ${fresh} end as ${column}`
  const columns = columnNames(table.columns)
  return `select ${columns}, ${kept('_load_seq', 'cast({{seq}} as bigint)')}, ${kept('_run_id', `cast('{{run_id}}' as varchar(80))`)},
      _position, _superseded, _nullified, had, effect${user === '' ? '' : ', old_user_id'}
    from (
      select ${names}, s._position, s._superseded, s._nullified, r._load_seq as old_load_seq, r._run_id as old_run_id, r._superseded as had${user},
        case
          when r.${first} is null then case when s._deleted then 'nothing' else 'inserted' end
          when s._deleted then 'deleted'
          when ${values.map(({ name }) => differs(`s.${ident(name)}`, `r.${ident(name)}`)).join(' or ')} then 'updated'
          else 'unchanged'
        end as effect
      from (
        select ${columns}, _position, _superseded, _nullified, false as _deleted from (${survivors(table)}) survivors
        union all
        select ${columns}, _position, cast(0 as bigint), _nullified, _deleted from {{${table.name}.lake}} gone where _deleted
      ) s
      left join raw_data.${table.raw} r on ${sameKey(table.key, 's', 'r')}
    ) met`
}

/** Of the rows that are inserted those that a reading beyond the bookmark does not see (semantics.md §5; architecture.md). */
function lateRows(table: SourceTable): string {
  const { name, raw, bookmark } = table
  const column = ident(bookmark.column)
  const seen = `${column} ${bookmark.inclusive ? '<' : '<='} (select max(${column}) from raw_data.${raw})`
  return `select ${literal(name)}, 'late', cast(null as varchar(1000)), count(*), 0 from ${stagedName(table)}
        where effect = 'inserted' and ${seen} having count(*) > 0`
}

/** The rows of the lake that the load has to account for. */
function rowsIn(table: SourceTable): string {
  return `select ${literal(table.name)}, 'rows_in', cast(null as varchar(1000)), count(*), 0 from {{${table.name}.lake}} l where not _deleted`
}

/** Keys of curated that a change touches; of a row that changes hands, both users. */
function touch(table: SourceTable, changed: string, columns: readonly string[]): Step {
  const keys = CHANGED_KEYS[changed] as readonly Column[]
  const staged = stagedName(table)
  const into = `insert into curated.${changed} (${columnNames(keys)})`
  const name = `${table.name}: note ${changed.replace('_', ' ')}`
  if (changed !== 'changed_users') {
    return {
      name,
      sql: `${into} select ${identList(columns)} from ${staged} where effect in ('inserted', 'updated', 'deleted')`,
    }
  }
  return {
    name,
    sql: `${into}
      select user_id from ${staged} where effect in ('inserted', 'updated') and user_id is not null
      union
      select old_user_id from ${staged} where effect in ('updated', 'deleted') and old_user_id is not null`,
  }
}

/** Tables of which not every row is accounted for (semantics.md §3, "The ledger"). */
const UNBALANCED = `select table_name from load_counts group by table_name having sum(
      case
        when effect in ('rows_in', 'rejected') then n
        when effect in ('inserted', 'updated', 'unchanged', 'quarantined') then -n - superseded
        else 0
      end) <> 0`

/** A row of the load log for each table. */
function loadLog(): string {
  const rows = SOURCE_TABLES.map((table) => {
    const own = (name: string): string => `{{${table.name}.${name}}}`
    const last = `select source_rows from raw_data.load_log where table_name = ${literal(table.name)} and seq = {{previous_seq}}`
    const values: Record<string, string> = {
      seq: 'cast({{seq}} as bigint)',
      run_id: `'{{run_id}}'`,
      table_name: literal(table.name),
      manifest_hash: `'{{manifest_hash}}'`,
      // Without reconciling, the source is known only as far as it was read: what stood in it before, and what came.
      source_rows: `case when {{reconciled}} or ${own('full')} then ${own('source_rows')} else coalesce((${last}), 0) + rows_in - updated - unchanged - known end`,
      source_unchanged: own('unchanged'),
      rows_in: 'rows_in',
      rows_out: 'inserted + updated + unchanged',
      ...Object.fromEntries(COUNTED.map((name) => [name, name])),
      reconciled: '{{reconciled}}',
      full_refresh: own('full'),
      bookmark: `(select cast(max(${ident(table.bookmark.column)}) as varchar(64)) from raw_data.${table.raw})`,
      digest: 'cast(null as varchar(100))',
      loaded_at: `cast('{{loaded_at}}' as timestamp)`,
    }
    const sums = [...COUNTED, 'known'].map((name) =>
      name === 'superseded'
        ? summed('superseded', 'superseded')
        : summed(`case when effect = ${literal(name)} then n else 0 end`, name),
    )
    return `select ${LOAD_LOG.map(({ name }) => values[name]).join(', ')}
      from (select ${summed(`case when effect in ('rows_in', 'rejected') then n else 0 end`, 'rows_in')}, ${sums.join(', ')}
        from load_counts where table_name = ${literal(table.name)}) c`
  })
  return `insert into raw_data.load_log (${columnNames(LOAD_LOG)})\n${rows.join('\nunion all\n')}`
}

const COUNTED = ['inserted', 'updated', 'unchanged', 'deleted', 'superseded', 'quarantined'] as const

function summed(value: string, name: string): string {
  return `cast(coalesce(sum(${value}), 0) as bigint) as ${name}`
}

import type { SourceTable } from '../model.js'
import { columnNames, lakeColumns } from './ddl.js'
import { winnerOrder } from './load-script.js'
import { differs, ident, identList, literal, rowsBut, sameKey } from './names.js'

/**
 * What the lake has of one table since its last rebuild, as relations with the columns of its files. Loads after the first
 * are small beside it.
 */
export interface LakeRows {
  /** The rows of the oldest load; `seqs` are the numbers under which it was loaded. */
  first: { runId: string; seqs: readonly number[]; rows: string }
  /** The rows of all others, with `run_id` and `rank`, the order of loads from 1 on; absent where there are none. */
  later?: string
}

const GONE = 'in the lake, but not in raw'
const OTHER = 'not in the lake as it is in raw'
const KEPT = 'deleted in the lake, but in raw'
const COPIES = 'more or fewer copies in the lake than raw counts'

/**
 * Rows in which lake and raw differ in any value, technical ones too. What raw should hold of a key is what its newest
 * load says, by the run that brought this content.
 *
 * Keys that stand in no later load are met with the first one alone, in one join of the two; the others are followed
 * through all loads.
 */
export function lakeContentQuery(
  table: SourceTable,
  { first, later }: LakeRows,
  { slice = 'true', differ = differs, keys }: Compared = {},
): string {
  const key = identList(table.key)
  const columns = columnNames(lakeColumns(table))
  const raw = `(select * from raw_data.${table.raw} where ${slice})`
  // Told as a literal: carried through the join of the two it would cost more than all the rest.
  const own = { differ, runId: literal(first.runId), other: notOf(first) }
  const oldest = `(select ${columns}, ${literal(first.runId)} as run_id, 0 as rank from ${first.rows} f where ${slice})`
  if (later === undefined) return told(table, met(table, survivors(table, oldest), raw, own))
  const touched = (row: string): string => `exists (select 1 from keys k where ${sameKey(table.key, 'k', row)})`
  const untouched = (rows: string): string => rowsBut('keys', rows, table.key)
  const winners = survivors(table, '(select * from newest where rank = newest_rank)')
  const named = [
    `later as (select ${columns}, run_id, rank from ${later} n where ${slice})`,
    `keys as (select distinct ${key} from later)`,
  ]
  const followed = [
    `ways as (select ${columns}, run_id, rank from later union all select * from ${oldest} o where ${touched('o')})`,
    `newest as (select w.*, max(rank) over (partition by ${key}) as newest_rank from ways w)`,
    `followed as (${met(table, winners, `(select * from ${raw} t where ${touched('t')})`, { differ, runId: 'l.run_id', more: kept(table) })})`,
    `brought as (${broughtKeys(table)})`,
  ]
  // The oldest load is written out where it is read: as a common table expression all of it would be kept.
  const ofTheFirst = told(table, met(table, survivors(table, untouched(oldest)), untouched(raw), own))
  const ofTheLater = [told(table, 'select * from followed'), unbrought(table)]
  const all = keys === 'untouched' ? named : [...named, ...followed]
  const asked = [...(keys === 'touched' ? [] : [ofTheFirst]), ...(keys === 'untouched' ? [] : ofTheLater)]
  return `with ${all.join(',\n    ')}\n    ${asked.join('\n    union all\n    ')}`
}

export interface Compared {
  /** A condition on the key: the others are not looked at. */
  slice?: string
  /** Only the keys that stand in a later load, or only the others; of a single load all are others. */
  keys?: 'touched' | 'untouched'
  /** The condition that two values differ, of which either may be NULL, where an engine has a quicker word for it. */
  differ?: (left: string, right: string) => string
}

/** One row per key: the one that survives, how many it won over, and whether it says that the key is gone. */
function survivors(table: SourceTable, rows: string): string {
  const columns = `${columnNames(table.columns)}, _nullified, _position, _deleted, run_id`
  return `select ${columns}, 1 as copies from ${rows} lone where _position = 0
      union all
      select ${columns}, copies from (
        select ${columns}, row_number() over (partition by ${identList(table.key)} order by ${winnerOrder(table)}) as place,
          count(*) over (partition by ${identList(table.key)}) as copies
        from ${rows} several where _position > 0) numbered
      where place = 1`
}

/** What the lake says of each key (l) beside raw (r), with `run_id` and `difference`. @param more what else is told, over both */
function met(
  table: SourceTable,
  lake: string,
  raw: string,
  { differ, runId, more = [], other = 'false' }: Met,
): string {
  const first = ident(table.key[0] as string)
  const key = table.key.map((name) => `coalesce(l.${ident(name)}, r.${ident(name)}) as ${ident(name)}`)
  const copies = 'l.copies <> coalesce(r._superseded, -1) + 1'
  const values = [...valuesOf(table), '_nullified', '_position'].map((name) =>
    differ(`l.${ident(name)}`, `r.${ident(name)}`),
  )
  const unlike = [...values, other].join(' or ')
  // What is told of a row costs more than to see that there is nothing to tell.
  const some = `where l.${first} is null or r.${first} is null or l._deleted or ${copies} or ${unlike}`
  return `select ${[...key, ...more].join(', ')}, case when l.${first} is null then r._run_id else ${runId} end as run_id,
        case
          when l.${first} is null then '${OTHER}'
          when l._deleted then case when r.${first} is null then null else '${KEPT}' end
          when r.${first} is null then '${GONE}'
          when ${copies} then '${COPIES}'
          when ${unlike} then '${OTHER}'
        end as difference
      from (${lake}) l full outer join ${raw} r on ${sameKey(table.key, 'l', 'r')}
      ${more.length === 0 ? some : ''}`
}

interface Met extends Required<Pick<Compared, 'differ'>> {
  /** The run that a row of the lake is of. */
  runId: string
  /** What else is told of each key, over both; then all keys are told. */
  more?: readonly string[]
  /** A condition that they differ, beside their values. */
  other?: string
}

/** Of rows that met, those that differ. */
function told(table: SourceTable, rows: string): string {
  return `select ${identList(table.key)}, difference, run_id from (${rows}) met where difference is not null`
}

/** What is kept of raw's row, for the question who has brought it. */
function kept(table: SourceTable): string[] {
  const there = `case when r.${ident(table.key[0] as string)} is null then 0 else 1 end as in_raw`
  return [there, ...[...valuesOf(table), '_run_id', '_load_seq'].map((name) => `r.${ident(name)} as ${keptName(name)}`)]
}

/**
 * The keys that a load has with the very values of raw, by the run of which raw says that it has brought them. By joins: not
 * every engine follows a comparison of values out of a subquery.
 */
function broughtKeys(table: SourceTable): string {
  const differ = valuesOf(table).map((name) => differs(`w.${ident(name)}`, `m.${keptName(name)}`))
  return `select distinct ${identList(table.key, 'm.')} from followed m
      join ways w on ${sameKey(table.key, 'w', 'm')} and w.run_id = m.${keptName('_run_id')}
      join raw_data.load_log g on g.run_id = w.run_id and g.seq = m.${keptName('_load_seq')}
      where g.table_name = ${literal(table.name)} and not w._deleted and case when ${differ.join(' or ')} then 0 else 1 end = 1`
}

/** Rows of raw that are as they should be, and are brought by no load that they say has done so. */
function unbrought(table: SourceTable): string {
  return `select ${identList(table.key)}, '${OTHER}' as difference, run_id from followed m
    where difference is null and in_raw = 1 and not exists (select 1 from brought b where ${sameKey(table.key, 'b', 'm')})`
}

/** The condition that a row of raw (r) is not of a load; it is never unknown. */
function notOf({ runId, seqs }: LakeRows['first']): string {
  const seq = seqs.length === 0 ? 'true' : `r._load_seq is null or r._load_seq not in (${seqs.join(', ')})`
  return `r._run_id is null or r._run_id <> ${literal(runId)} or ${seq}`
}

/** The columns of a table that are not its key. */
function valuesOf(table: SourceTable): string[] {
  return table.columns.filter(({ name }) => !table.key.includes(name)).map(({ name }) => name)
}

function keptName(name: string): string {
  return ident(`raw_${name}`)
}

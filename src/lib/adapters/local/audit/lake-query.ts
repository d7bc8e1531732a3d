import type { SourceTable } from '../../../core/model.js'
import { columnNames, lakeColumns } from '../../../core/sql/ddl.js'
import { winnerOrder } from '../../../core/sql/load-script.js'
import { ident, identList, literal, sameKey } from '../../../core/sql/names.js'

/** A load's files of one table in the lake. `rank` is the order of loads. */
export interface LakePart {
  runId: string
  rank: number
  /** The numbers under which it was loaded; more than one where it was loaded once more. */
  seqs: readonly number[]
  /** A relation with the rows of its files. */
  rows: string
}

const GONE = 'in the lake, but not in raw'
const OTHER = 'not in the lake as it is in raw'
const KEPT = 'deleted in the lake, but in raw'
const COPIES = 'more or fewer copies in the lake than raw counts'

/**
 * Rows in which lake and raw differ in any value, technical ones too. What raw should hold of a key is what its newest
 * part says, by the run that brought this content.
 *
 * Parts after the first are small beside it: keys that stand in none of them are met with the first part alone, in one
 * join of the two; the others are followed through all parts.
 * @param parts the loads since the last rebuild of raw, oldest first
 * @param slice a condition on the key: the others are not looked at
 */
export function lakeRawQuery(table: SourceTable, parts: readonly LakePart[], slice = 'true'): string {
  const sliced = parts.map((part) => ({ ...part, rows: `(select * from ${part.rows} where ${slice})` }))
  const [first, ...later] = sliced as [LakePart, ...LakePart[]]
  const raw = `(select * from raw_data.${table.raw} where ${slice})`
  const origins = { run: ownRun(first), runId: literal(first.runId) }
  if (later.length === 0) return compared(table, survivors(table, labelled(table, first)), raw, origins)
  const columns = `${columnNames(lakeColumns(table))}, run_id, rank`
  const touched = (row: string): string => `exists (select 1 from keys k where ${sameKey(table.key, 'k', row)})`
  // The first part is written out where it is read: as a common table expression all of it would be kept.
  const origin = `(${labelled(table, first)}) o`
  const untouched = `select * from ${origin} where not ${touched('o')}`
  return `with later as (${later.map((part) => labelled(table, part)).join(' union all ')}),
    keys as (select distinct ${identList(table.key)} from later),
    ways as (select ${columns} from later union all select ${columns} from ${origin} where ${touched('o')}),
    newest as (select w.*, max(rank) over (partition by ${identList(table.key)}) as newest_rank from ways w),
    winners as (${survivors(table, 'select * from newest where rank = newest_rank')})
    ${compared(table, survivors(table, untouched), `(select * from ${raw} r where not ${touched('r')})`, origins)}
    union all
    ${compared(table, 'select * from winners', `(select * from ${raw} r where ${touched('r')})`, { run: broughtBy(table, sliced), runId: 'l.run_id' })}`
}

/** The rows of a part, with the run that loaded them. */
function labelled(table: SourceTable, { rows, runId, rank }: LakePart): string {
  return `select ${columnNames(lakeColumns(table))}, ${literal(runId)} as run_id, ${rank} as rank from ${rows}`
}

/** One row per key: the one that survives, how many it won over, and whether it says that the key is gone. */
function survivors(table: SourceTable, rows: string): string {
  const columns = `${columnNames(table.columns)}, _nullified, _position, _deleted, run_id`
  const key = identList(table.key)
  const from = `(${rows})`
  return `select ${columns}, 1 as copies from ${from} lone where _position = 0
      union all
      select ${columns}, copies from (
        select ${columns}, row_number() over (partition by ${key} order by ${winnerOrder(table)}) as place, count(*) over (partition by ${key}) as copies
        from ${from} several where _position > 0) numbered
      where place = 1`
}

/**
 * @param run a condition that raw's row (r) has the run and load that brought it, over the lake's row (l) too
 * @param runId the run that a row of the lake is of
 */
function compared(
  table: SourceTable,
  lake: string,
  raw: string,
  { run, runId }: { run: string; runId: string },
): string {
  const first = ident(table.key[0] as string)
  const values = table.columns.filter(({ name }) => !table.key.includes(name)).map(({ name }) => ident(name))
  const compared = [...values, '_nullified', '_position']
  const same = compared.map((name) => `l.${name} is not distinct from r.${name}`)
  const other = compared.map((name) => `l.${name} is distinct from r.${name}`)
  const key = table.key.map((name) => `coalesce(l.${ident(name)}, r.${ident(name)}) as ${ident(name)}`).join(', ')
  return `select ${table.key.map(ident).join(', ')}, difference, run_id from (
      select ${key}, case when l.${first} is null then r._run_id else ${runId} end as run_id,
        case
          when l.${first} is null then '${OTHER}'
          when l._deleted then case when r.${first} is null then null else '${KEPT}' end
          when r.${first} is null then '${GONE}'
          when l.copies <> r._superseded + 1 then '${COPIES}'
          when ${same.join(' and ')} and ${run} then null
          else '${OTHER}'
        end as difference
      from (${lake}) l full outer join ${raw} r on ${sameKey(table.key, 'l', 'r')}
      where l.${first} is null or r.${first} is null or l._deleted or l.copies <> r._superseded + 1
        or ${other.join(' or ')} or not (${run})) met
    where difference is not null`
}

function ownRun({ runId, seqs }: LakePart): string {
  return `r._run_id = ${literal(runId)} and r._load_seq in (${seqs.length > 0 ? seqs.join(', ') : 'null'})`
}

/** The run of a row is that of a part that has the key with the very same values. */
function broughtBy(table: SourceTable, parts: readonly LakePart[]): string {
  const values = table.columns.filter(({ name }) => !table.key.includes(name)).map(({ name }) => ident(name))
  const same = values.map((name) => `w.${name} is not distinct from r.${name}`)
  const loads = parts.map((part) => `(${ownRun(part)})`).join(' or ')
  return `(${loads}) and exists (select 1 from ways w where ${[sameKey(table.key, 'w', 'r'), ...same].join(' and ')} and w.run_id = r._run_id and not w._deleted)`
}

import type { CuratedTable, SourceTable } from '../model.js'
import { ident, identList, literal, sameKey } from './names.js'
import { rowHash } from './row-hash.js'

/** Rows of raw whose cells no longer give the hash that was loaded with them. */
export function rawHashQuery(table: SourceTable): string {
  return `select ${identList(table.key)}, _run_id from raw_data.${table.raw} where ${rowHash(table.columns)} <> _row_hash`
}

/** Which texts are NULL, one bit each: the row hash takes NULL and the text `\N` for the same. */
function nullsOf(table: SourceTable, prefix = ''): string {
  const texts = table.columns.filter(({ type }) => type === 'VARCHAR')
  return texts
    .map(({ name }, at) => `(case when ${prefix}${ident(name)} is null then ${2 ** at} else 0 end)`)
    .join(' + ')
}

/** A run's files of one table in the lake. `rank` is the order of loads. */
export interface LakePart {
  runId: string
  rank: number
  files: readonly string[]
}

/**
 * Rows in which lake and raw differ. Each row of raw must stand in the lake under the run that brought it, with the same
 * cells; each row of the lake must be in raw, unless a later load changed or deleted its key, or another copy won.
 * @param parts the loads since the last rebuild of raw, oldest first
 */
export function lakeRawQuery(table: SourceTable, parts: readonly LakePart[]): string {
  const key = identList(table.key)
  const lake = parts
    .map(
      (part) =>
        `select ${key}, _row_hash, ${rowHash(table.columns)} as content, ${nullsOf(table)} as nulls, _position, _deleted, ${part.rank} as rank, ${literal(part.runId)} as run_id from read_parquet([${part.files.map(literal).join(', ')}])`,
    )
    .join(' union all ')
  const raw = `raw_data.${table.raw}`
  return `with lake as (${lake}),
    latest as (
      select ${identList(table.key, 'l.')}, l._row_hash, l.content, l._position, l._deleted, l.run_id
      from lake l
      ${parts.length === 1 ? '' : `where l.rank = (select max(n.rank) from lake n where ${sameKey(table.key, 'n', 'l')})`}
    )
    select ${identList(table.key, 'r.')}, 'not in the lake as it is in raw' as difference, r._run_id as run_id
    from ${raw} r
    anti join lake l on ${sameKey(table.key, 'r', 'l')} and l.run_id = r._run_id and l._row_hash = r._row_hash and l.content = l._row_hash and not l._deleted and l.nulls = ${nullsOf(table, 'r.')}
    union all
    select ${identList(table.key, 'l.')}, 'in the lake, but not in raw' as difference, l.run_id
    from latest l
    anti join ${raw} r on ${sameKey(table.key, 'r', 'l')}
    where not l._deleted
    union all
    select ${identList(table.key, 'l.')}, 'deleted in the lake, but in raw' as difference, l.run_id
    from latest l
    semi join ${raw} r on ${sameKey(table.key, 'r', 'l')}
    where l._deleted
    union all
    select ${identList(table.key, 'l.')}, 'more or fewer copies in the lake than raw counts' as difference, min(l.run_id) as run_id
    from latest l
    inner join ${raw} r on ${sameKey(table.key, 'r', 'l')}
    where not l._deleted
    group by ${identList(table.key, 'l.')}, r._superseded
    having count(*) <> r._superseded + 1`
}

/**
 * Rows in which a curated table differs from what its SQL gives over raw.
 * @param expected the table's SQL
 */
export function curatedQuery(table: CuratedTable, expected: string): string {
  const others = table.columns.filter((column) => !table.key.includes(column.name))
  const differs = others.map((column) => `e.${ident(column.name)} is distinct from a.${ident(column.name)}`)
  const first = ident(table.key[0] as string)
  return `select ${table.key.map((name) => `coalesce(e.${ident(name)}, a.${ident(name)}) as ${ident(name)}`).join(', ')},
      case when a.${first} is null then 'missing' when e.${first} is null then 'not in raw' else 'differs from raw' end as difference
    from (${expected}) e
    full outer join curated.${table.name} a on ${sameKey(table.key, 'e', 'a')}
    where e.${first} is null or a.${first} is null${differs.length > 0 ? ` or ${differs.join(' or ')}` : ''}`
}

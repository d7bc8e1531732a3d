import { type SourceTable, type SourceTableName, TECHNICAL_COLUMNS } from '../model.js'
import { CHANGED_KEYS, columnNames } from './ddl.js'
import { ident, identList, literal, sameKey } from './names.js'

/** Columns of a raw table, in order, technical ones last. */
export function rawColumns(table: SourceTable): string {
  return columnNames([...table.columns, ...TECHNICAL_COLUMNS])
}

/** Which changed-key tables of curated a change in a source table touches, with the expression for each of their columns. */
const TOUCHES: Record<SourceTableName, Record<string, readonly string[]>> = {
  apartments: { changed_listings: ['id'] },
  apartment_attributes: { changed_listings: ['id'] },
  bookings: { changed_bookings: ['booking_id'], changed_users: ['user_id'] },
  user_viewing: { changed_views: ['user_id', 'apartment_id', 'viewed_at'], changed_users: ['user_id'] },
}

/**
 * Statements that apply de-duplicated rows to a raw table, in order. `staged` has the table's columns, the technical
 * ones, and `_deleted`; one row per key. Portable: no target alias, and a source table without duplicates.
 * @param runId and
 * @param seq identify the load
 */
export function applyStatements(table: SourceTable, staged: string): string[] {
  const raw = `raw_data.${table.raw}`
  const matches = sameKey(table.key, raw, staged)
  const changes = `${staged}._deleted or ${raw}._row_hash <> ${staged}._row_hash`
  const values = [...table.columns, ...TECHNICAL_COLUMNS]
  const keyless = values.filter((column) => !table.key.includes(column.name))
  return [
    // Old users of rows that change hands, before the rows change.
    ...touched(table.name, `${raw} inner join ${staged} on ${matches}`, raw, changes),
    ...touched(
      table.name,
      `${staged} left join ${raw} on ${matches}`,
      staged,
      `not ${staged}._deleted and (${raw}._row_hash is null or ${raw}._row_hash <> ${staged}._row_hash)`,
    ),
    // A row of which only technical columns differ keeps the run and load that brought its content.
    `update ${raw} set _position = ${staged}._position, _superseded = ${staged}._superseded, _nullified = ${staged}._nullified
      from ${staged} where ${matches} and not ${staged}._deleted and ${raw}._row_hash = ${staged}._row_hash`,
    `delete from ${raw} using ${staged} where ${matches} and ${staged}._deleted`,
    `create temp table changes as select * from ${staged} where not _deleted and not exists (
      select 1 from ${raw} where ${matches} and ${raw}._row_hash = ${staged}._row_hash)`,
    `merge into ${raw} using changes on ${sameKey(table.key, raw, 'changes')}
      when matched then update set ${keyless.map((column) => `${ident(column.name)} = changes.${ident(column.name)}`).join(', ')}
      when not matched then insert (${columnNames(values)}) values (${columnNames(values, 'changes.')})`,
    'drop table changes',
  ]
}

function touched(name: SourceTableName, from: string, side: string, where: string): string[] {
  return Object.entries(TOUCHES[name]).map(([changed, columns]) => {
    const names = columnNames(CHANGED_KEYS[changed] ?? [])
    const notNull = changed === 'changed_users' ? ` and ${side}.user_id is not null` : ''
    return `insert into curated.${changed} (${names}) select ${identList(columns, `${side}.`)} from ${from} where (${where})${notNull}`
  })
}

/**
 * The surviving rows of staged ones, with how many copies each won over. Rows at position 0 are the only ones of their key.
 * @param source a relation with the lake's columns
 */
export function survivors(
  table: SourceTable,
  source: string,
  order: string,
  load: { runId: string; seq: number; copies: boolean },
): string {
  const technical = `_row_hash, cast(${load.seq} as bigint) as _load_seq, cast(${literal(load.runId)} as varchar) as _run_id, _position`
  const columns = columnNames(table.columns)
  if (!load.copies) {
    return `select ${columns}, ${technical}, cast(0 as bigint) as _superseded, _nullified from ${source} where not _deleted`
  }
  const key = identList(table.key)
  return `select ${columns}, ${technical}, cast(0 as bigint) as _superseded, _nullified from ${source} where not _deleted and _position = 0
    union all
    select ${columns}, ${technical}, copies - 1 as _superseded, _nullified from (
      select *, row_number() over (partition by ${key} order by ${order}) as place, count(*) over (partition by ${key}) as copies
      from ${source} where not _deleted and _position > 0) numbered
    where place = 1`
}

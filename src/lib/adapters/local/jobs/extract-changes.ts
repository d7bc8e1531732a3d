import { rm } from 'node:fs/promises'
import type { SourceTable } from '../../../core/model.js'
import { columnNames, lakeColumns } from '../../../core/sql/ddl.js'
import { ident, identList, sameKey } from '../../../core/sql/names.js'
import type { Database } from '../engine/database.js'
import { rowsSelect, type TextRelation, type TypedSelect } from '../engine/typing.js'
import { findCopies, placeCopies } from './extract-copies.js'
import { countCuts } from './extract-cuts.js'
import { type RawState, rawTable } from './extract-state.js'
import type { TableExtract } from './extract-table.js'
import type { WrittenFile } from './manifest-file.js'
import { writeParquet } from './parquet.js'

/** The condition that a row of the source (t) is not as raw (r) has it. */
function differsFromRaw(table: SourceTable, row: string): string {
  const values = table.columns.filter(({ name }) => !table.key.includes(name)).map(({ name }) => ident(name))
  return [...values, '"_nullified"'].map((name) => `${row}.${name} is distinct from r.${name}`).join(' or ')
}

export interface ChangesOptions {
  folder: string
  state: RawState
  /** Records of the source that fit its header, counted by its reader. */
  records: number
  /** With `--reconcile never` the condition on typed columns that a row lies beyond the bookmark. */
  beyond: string | undefined
}

/**
 * Writes what differs from raw in any value. One pass over the source meets each row with that of raw, and keeps what is
 * new, changed, bad or gone in the temp table `found`; rows that are as they were are not kept, but counted from raw's
 * side. Where that count and the reader's do not agree, a key has several copies of which one is as raw has it, and they
 * are looked for.
 */
export async function extractChanges(
  db: Database,
  table: SourceTable,
  source: TextRelation,
  { folder, state, records, beyond }: ChangesOptions,
): Promise<TableExtract> {
  const typed = rowsSelect(table, source)
  const all = comparedRows(table, typed)
  let same: number
  let seen: Seen
  if (beyond === undefined) {
    seen = await meet(db, table, `(${all})`)
    same = state.single - seen.gone_single - seen.met_single
    if (same !== records - seen.bad - seen.good) {
      // The rows of the keys that have copies are kept, too.
      await findCopies(db, table, `(${all})`)
      const copied = `exists (select 1 from copies c where ${sameKey(table.key, 'c', 'a')})`
      seen = await meet(db, table, `(select a.*, ${copied} as copied from (${all}) a)`, { keep: 't.copied' })
      same = state.single - seen.gone_single - seen.met_single
    }
  } else {
    await db.run(`create or replace temp table beyond as ${all} where ${beyond}`)
    const good = await db.count('select count(*) from beyond where "_rule" is null')
    // Few rows: all are kept, so that copies are seen.
    seen = await meet(db, table, 'beyond', { join: 'left', keep: 'true' })
    same = good - seen.good
  }
  const copies = await placeCopies(db, table, typed, 'from found where "_there" and "_rule" is null')
  const good = same + seen.good
  return extractFound(db, table, typed, { folder, seen, good, copies, tombstones: beyond === undefined })
}

/** Rows of a source as `meet` takes them: typed, and of a bad one the texts. */
export function comparedRows(table: SourceTable, typed: TypedSelect): string {
  return `select ${columnNames(table.columns)}, "_rule", "_nullified",
      case when "_rule" is not null then ${typed.keyText} end as key_text,
      case when "_rule" is not null then ${typed.rowText} end as row_text
    from (${typed.sql})`
}

/** Writes what stands in `found`. @param options.good good rows of the source @param options.tombstones also what is gone */
export async function extractFound(
  db: Database,
  table: SourceTable,
  typed: TypedSelect,
  { folder, seen, good, copies, tombstones }: FoundOptions,
): Promise<TableExtract> {
  const files: WrittenFile[] = []
  const extracted = await writeChanged(db, table, { folder, files, copies })
  const gone = tombstones && seen.gone > 0 ? await writeTombstones(db, table, folder, files) : 0
  return {
    good,
    unchanged: good - extracted,
    extracted,
    tombstones: gone,
    vanished: gone,
    copies,
    truncated: extracted > 0 ? await countCuts(db, table, typed, files[0]?.path ?? '') : {},
    files,
    bad: '(select "_rule" as rule, key_text, row_text from found where "_rule" is not null)',
  }
}

interface FoundOptions {
  folder: string
  seen: Seen
  good: number
  copies: boolean
  tombstones: boolean
}

/** What stands in `found`; rows. */
interface Seen {
  bad: number
  good: number
  /** Rows of raw whose key the source no longer has. */
  gone: number
  gone_single: number
  /** Keys of rows of raw without copies that rows in `found` have, too. */
  met_single: number
}

interface MeetOptions {
  join?: 'full outer' | 'left'
  /** A condition on rows of the source (t) that are kept whether they changed or not. */
  keep?: string
  /** A relation with the rows of raw, or some of them. */
  raw?: string
}

/** Makes the temp table `found` of rows of the source beside those of raw: what is not as it was. */
export async function meet(
  db: Database,
  table: SourceTable,
  rows: string,
  { join = 'full outer', keep = 'false', raw = rawTable(table) }: MeetOptions = {},
): Promise<Seen> {
  const [first = '', ...rest] = table.key
  const keys = [`t."_match" = r.${ident(first)}`, ...rest.map((name) => `t.${ident(name)} = r.${ident(name)}`)]
  const columns = identList(
    [...table.columns.map(({ name }) => name), '_rule', '_nullified', 'key_text', 'row_text'],
    't.',
  )
  // A bad row meets nothing, and what is gone has only its key.
  await db.withBuildSide(() =>
    db.run(`create or replace temp table found as
      select ${columns}, t."_there", r."_superseded" as "_had", r.${ident(first)} is null or ${differsFromRaw(table, 't')} as "_differs",
        ${table.key.map((name) => `r.${ident(name)} as ${ident(`raw_${name}`)}`).join(', ')}
      from (select s.*, true as "_there", case when "_rule" is null then ${ident(first)} end as "_match" from ${rows} s) t
      ${join} join ${raw} r on ${keys.join(' and ')}
      where r.${ident(first)} is null or t."_there" is null or r."_superseded" > 0 or ${keep} or ${differsFromRaw(table, 't')}`),
  )
  const good = '"_there" and "_rule" is null'
  const [row] = await db.all<Record<keyof Seen, string>>(`select
      count(*) filter (where "_rule" is not null) as bad,
      count(*) filter (where ${good}) as good,
      count(*) filter (where "_there" is null) as gone,
      count(*) filter (where "_there" is null and "_had" = 0) as gone_single,
      (select count(*) from (select distinct ${identList(table.key)} from found where ${good} and "_had" = 0)) as met_single
    from found`)
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, n]) => [name, Number(n)])) as unknown as Seen
}

/** Writes the good rows that changed, all copies of a key where one did. @returns their number */
async function writeChanged(
  db: Database,
  table: SourceTable,
  { folder, files, copies }: { folder: string; files: WrittenFile[]; copies: boolean },
): Promise<number> {
  const columns = columnNames(table.columns)
  const lone = copies ? ` and not exists (select 1 from copied c where ${sameKey(table.key, 'c', 'f')})` : ''
  const parts = [
    `select ${columns}, cast(0 as bigint) as "_position", "_nullified", false as "_deleted" from found f where "_there" and "_rule" is null
      and ("_differs" or "_had" > 0)${lone}`,
  ]
  if (copies) {
    parts.push(`select ${columns}, "_place" as "_position", "_nullified", false as "_deleted" from placed p
      where exists (select 1 from (${changedCopies(table)}) w where ${sameKey(table.key, 'w', 'p')})`)
  }
  const file = `${folder}/part-0.parquet`
  const rows = await writeParquet(db, parts.join(' union all '), file)
  if (rows > 0) files.push({ path: file, rows })
  else await rm(file)
  return rows
}

/** Keys with several copies of which the one that survives, or their number, is not as raw has it. */
function changedCopies(table: SourceTable): string {
  const [first = ''] = table.key
  return `select ${identList(table.key, 'w.')} from (
      select *, row_number() over (partition by ${identList(table.key)} order by ${copyOrder(table)}) as rank,
        count(*) over (partition by ${identList(table.key)}) as n
      from placed) w
    left join ${rawTable(table)} r on ${sameKey(table.key, 'w', 'r')}
    where w.rank = 1 and (r.${ident(first)} is null or r."_superseded" <> w.n - 1 or ${differsFromRaw(table, 'w')})`
}

/** The order of `winnerOrder` over placed copies. */
function copyOrder({ latestBy }: SourceTable): string {
  return `${latestBy ? `${ident(latestBy)} desc nulls last, ` : ''}"_place" desc`
}

/** Rows of raw whose key the source no longer has, as rows with nothing but their key. */
async function writeTombstones(
  db: Database,
  table: SourceTable,
  folder: string,
  files: WrittenFile[],
): Promise<number> {
  const values = lakeColumns(table).map(({ name, type }) => {
    const value = table.key.includes(name)
      ? ident(`raw_${name}`)
      : name === '_deleted'
        ? 'true'
        : name === '_position'
          ? '0'
          : 'null'
    return `cast(${value} as ${type}) as ${ident(name)}`
  })
  const path = `${folder}/part-${files.length}.parquet`
  const rows = await writeParquet(db, `select ${values.join(', ')} from found where "_there" is null`, path)
  files.push({ path, rows })
  return rows
}

import { rename } from 'node:fs/promises'
import { type SourceTable, TEXT_LIMIT_BYTES } from '../../../core/model.js'
import type { Counts } from '../../../core/run/run.js'
import { columnNames, lakeColumns } from '../../../core/sql/ddl.js'
import { ident, identList, literal, sameKey } from '../../../core/sql/names.js'
import type { Database } from '../engine/database.js'
import { isCut, type TextRelation, type TypedSelect, typedSelect } from '../engine/typing.js'
import { type RawState, WAREHOUSE } from './extract-state.js'
import type { WrittenFile } from './manifest-file.js'

/** What the diff of one table wrote and counted; rows. */
export interface TableExtract {
  good: number
  unchanged: number
  extracted: number
  tombstones: number
  /** Keys of raw that the source no longer has; with `full` they vanish without tombstones. */
  vanished: number
  copies: boolean
  truncated: Counts
  files: WrittenFile[]
}

const NOT_SEEN = `left join ${WAREHOUSE}.raw_data.`

/**
 * Writes every good row, for a raw table that is empty or is to be rebuilt: one pass over the source, and a second one
 * over what was written only where keys have several copies.
 * @param folder an existing, empty folder
 */
export async function extractFull(
  db: Database,
  table: SourceTable,
  source: TextRelation,
  folder: string,
  state: RawState,
): Promise<TableExtract> {
  const typed = typedSelect(table, source)
  const file = `${folder}/part-0.parquet`
  const select = `select ${columnNames(table.columns)}, "_row_hash", cast(0 as bigint) as "_position", "_nullified", false as "_deleted" from (${typed.sql}) where "_rule" is null`
  const good = await writeParquet(db, select, file)
  const copies = await findCopies(db, table, parquet(file))
  if (copies) {
    // Only rows with copies need their place in the file, and numbering all rows would read them one by one.
    const numbered = `${folder}/numbered.parquet`
    const names = columnNames(lakeColumns(table).filter((column) => column.name !== '_position'))
    const place = `case when exists (select 1 from copies c where ${sameKey(table.key, 'c', 'p')}) then p.file_row_number + 1 else 0 end`
    await writeParquet(
      db,
      `select ${columnNames(lakeColumns(table))} from (select ${names}, ${place} as "_position" from read_parquet(${literal(file)}, file_row_number = true) p)`,
      numbered,
    )
    await rename(numbered, file)
  }
  const vanished =
    state.rows === 0
      ? 0
      : await db.count(
          `select count(*) from ${WAREHOUSE}.raw_data.${table.raw} r anti join ${parquet(file)} s on ${sameKey(table.key, 'r', 's')}`,
        )
  const truncated = await countCuts(db, table, typed, file)
  return {
    good,
    unchanged: 0,
    extracted: good,
    tombstones: 0,
    vanished,
    copies,
    truncated,
    files: good > 0 ? [{ path: file, rows: good }] : [],
  }
}

/**
 * Writes what differs from raw: a first pass over the source keeps key and hash of each good row, joins find the keys
 * that are new, changed or gone, and a second pass fetches the rows of these keys, all copies of each.
 * @param beyond with `--reconcile never` the condition on typed columns that a row lies beyond the bookmark
 */
export async function extractChanges(
  db: Database,
  table: SourceTable,
  source: TextRelation,
  folder: string,
  beyond: string | undefined,
): Promise<TableExtract> {
  const typed = typedSelect(table, source)
  const key = identList(table.key)
  const raw = `${WAREHOUSE}.raw_data.${table.raw}`
  const where = `"_rule" is null${beyond ? ` and ${beyond}` : ''}`
  const latest = table.latestBy && !table.key.includes(table.latestBy) ? `, ${ident(table.latestBy)}` : ''
  const good = await db.run(
    `create or replace temp table seen as select ${key}${latest}, "_row_hash", "_nullified" from (${typed.sql}) where ${where}`,
  )
  const copies = await findCopies(db, table, 'seen')
  const single = copies ? `seen s anti join copies c on ${sameKey(table.key, 's', 'c')}` : 'seen s'
  const winners = copies
    ? `union all select ${key}, "_row_hash", "_nullified", n - 1 from (
        select s.*, c.n, row_number() over (partition by ${identList(table.key, 's.')} order by ${winnerOrder(table, 's.', 's.rowid')}) as place
        from seen s join copies c on ${sameKey(table.key, 's', 'c')}) where place = 1`
    : ''
  await db.run(`create or replace temp table changed as
    select ${identList(table.key, 's.')} from (
      select ${identList(table.key, 's.')}, "_row_hash", "_nullified", 0 as superseded from ${single} ${winners}) s
    ${NOT_SEEN}${table.raw} r on ${sameKey(table.key, 's', 'r')}
    where r."_row_hash" is null or r."_row_hash" <> s."_row_hash" or r."_superseded" <> s.superseded
      or r."_nullified" is distinct from s."_nullified"`)
  const files: WrittenFile[] = []
  let extracted = 0
  let truncated: Counts = {}
  if ((await db.count('select count(*) from changed')) > 0) {
    const file = `${folder}/part-0.parquet`
    // A join gives up the order of the file, so the place of a copy comes from `seen`; rows that agree in all that is
    // matched there are the same row, and may share one.
    const placed = copies
      ? `left join (
          select ${identList(table.key, 's.')}, s."_row_hash", s."_nullified", max(s.rowid) + 1 as place
          from seen s semi join copies c on ${sameKey(table.key, 's', 'c')} group by all) p
        on ${sameKey(table.key, 't', 'p')} and t."_row_hash" = p."_row_hash" and t."_nullified" is not distinct from p."_nullified"`
      : ''
    extracted = await writeParquet(
      db,
      `select ${columnNames(table.columns, 't.')}, t."_row_hash", ${copies ? 'coalesce(p.place, 0)' : 'cast(0 as bigint)'} as "_position", t."_nullified", false as "_deleted"
        from (select * from (${typed.sql}) where ${where}) t semi join changed c on ${sameKey(table.key, 't', 'c')} ${placed}`,
      file,
    )
    truncated = await countCuts(db, table, typed, file)
    files.push({ path: file, rows: extracted })
  }
  const tombstones = beyond ? 0 : await writeTombstones(db, table, raw, folder, files)
  return { good, unchanged: good - extracted, extracted, tombstones, vanished: tombstones, copies, truncated, files }
}

/**
 * Makes the temp table `copies`: the keys that stand more than once in rows that are in the order of the file, and how
 * often. Most sources are written in the order of the column that a bookmark follows: where it rises from each row to the
 * next, no key stands twice, and the table, which groups all rows, is not needed. @returns whether there are any
 */
async function findCopies(db: Database, table: SourceTable, rows: string): Promise<boolean> {
  const column = ident(table.bookmark.column)
  const falls = await db.count(
    `select count(*) from (select ${column} as here, lag(${column}) over () as before from ${rows}) where here <= before`,
  )
  if (falls === 0) return false
  const key = identList(table.key)
  await db.run(
    `create or replace temp table copies as select ${key}, count(*) as n from ${rows} group by ${key} having count(*) > 1`,
  )
  return (await db.count('select count(*) from copies')) > 0
}

/** Rows of raw whose key the source no longer has, as rows with nothing but their key. */
async function writeTombstones(
  db: Database,
  table: SourceTable,
  raw: string,
  folder: string,
  files: WrittenFile[],
): Promise<number> {
  const gone = `from ${raw} r anti join seen s on ${sameKey(table.key, 'r', 's')}`
  const count = await db.count(`select count(*) ${gone}`)
  if (count === 0) return 0
  const file = `${folder}/part-${files.length}.parquet`
  const values = lakeColumns(table).map((column) => {
    if (table.key.includes(column.name)) return `r.${ident(column.name)}`
    const value =
      column.name === '_deleted' ? 'true' : column.name.startsWith('_') && column.type === 'BIGINT' ? '0' : 'null'
    return `cast(${value} as ${column.type}) as ${ident(column.name)}`
  })
  await writeParquet(db, `select ${values.join(', ')} ${gone}`, file)
  files.push({ path: file, rows: count })
  return count
}

/** The order in which the first of several rows with one key survives (semantics.md §1, "superseded"). */
export function winnerOrder(table: SourceTable, prefix: string, position: string): string {
  const latest = table.latestBy
    ? `coalesce(${prefix}${ident(table.latestBy)}, timestamp '0001-01-01 00:00:00') desc, `
    : ''
  return `${latest}${position} desc`
}

/** Texts that were cut, by column: candidates in the file are counted again in the source, which is rare. */
async function countCuts(db: Database, table: SourceTable, typed: TypedSelect, file: string): Promise<Counts> {
  const texts = table.columns.filter((column) => column.type === 'VARCHAR' && typed.textOf(column.name))
  if (texts.length === 0) return {}
  const near = texts.map((column) => `count(*) filter (where strlen(${ident(column.name)}) > ${TEXT_LIMIT_BYTES - 4})`)
  const candidates = await db.count(`select ${near.join(' + ')} from ${parquet(file)}`)
  if (candidates === 0) return {}
  const cuts = texts.map(
    (column) => `count(*) filter (where ${isCut(typed.textOf(column.name) as string)}) as ${ident(column.name)}`,
  )
  const [row] = await db.all<Record<string, string>>(
    `select ${cuts.join(', ')} from (${typed.sql}) t where "_rule" is null`,
  )
  return Object.fromEntries(
    Object.entries(row ?? {})
      .map(([name, count]) => [name, Number(count)] as const)
      .filter(([, count]) => count > 0),
  )
}

export function parquet(file: string): string {
  return `read_parquet(${literal(file)})`
}

export async function writeParquet(db: Database, select: string, file: string): Promise<number> {
  return db.run(`copy (${select}) to ${literal(file)} (format parquet)`)
}

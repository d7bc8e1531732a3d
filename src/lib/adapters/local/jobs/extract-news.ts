import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SourceTable } from '../../../core/model.js'
import { ident, identList, sameKey } from '../../../core/sql/names.js'
import type { NewBlocks } from '../../source/source.js'
import type { Database } from '../engine/database.js'
import { csvFile, parquetFiles } from '../engine/readers.js'
import { rowsSelect, type TextRelation } from '../engine/typing.js'
import { goneRanges, type KnownBlocks, type RowRange } from './block-list.js'
import { comparedRows, extractFound, meet } from './extract-changes.js'
import { placeCopies } from './extract-copies.js'
import { writeKeys } from './extract-list.js'
import { type RawState, rawTable } from './extract-state.js'
import type { TableExtract } from './extract-table.js'

export interface NewsOptions {
  home: string
  /** For what is thrown away. */
  work: string
  /** Where the table's part of the lake is written, and the keys. */
  folder: string
  keys: string
  /** Of what was loaded last, which raw still is, to the byte. */
  before: KnownBlocks
  news: NewBlocks
  state: RawState
}

/**
 * Writes what differs from raw, of a source of which only some blocks are other ones than at the last load. The rows of
 * the blocks that are new are met, by value, with those rows of raw that stood in the blocks that are gone; all other
 * rows of raw are those of blocks that are there still.
 * @returns undefined where that cannot be told: a key of a new block stands in one that is there still, or numbers do not
 *   agree. Then all of it is compared.
 */
export async function extractNews(
  db: Database,
  table: SourceTable,
  source: TextRelation,
  options: NewsOptions,
): Promise<TableExtract | undefined> {
  const { before, news, state, folder } = options
  const { plain: _, ...texts } = source
  const typed = rowsSelect(table, { ...texts, relation: news.relation, ...(news.plain ? { plain: news.plain } : {}) })
  const key = identList(table.key)
  await db.run(`create or replace temp table fresh as ${comparedRows(table, typed)}`)
  await goneKeys(db, table, goneRanges(before, news), options)
  const met = [...table.columns.map(({ name }) => name), '_superseded', '_nullified']
  await db.run(
    `create or replace temp table left_behind as select ${identList(met, 'r.')} from ${rawTable(table)} r semi join gone g on ${sameKey(table.key, 'r', 'g')}`,
  )
  const [counts] = await db.all<{ fresh: string; good: string; gone: string; behind: string }>(
    `select (select count(*) from fresh) as fresh, (select count(*) from fresh where "_rule" is null) as good,
      (select count(*) from gone) as gone, (select count(*) from left_behind) as behind`,
  )
  const [fresh = 0, good = 0, gone = 0, behind = 0] = [counts?.fresh, counts?.good, counts?.gone, counts?.behind].map(
    Number,
  )
  const still = news.places.reduce((sum, place) => sum + (place < 0 ? 0 : (before.records[place] as number)), 0)
  if (fresh !== news.records || behind !== gone || state.rows !== still + behind) return undefined
  const strangers = `select ${key} from fresh f anti join left_behind l on ${sameKey(table.key, 'f', 'l')} where "_rule" is null`
  const elsewhere = `select count(*) from ${rawTable(table)} r semi join (${strangers}) s on ${sameKey(table.key, 'r', 's')}`
  if ((await db.count(elsewhere)) > 0) return undefined
  // Few rows: all are kept, so that copies are seen.
  const seen = await meet(db, table, 'fresh', { raw: 'left_behind', keep: 'true' })
  const copies = await placeCopies(db, table, typed, 'from found where "_there" and "_rule" is null')
  const someOdd = copies || good < fresh
  const keys =
    fresh > 0 ? await writeKeys(db, table, typed, { file: options.keys, someOdd }) : { file: undefined, odd: [] }
  // The rows that are there still are counted from the side of raw, which has counted nothing of what the reader has.
  const all = state.rows - behind + good
  return {
    ...(await extractFound(db, table, typed, { folder, seen, good: all, copies, tombstones: true })),
    keys: { ...keys, before },
  }
}

/** Makes the temp table `gone`: the keys that stand in ranges of rows, each once. */
async function goneKeys(
  db: Database,
  table: SourceTable,
  ranges: readonly RowRange[],
  { home, work, before }: NewsOptions,
): Promise<void> {
  const path = join(work, `${table.name}.gone`)
  await writeFile(path, `file,first,n\n${ranges.map(({ file, first, rows }) => `${file},${first},${rows}\n`).join('')}`)
  const list = csvFile(path, {
    columns: ['file', 'first', 'n'],
    types: ['BIGINT', 'BIGINT', 'BIGINT'],
    longest: 64,
    linesInQuotes: false,
  })
  await db.run(
    `create or replace temp table gone_rows as select file, unnest(range(first, first + n)) as place from ${list}`,
  )
  const key = identList(table.key)
  const parts = before.files.map(({ path }, at) => {
    const rows = parquetFiles([join(home, path)], { rowNumbers: true })
    return `select ${key} from ${rows} p semi join (select place from gone_rows where file = ${at}) g on p.file_row_number = g.place`
  })
  await db.run(
    `create or replace temp table gone as select distinct ${key} from (${parts.join(' union all ')}) where ${ident(table.key[0] as string)} is not null`,
  )
}

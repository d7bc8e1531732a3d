import { mkdir } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import type { SourceTable } from '../../../core/model.js'
import type { LakeFile } from '../../../core/run/manifest.js'
import { ident, sameKey } from '../../../core/sql/names.js'
import type { BlockList, OpenTable } from '../../source/source.js'
import type { Database } from '../engine/database.js'
import { parquetFiles } from '../engine/readers.js'
import { rowsSelect, type TypedSelect } from '../engine/typing.js'
import { blocksAfter, blocksOf, type NewList, recordsOf, withOdd, writeBlocks } from './block-list.js'
import type { RecordKeys, TableExtract } from './extract-table.js'
import { lakeFiles } from './manifest-file.js'
import { writeInOrder } from './parquet.js'

/** Of so many records one may be odd: each has the block read again that it stands in. */
const RECORDS_TO_ODD = 200

/**
 * Writes the key of each record, in their order; NULL for a bad one.
 * @param someOdd there are bad ones, or several of a key
 */
export async function writeKeys(
  db: Database,
  table: SourceTable,
  typed: TypedSelect,
  { file, someOdd }: { file: string; someOdd: boolean },
): Promise<RecordKeys> {
  await mkdir(dirname(file), { recursive: true })
  const keys = table.key.map((name) => `case when "_rule" is null then ${ident(name)} end as ${ident(name)}`)
  await writeInOrder(db, `select ${keys.join(', ')} from (${typed.sql})`, file)
  if (!someOdd) return { file, odd: [] }
  const rows = parquetFiles([file], { rowNumbers: true })
  const key = table.key.map(ident).join(', ')
  const found = await db.all<{ row: string }>(
    `select file_row_number as row from ${rows} k where ${ident(table.key[0] as string)} is null
      or exists (select 1 from (select ${key} from ${rows} group by ${key} having count(*) > 1) c where ${sameKey(table.key, 'c', 'k')})
      order by 1`,
  )
  return { file, odd: found.map(({ row }) => Number(row)) }
}

/** What a list is made of. */
export interface Listing {
  blocks: BlockList
  keys: RecordKeys
}

/**
 * What a list of the source's blocks is made of, for the next run; undefined where too many of its records are odd, or
 * where the lake has its rows in another order and nothing was compared: then the next run makes it.
 * @param options.file where keys are written that stand nowhere yet
 */
export async function listingOf(
  db: Database,
  table: SourceTable,
  source: OpenTable,
  extract: TableExtract,
  { full, file }: { full: boolean; file: string },
): Promise<Listing | undefined> {
  const { blocks, records } = source
  if (!blocks || records === 0) return undefined
  if (extract.keys) return { blocks, keys: extract.keys }
  const copied = extract.copies ? await db.count('select count(*) from placed') : 0
  const odd = records - extract.good + copied
  if (full || odd * RECORDS_TO_ODD > records) return undefined
  return { blocks, keys: await writeKeys(db, table, rowsSelect(table, source), { file, someOdd: odd > 0 }) }
}

/**
 * Writes a list.
 * @param options.root of paths @param options.folder of the list, in it @param options.lake what the extract has written
 * @param options.last the list of the last load, which is needed until the new one is loaded
 */
export async function writeList(
  { table: { name }, news }: Pick<OpenTable, 'table' | 'news'>,
  { blocks, keys }: Listing,
  { root, folder, lake, last }: { root: string; folder: string; lake: readonly LakeFile[]; last: LakeFile | undefined },
): Promise<NewList> {
  const { file, before, odd } = keys
  const path = file && relative(root, file)
  const written =
    lake.find((one) => one.path === path) ??
    (file ? await keysFile(root, file, before && news ? news.records : recordsOf(blocks)) : undefined)
  const all = before && news ? blocksAfter(before, blocks, news, written) : blocksOf(blocks, written as LakeFile)
  const list = withOdd(all, path, odd)
  const needed = [...list.files, ...(before?.files ?? []), ...(last ? [last] : [])].map((one) => one.path)
  return { table: name, file: await writeBlocks(root, folder, list), needed }
}

async function keysFile(root: string, path: string, rows: number): Promise<LakeFile | undefined> {
  return (await lakeFiles(root, [{ path, rows }]))[0]
}

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { LakeFile } from '../../../core/run/manifest.js'
import { type BlockList, HASH_BYTES, type NewBlocks } from '../../source/source.js'
import type { HomePaths } from '../home/paths.js'
import { isAsWritten, lakeFiles } from './manifest-file.js'

/**
 * The blocks of a source that was loaded, and where the keys of their records stand. The hash of an odd one is zeros, so that
 * it is always read again: it holds a bad record, or one of several of a key. All others hold rows of raw, one each.
 */
export interface KnownBlocks extends BlockList {
  /** Parquet files with a row for each record of a block, in their order: the key of a good one. Of the lake, or of keys. */
  files: readonly LakeFile[]
  /** For each block its file, and the row of its first record there. */
  origins: Uint32Array
  starts: Uint32Array
}

/** Each night adds a file of keys: at so many all are written anew. */
export const MOST_FILES = 30

const NUMBER_BYTES = Uint32Array.BYTES_PER_ELEMENT
const NUMBERS = ['records', 'origins', 'starts'] as const

/** The blocks of a source whose keys stand in one file, from its first row on. */
export function blocksOf(list: BlockList, file: LakeFile): KnownBlocks {
  const none = new Uint32Array(list.records.length)
  return { ...list, files: [file], origins: none, starts: startsOf(list.records, () => true) }
}

/**
 * The blocks of a source of which some are those of a list, and the keys of the others stand in a file.
 * @param keys undefined where there are no others
 */
export function blocksAfter(
  before: KnownBlocks,
  list: BlockList,
  { places }: NewBlocks,
  keys: LakeFile | undefined,
): KnownBlocks {
  const starts = startsOf(list.records, (at) => places[at] === -1)
  const origins = new Uint32Array(list.records.length).fill(before.files.length)
  for (const [at, place] of places.entries()) {
    if (place === -1) continue
    starts[at] = before.starts[place] as number
    origins[at] = before.origins[place] as number
  }
  const all = keys ? [...before.files, keys] : before.files
  // What no block needs any more is left out.
  const used = [...new Set(origins)].sort((a, b) => a - b)
  const files = used.map((file) => all[file] as LakeFile)
  return { ...list, files, origins: origins.map((file) => used.indexOf(file)), starts }
}

/** The same list, in which the blocks are odd that some rows of a file stand in. @param rows rising */
export function withOdd(blocks: KnownBlocks, file: string | undefined, rows: readonly number[]): KnownBlocks {
  const origin = blocks.files.findIndex(({ path }) => path === file)
  const hashes = Buffer.from(blocks.hashes)
  let next = 0
  for (const [at, count] of blocks.records.entries()) {
    if (blocks.origins[at] !== origin) continue
    const end = (blocks.starts[at] as number) + count
    if ((rows[next] ?? end) < end) hashes.fill(0, at * HASH_BYTES, (at + 1) * HASH_BYTES)
    while ((rows[next] ?? end) < end) next++
  }
  return { ...blocks, hashes }
}

/** All records of a list. */
export function recordsOf({ records }: BlockList): number {
  return records.reduce((sum, count) => sum + count, 0)
}

/** Numbers of first rows, counted over some of the blocks. */
function startsOf(records: Uint32Array, isCounted: (at: number) => boolean): Uint32Array {
  let rows = 0
  return records.map((count, at) => {
    const start = rows
    if (isCounted(at)) rows += count
    return start
  })
}

/** Rows of a file of a list. */
export interface RowRange {
  file: number
  first: number
  rows: number
}

/** The rows of the blocks of a list that a source does not have any more. */
export function goneRanges({ records, origins, starts }: KnownBlocks, { places }: NewBlocks): RowRange[] {
  const there = new Uint8Array(records.length)
  for (const place of places) if (place >= 0) there[place] = 1
  const ranges: RowRange[] = []
  for (const [at, rows] of records.entries()) {
    if (there[at] === 0) ranges.push({ file: origins[at] as number, first: starts[at] as number, rows })
  }
  return ranges
}

/** Writes a list. @param folder that of the file in `root` @returns the file as a manifest names it */
export async function writeBlocks(root: string, folder: string, blocks: KnownBlocks): Promise<LakeFile> {
  const path = join(root, folder, 'blocks.bin')
  const { header, plain, files, hashes, records } = blocks
  const head = Buffer.from(`${JSON.stringify({ header, plain, files, blocks: records.length })}\n`)
  const numbers = NUMBERS.map((name) => bytesOf(blocks[name]))
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, Buffer.concat([head, hashes, ...numbers]))
  const [file] = await lakeFiles(root, [{ path, rows: recordsOf(blocks) }])
  return file as LakeFile
}

/** The list that a load has kept; undefined where it, or a file that it names, is gone or is not as it was written. */
export async function readBlocks(paths: HomePaths, file: LakeFile | undefined): Promise<KnownBlocks | undefined> {
  if (!file || !(await isAsWritten(paths, file))) return undefined
  const bytes = await readFile(join(paths.home, file.path))
  const start = bytes.indexOf('\n') + 1
  const { header, plain, files, blocks } = JSON.parse(bytes.toString('utf8', 0, start)) as Head
  for (const keys of files) if (!(await isAsWritten(paths, keys))) return undefined
  const hashes = bytes.subarray(start, start + blocks * HASH_BYTES)
  const [records, origins, starts] = NUMBERS.map((_, nth) =>
    numbersOf(bytes, start + blocks * (HASH_BYTES + nth * NUMBER_BYTES), blocks),
  ) as [Uint32Array, Uint32Array, Uint32Array]
  return { header, plain, files, hashes, records, origins, starts }
}

interface Head {
  header: string
  plain: boolean
  files: LakeFile[]
  blocks: number
}

/** Little-endian, as all machines have it that the engine runs on. */
function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

function numbersOf(bytes: Buffer, from: number, length: number): Uint32Array {
  const numbers = new Uint32Array(length)
  bytesOf(numbers).set(bytes.subarray(from, from + length * NUMBER_BYTES))
  return numbers
}

/** A list that an extract has written. */
export interface NewList {
  table: string
  file: LakeFile
  /** Paths of files that it needs, and those of the list before it, for as long as it is not loaded. */
  needed: readonly string[]
}

/** Removes the lists and keys of a table that nothing needs any more. */
export async function removeOldBlocks(paths: HomePaths, { table, file, needed }: NewList): Promise<void> {
  const folder = paths.blocks(table)
  const kept = [file.path, ...needed].map((path) => dirname(path))
  for (const run of await readdir(join(paths.home, folder)).catch(() => [])) {
    if (!kept.includes(`${folder}/${run}`)) await rm(join(paths.home, folder, run), { recursive: true, force: true })
  }
}

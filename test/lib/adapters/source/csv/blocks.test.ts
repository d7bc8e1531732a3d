import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BlockCutter, BlockLister, ChangedBlocks, lineOf } from '../../../../../src/lib/adapters/source/csv/blocks.js'
import { HASH_BYTES } from '../../../../../src/lib/adapters/source/source.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const lines = (from: number, to: number): string[] =>
  Array.from(
    { length: to - from },
    (_, at) => `${from + at},${'abcdefgh'.repeat((from + at) % 9)},${(from + at) * 7}\n`,
  )

/** The blocks of records, as texts; a stretch ends behind so many of them. */
function blocksOf(records: readonly string[], stretch = records.length): string[] {
  const blocks: string[] = []
  const cutter = new BlockCutter((bytes, count) => {
    const text = bytes.toString()
    expect(text.split('\n').length - 1).toBe(count)
    blocks.push(text)
  })
  for (let from = 0; from < records.length; from += stretch) {
    const some = records.slice(from, from + stretch)
    const bytes = Buffer.from(some.join(''))
    let start = 0
    for (const record of some) {
      cutter.add({ bytes, start, end: start + record.length - 1 })
      start += record.length
    }
    cutter.endStretch(bytes, start)
  }
  expect(blocks.join('')).toBe(records.join(''))
  return blocks
}

test('a block has whole records, of about two thousand bytes', () => {
  const blocks = blocksOf(lines(0, 10_000))
  const sizes = blocks.slice(0, -1).map(({ length }) => length)
  expect(Math.min(...sizes)).toBeGreaterThan(1500)
  expect(Math.max(...sizes)).toBeLessThan(5000)
})

test('behind rows more or less the blocks are the same again', () => {
  const rows = lines(0, 10_000)
  const before = new Set(blocksOf(rows))
  for (const after of [
    rows.toSpliced(5000, 1),
    rows.toSpliced(5000, 0, 'x,y,z\n'),
    rows.toSpliced(5000, 9, 'x\n'),
    rows.slice(3),
  ]) {
    const blocks = blocksOf(after)
    expect(blocks.filter((block) => !before.has(block)).length).toBeLessThan(5)
  }
})

test('wherever stretches end, most blocks are the same', () => {
  const rows = lines(0, 10_000)
  const before = new Set(blocksOf(rows, 3000))
  expect(blocksOf(rows, 3001).filter((block) => !before.has(block)).length).toBeLessThan(20)
  expect(blocksOf(rows, 3000).every((block) => before.has(block))).toBe(true)
})

test('a line is a record with the line end that it has', () => {
  const line = (text: string, end: number): string => lineOf({ bytes: Buffer.from(text), start: 1, end }).toString()
  expect([line('.ab\ncd', 3), line('.ab\r\ncd', 3), line('.ab', 3), line('.ab\r\n', 3)]).toEqual([
    'ab\n',
    'ab\r\n',
    'ab',
    'ab\r\n',
  ])
})

test('of the blocks of a file those stand apart that a list does not have', async () => {
  const path = join(await temporaryFolder(), 'new.csv')
  const [a, b, c, d] = ['a'.repeat(400), 'b'.repeat(400), 'c'.repeat(100), 'd'.repeat(100)].map((text) =>
    Buffer.from(text),
  )
  const before = new BlockLister()
  for (const [bytes, records] of [
    [a, 4],
    [b, 3],
  ] as const)
    before.add(bytes as Buffer, records)
  const list = before.list('id\n', false)
  expect(list.hashes.length).toBe(2 * HASH_BYTES)
  const look = async (header: string, blocks: readonly (Buffer | undefined)[]) => {
    const changed = new ChangedBlocks(list, path, 2000)
    const now = new BlockLister()
    changed.begin(Buffer.from(header))
    const isNew = blocks.map((bytes) => changed.add(bytes as Buffer, 2, now.add(bytes as Buffer, 2)))
    changed.flush()
    changed.close()
    const { few, places, records, knownPlain } = changed
    expect(knownPlain).toBe(false)
    return { few, places, records, isNew, text: await readFile(path, 'utf8') }
  }
  expect(await look('id\n', [b, c, a])).toEqual({
    few: true,
    places: [1, -1, 0],
    records: 2,
    isNew: [false, true, false],
    text: `id\n${c}`,
  })
  // Each is there once: the second is a copy of its rows.
  expect(await look('id\n', [a, a, b])).toMatchObject({ places: [0, -1, 1], text: `id\n${a}` })
  expect(await look('di\n', [d, c])).toMatchObject({ few: true, places: [-1, -1], text: `di\n${d}${c}` })
  expect(await look('id\n', [c, d, Buffer.alloc(301, 'e')])).toMatchObject({ few: false, records: 6 })
})

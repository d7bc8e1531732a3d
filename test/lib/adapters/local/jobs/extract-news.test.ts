import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { manifestHash } from '../../../../../src/lib/adapters/files/manifest-hash.js'
import { homePaths } from '../../../../../src/lib/adapters/local/home/paths.js'
import {
  type KnownBlocks,
  MOST_FILES,
  readBlocks,
  writeBlocks,
} from '../../../../../src/lib/adapters/local/jobs/block-list.js'
import { readManifest, writeManifest } from '../../../../../src/lib/adapters/local/jobs/manifest-file.js'
import type { LakeFile } from '../../../../../src/lib/core/run/manifest.js'
import {
  after,
  booking,
  bookings,
  bookingsDays,
  type Day,
  days,
  expectAsOnce,
  FIRST,
  HEADERS,
  home,
  inWarehouse,
  listed,
  load,
  nextDay,
  plainFile,
  writeTable,
} from '../../../../support/bookings-days.js'
import { temporaryFolder } from '../../../../support/temporary.js'

bookingsDays()

describe('of a file of which little changed only that is read', () => {
  beforeEach(() => after('a plain file', plainFile))

  test('rows that are other, new and gone, at its ends and within', async () => {
    const rows = FIRST.toSpliced(1000, 1).toSpliced(2000, 2, booking(3001, 77), booking(9000))
    await writeTable('bookings', [booking(7), ...rows.slice(1), ...bookings(4000, 4050)])
    // Gone are the first, 2000, and 3002 behind the one that was changed.
    expect(await load()).toEqual({ files: 2, extracted: 53, tombstones: 3 })
    await expectAsOnce()
    await writeTable('bookings', FIRST)
    expect(await load()).toEqual({ files: 2, extracted: 4, tombstones: 52 })
    await writeTable('bookings', FIRST.slice(0, -30))
    expect(await load()).toMatchObject({ extracted: 0, tombstones: 30 })
  })

  test('rows that only stand elsewhere', async () => {
    await writeTable('bookings', [...FIRST.slice(50, 100), ...FIRST.slice(0, 50), ...FIRST.slice(100)])
    expect(await load()).toEqual({ files: 2, extracted: 0, tombstones: 0 })
  })

  test('the same values in another form', async () => {
    await writeTable('bookings', FIRST.with(9, (FIRST[9] as string).replace('.00,', ',')))
    expect(await load()).toEqual({ files: 2, extracted: 0, tombstones: 0 })
  })

  test.each<[string, readonly string[], Partial<Day>]>([
    ['a new key that is there twice', [...FIRST, booking(9000), booking(9000, 8)], { extracted: 2 }],
    [
      'a row that went bad',
      FIRST.with(70, (FIRST[70] as string).replace('2024', 'x')),
      { extracted: 0, tombstones: 1 },
    ],
    ['a form that is not plain', FIRST.with(70, (FIRST[70] as string).replace('300.', '+300.')), { extracted: 0 }],
  ])('%s', async (_, rows, found) => {
    await writeTable('bookings', rows)
    expect(await load()).toMatchObject({ files: 2, ...found })
    await expectAsOnce()
    await writeTable('bookings', FIRST)
    await load()
    await expectAsOnce()
  })

  test('an extract that is not loaded leaves the list of the last load', async () => {
    await writeTable('bookings', FIRST.with(9, booking(1009, 5)))
    expect(await load({ loaded: false })).toMatchObject({ files: 2, extracted: 1 })
    await writeTable('bookings', FIRST.with(10, booking(1010, 5)))
    expect(await load()).toMatchObject({ files: 2, extracted: 1 })
    await expectAsOnce()
  })

  test('keys and lists that nothing needs any more are removed', async () => {
    for (const price of [1, 2, 3]) {
      await writeTable('bookings', FIRST.with(9, booking(1009, price)))
      expect((await load()).files).toBe(2)
    }
    const kept = await readdir(join(home, 'data', 'blocks', 'bookings'))
    expect(kept.sort()).toEqual(['run_id=r3', 'run_id=r4'])
  })
})

describe('all of a file is read', () => {
  beforeEach(() => after('a plain file', plainFile))

  test('where its columns stand in another order', async () => {
    const turned = FIRST.map((row) => row.split(',').toReversed().join(','))
    await writeTable('bookings', turned, HEADERS['bookings']?.split(',').toReversed().join(','))
    expect(await load()).toMatchObject({ files: 1, extracted: 0 })
  })

  test('where two columns have changed their names', async () => {
    await writeTable(
      'bookings',
      FIRST,
      HEADERS['bookings']?.replace('checkin_date,checkout_date', 'checkout_date,checkin_date'),
    )
    expect(await load()).toMatchObject({ files: 1, extracted: 3000 })
  })

  test('where raw was altered by hand, also in rows that did not change', async () => {
    await inWarehouse(home, (db) => db.run('update raw_data.stg_bookings set num_guests = 9 where booking_id = 3000'))
    await writeTable('bookings', FIRST.with(8, booking(1008, 6)))
    expect(await load()).toMatchObject({ files: 1, extracted: 2 })
    await expectAsOnce()
  })

  test('where it was read before by a bookmark alone', async () => {
    await writeTable('bookings', [...FIRST, booking(7000)])
    await nextDay({ reconcile: 'never' })
    await writeTable('bookings', FIRST.with(8, booking(1008, 6)))
    expect(await load()).toEqual({ files: 1, extracted: 1, tombstones: 1 })
    await expectAsOnce()
  })

  test.each<[string, (path: string) => Promise<void>]>([
    ['is gone', (path) => rm(path)],
    ['was written to', async (path) => writeFile(path, (await readFile(path)).fill(7, 100))],
    ['is cut', async (path) => writeFile(path, (await readFile(path)).subarray(0, -9))],
  ])('where the list, or a file of its keys, %s', async (_, damage) => {
    await damage(join(home, (await listed()).path.path))
    await writeTable('bookings', FIRST.with(8, booking(1008, 6)))
    expect(await load()).toMatchObject({ files: 1, extracted: 1 })
    const { paths, path } = await listed()
    const [keys] = (await readBlocks(paths, path))?.files ?? []
    await damage(join(home, keys?.path ?? ''))
    await writeTable('bookings', FIRST.with(8, booking(1008, 7)))
    expect(await load()).toMatchObject({ files: 1, extracted: 1 })
  })
})

test('a list of many files is made anew', async () => {
  await writeTable('bookings', FIRST)
  await load()
  const { paths, path } = await listed()
  const [keys] = (await readBlocks(paths, path))?.files ?? []
  // As many nights would have left it, each with keys of its own.
  const list = (await readBlocks(paths, path)) as KnownBlocks
  const many = { ...list, files: Array<LakeFile>(MOST_FILES).fill(keys as LakeFile) }
  const manifest = await readManifest(paths, `r${days}`)
  const blocks = await writeBlocks(home, 'data/blocks/bookings/run_id=many', many)
  const tables = manifest.tables.map((entry) => (entry.table === 'bookings' ? { ...entry, blocks } : entry))
  await writeManifest(paths, { ...manifest, tables })
  const hash = manifestHash({ ...manifest, tables })
  await inWarehouse(home, (db) => db.run(`update raw_data.load_log set manifest_hash = '${hash}'`))
  await writeTable('bookings', FIRST.with(8, booking(1008, 6)))
  expect(await load()).toEqual({ files: 1, extracted: 1, tombstones: 0 })
})

test('a list is read as it was written', async () => {
  const file = {
    path: 'data/keys.parquet',
    bytes: 3,
    rows: 7,
    sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  }
  const root = await temporaryFolder()
  await writeFile(join(root, 'keys.parquet'), 'abc')
  const blocks = {
    header: 'é,"b"\r\n',
    plain: false,
    files: [{ ...file, path: 'keys.parquet' }],
    hashes: Buffer.from(Array.from({ length: 32 }, (_, at) => at * 7)),
    records: Uint32Array.of(3, 4_000_000_000),
    origins: Uint32Array.of(0, 0),
    starts: Uint32Array.of(0, 3),
  }
  const written = await writeBlocks(root, 'list', blocks)
  const read = await readBlocks(homePaths(root), written)
  expect(read).toEqual({ ...blocks, hashes: Buffer.from(blocks.hashes) })
  expect(written.rows).toBe(4_000_000_003)
})

import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { manifestHash } from '../../../../../src/lib/adapters/files/manifest-hash.js'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { type HomePaths, homePaths } from '../../../../../src/lib/adapters/local/home/paths.js'
import {
  type KnownBlocks,
  MOST_FILES,
  readBlocks,
  writeBlocks,
} from '../../../../../src/lib/adapters/local/jobs/block-list.js'
import { createJobs } from '../../../../../src/lib/adapters/local/jobs/index.js'
import { readManifest, writeManifest } from '../../../../../src/lib/adapters/local/jobs/manifest-file.js'
import { CsvSource } from '../../../../../src/lib/adapters/source/csv/csv-source.js'
import type { LakeFile } from '../../../../../src/lib/core/run/manifest.js'
import { newRequest, type RunRequest } from '../../../../../src/lib/core/run/request.js'
import { expectKeptDigests } from '../../../../support/digests.js'
import { PATIENCE, tries } from '../../../../support/invariants.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const HEADERS: Record<string, string> = {
  apartments: 'id,title,price,currency,listing_created_on,is_active,last_modified_timestamp',
  apartment_attributes: 'id,cityname,state',
  bookings:
    'booking_id,user_id,apartment_id,booking_date,checkin_date,checkout_date,total_price,currency,booking_status',
  user_viewing: 'user_id,apartment_id,viewed_at,call_to_action',
}

const booking = (id: number, price = 300): string =>
  `${id},${id % 97},${id % 31},2024-02-${String((id % 28) + 1).padStart(2, '0')},2024-03-05,2024-03-08,${price}.00,USD,${id % 3 ? 'confirmed' : 'canceled'}`
const bookings = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => booking(from + at))

let folder: string
let home: string
let days: number
beforeEach(async () => {
  folder = await temporaryFolder()
  home = join(folder, 'home')
  days = 0
  for (const name of Object.keys(HEADERS)) await writeTable(name, [])
})

/** What days have left of some sources: they are done once, and copied for each test. */
const done = new Map<string, { folder: string; days: number }>()

async function after(name: string, work: () => Promise<void>): Promise<void> {
  const before = done.get(name)
  if (before) {
    await cp(before.folder, folder, { recursive: true })
    days = before.days
    return
  }
  await work()
  const kept = await mkdtemp(join(tmpdir(), 'rental-etl-'))
  await cp(folder, kept, { recursive: true })
  done.set(name, { folder: kept, days })
}
afterAll(async () => {
  for (const { folder } of done.values()) await rm(folder, { recursive: true })
})

function writeTable(name: string, rows: readonly string[], header = HEADERS[name]): Promise<void> {
  return writeFile(join(folder, `${name}.csv`), `${[header, ...rows].join('\n')}\n`)
}

/** The list of bookings that the last day has kept. */
async function listed(): Promise<{ paths: HomePaths; path: LakeFile }> {
  const paths = homePaths(home)
  const entry = (await readManifest(paths, `r${days}`)).tables.find(({ table }) => table === 'bookings')
  return { paths, path: entry?.blocks as LakeFile }
}

interface Day {
  /** How many files hold the keys; a table that was compared whole has one, of its own. */
  files: number
  extracted: number
  tombstones: number
}

/** Raw must be as that of a home that was loaded once. */
async function expectAsOnce(): Promise<void> {
  const once = join(folder, `once-${days}`)
  await runInto(once, 'once', {})
  expect(await rowsOf(home)).toEqual(await rowsOf(once))
  await rm(once, { recursive: true })
}

/** Loads the source as far as raw. @returns what was found of bookings */
async function load({ loaded = true } = {}): Promise<Day> {
  const id = `r${++days}`
  await runInto(home, id, {}, loaded)
  if (loaded) await inWarehouse(home, expectKeptDigests)
  const entry = (await readManifest(homePaths(home), id)).tables.find(({ table }) => table === 'bookings')
  const blocks = await readBlocks(homePaths(home), entry?.blocks)
  return { files: blocks?.files.length ?? 0, extracted: entry?.extracted ?? 0, tombstones: entry?.tombstones ?? 0 }
}

async function runInto(to: string, id: string, changes: Partial<RunRequest>, loaded = true): Promise<void> {
  const jobs = createJobs({ home: to, now: () => new Date(), source: () => new CsvSource(folder) })
  const guards = { allow_deletes: true, allow_rejects: true }
  const request = newRequest({ run_id: id, as_of: '2025-03-24', ...guards, ...changes })
  const context = { emit: () => undefined, signal: new AbortController().signal }
  await jobs.extract_raw(request, context)
  if (loaded) await jobs.s3_to_redshift_raw(request, context)
}

async function inWarehouse<Result>(of: string, work: (db: Database) => Promise<Result>): Promise<Result> {
  const db = await Database.open(homePaths(of).warehouse)
  try {
    return await work(db)
  } finally {
    db.close()
  }
}

/** Raw without what says which run brought it, and where copies stood, and the open quarantine. */
function rowsOf(of: string): Promise<unknown[]> {
  const hashed = (rows: string): string =>
    `select count(*) as n, md5(string_agg(cast(t as varchar), ' ' order by cast(t as varchar))) as rows from (${rows}) t`
  return inWarehouse(of, async (db) => [
    await db.all(
      hashed('select * exclude (_load_seq, _run_id, _position), _position > 0 as several from raw_data.stg_bookings'),
    ),
    await db.all(hashed('select table_name, key_text, row_text from raw_data.quarantine where cleared_run_id is null')),
  ])
}

const FIRST = bookings(1000, 4000)

async function plainFile(): Promise<void> {
  await writeTable('bookings', FIRST)
  expect(await load()).toEqual({ files: 1, extracted: 3000, tombstones: 0 })
}

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

  test.each<[string, readonly string[], Partial<Day>]>([
    [
      'where much changed',
      FIRST.map((row, at) => (at % 20 ? row : booking(1000 + at, 5))),
      { files: 1, extracted: 150 },
    ],
    ['where a new key stands in what is there still', [...FIRST, booking(1500, 8)], { files: 0, extracted: 2 }],
    [
      'where a key takes the place of another one, and stands where it stood as well',
      FIRST.with(2500, booking(1500, 8)),
      { files: 0, extracted: 2, tombstones: 1 },
    ],
    ['where a record does not fit', FIRST.with(70, '1,2'), { files: 0, extracted: 0, tombstones: 1 }],
  ])('%s', async (_, rows, found) => {
    await writeTable('bookings', rows)
    expect(await load()).toMatchObject(found)
    await expectAsOnce()
    // And what is then known is right again.
    await writeTable('bookings', FIRST)
    await load()
    await writeTable('bookings', FIRST.with(8, booking(1008, 6)))
    expect(await load()).toMatchObject({ extracted: 1, tombstones: 0 })
    await expectAsOnce()
  })

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
    await runInto(home, `r${++days}`, { reconcile: 'never' })
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

const COPIED = [booking(1500, 9), booking(1500, 300), booking(1600, 300)]
const BAD = [`x${booking(1)}`, `x${booking(1)}`, booking(2).replace('2024', 'x')]

describe('of a file with bad rows and copies of keys', () => {
  const dirty = (...more: string[]): string[] => [
    ...FIRST.slice(0, 900),
    ...BAD,
    ...FIRST.slice(900),
    ...COPIED,
    ...more,
  ]

  beforeEach(() =>
    after('a dirty file', async () => {
      await writeTable('bookings', dirty())
      // Which of its records are no rows of raw for themselves is known when it is compared.
      expect(await load()).toMatchObject({ files: 0, extracted: 3003 })
      await writeTable('bookings', dirty(booking(9000)))
      expect(await load()).toMatchObject({ files: 1, extracted: 1 })
    }),
  )

  test.each<[string, readonly string[], Partial<Day>]>([
    ['a row that is another', dirty(booking(9000)).with(70, booking(1070, 5)), { extracted: 1 }],
    ['a copy more', dirty(booking(9000), booking(1500, 5)), { extracted: 4 }],
    ['a copy less', dirty(booking(9000)).filter((row) => row !== COPIED[0]), { extracted: 2 }],
    ['no copy more', dirty(booking(9000)).filter((row) => !COPIED.includes(row)), { tombstones: 2 }],
    ['a first row of a key that now has two', dirty(booking(9000), booking(9000, 2)), { extracted: 2 }],
    ['a bad row that is another', dirty(booking(9000)).with(900, `y${booking(1)}`), { extracted: 0 }],
    ['a bad row less', dirty(booking(9000)).toSpliced(901, 1), { extracted: 0 }],
    ['a bad row more', dirty(booking(9000), `x${booking(1)}`), { extracted: 0 }],
    ['a row that went bad', dirty(booking(9000)).with(70, `x${booking(1070)}`), { tombstones: 1 }],
    ['a bad row that is good now', dirty(booking(9000)).with(902, booking(2)), { extracted: 1 }],
  ])('%s', async (_, rows, found) => {
    await writeTable('bookings', rows)
    expect(await load()).toMatchObject({ files: 2, ...found })
    await expectAsOnce()
    await writeTable('bookings', dirty())
    expect((await load()).files).toBeGreaterThan(1)
    await expectAsOnce()
  })
})

test('a file of which every hundredth row is bad is compared whole, and no list is made', async () => {
  const rows = FIRST.map((row, at) => (at % 100 ? row : `x${row}`))
  await writeTable('bookings', rows)
  await load()
  for (const price of [1, 2]) {
    await writeTable('bookings', rows.with(70, booking(1070, price)))
    expect(await load()).toEqual({ files: 0, extracted: 1, tombstones: 0 })
  }
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

/** A day's changes to the rows of the day before. */
const change = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ act: fc.constant('other' as const), at: fc.nat(), n: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant('gone' as const), at: fc.nat(), n: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant('new' as const), at: fc.nat(), n: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant('moved' as const), at: fc.nat(), n: fc.integer({ min: 1, max: 60 }) }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('copied' as const), at: fc.nat(), n: fc.constant(1) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('bad' as const), at: fc.nat(), n: fc.constant(1) }) },
)
/** Days of each kind. */
const OFTEN: Change[][] = [
  [{ act: 'other', at: 700, n: 2 }],
  [{ act: 'copied', at: 100, n: 1 }],
  [{ act: 'gone', at: 900, n: 5 }],
  [{ act: 'bad', at: 300, n: 1 }],
]
type Change = { act: 'other' | 'gone' | 'new' | 'moved' | 'copied' | 'bad'; at: number; n: number }

function changed(rows: readonly string[], { act, at, n }: Change, fresh: () => number): string[] {
  const place = at % Math.max(1, rows.length)
  const some = rows.slice(place, place + n)
  if (act === 'other')
    return rows.toSpliced(
      place,
      some.length,
      ...some.map((row) => booking(Number.parseInt(row, 10) || fresh(), at % 900)),
    )
  if (act === 'gone') return rows.toSpliced(place, some.length)
  if (act === 'new') return rows.toSpliced(place, 0, ...Array.from({ length: n }, () => booking(fresh())))
  if (act === 'moved') return rows.toSpliced(place, some.length).toSpliced((at * 7) % rows.length, 0, ...some)
  if (act === 'copied') return rows.toSpliced((at * 7) % rows.length, 0, ...some)
  return rows.toSpliced(place, 0, 'x,1,1,,,,,,')
}

test(
  'days of changes leave raw as if the source had been loaded once',
  async () => {
    const seen = { few: 0, all: 0 }
    const history = fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 4 })
    const property = fc.asyncProperty(history, async (daysOfChanges) => {
      await rm(home, { recursive: true, force: true })
      let next = 50_000
      let rows: string[] = bookings(1000, 3000)
      await writeTable('bookings', rows)
      await load()
      for (const changes of daysOfChanges) {
        rows = changes.reduce((before, one) => changed(before, one, () => next++), rows)
        // A copy or a bad row stays for a day.
        await writeTable('bookings', rows)
        seen[(await load()).files > 1 ? 'few' : 'all']++
        await expectAsOnce()
        rows = [...new Map(rows.filter((row) => !row.startsWith('x')).map((row) => [row.split(',')[0], row])).values()]
      }
    })
    await fc.assert(property, { ...tries(3), examples: [[OFTEN]], endOnFailure: true })
    expect(Math.min(seen.few, seen.all)).toBeGreaterThan(1)
  },
  PATIENCE.timeout,
)

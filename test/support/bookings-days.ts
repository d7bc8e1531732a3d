import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect } from 'vitest'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { type HomePaths, homePaths } from '../../src/lib/adapters/local/home/paths.js'
import { readBlocks } from '../../src/lib/adapters/local/jobs/block-list.js'
import { createJobs } from '../../src/lib/adapters/local/jobs/index.js'
import { readManifest } from '../../src/lib/adapters/local/jobs/manifest-file.js'
import { CsvSource } from '../../src/lib/adapters/source/csv/csv-source.js'
import type { LakeFile } from '../../src/lib/core/run/manifest.js'
import { newRequest, type RunRequest } from '../../src/lib/core/run/request.js'
import { expectKeptDigests } from './digests.js'
import { temporaryFolder } from './temporary.js'

export const HEADERS: Record<string, string> = {
  apartments: 'id,title,price,currency,listing_created_on,is_active,last_modified_timestamp',
  apartment_attributes: 'id,cityname,state',
  bookings:
    'booking_id,user_id,apartment_id,booking_date,checkin_date,checkout_date,total_price,currency,booking_status',
  user_viewing: 'user_id,apartment_id,viewed_at,call_to_action',
}

/** A row. */
export const booking = (id: number, price = 300): string =>
  `${id},${id % 97},${id % 31},2024-02-${String((id % 28) + 1).padStart(2, '0')},2024-03-05,2024-03-08,${price}.00,USD,${id % 3 ? 'confirmed' : 'canceled'}`
export const bookings = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => booking(from + at))

let folder: string
/** Of the test that is going on. */
export let home: string
/** How many days it has done: the last run is `rN`. */
export let days: number

/** A home for each test of a file, and an empty source. */
export function bookingsDays(): void {
  beforeEach(async () => {
    folder = await temporaryFolder()
    home = join(folder, 'home')
    days = 0
    for (const name of Object.keys(HEADERS)) await writeTable(name, [])
  })
  afterAll(async () => {
    for (const { folder } of done.values()) await rm(folder, { recursive: true })
    done.clear()
  })
}

/** What days have left of some sources: they are done once, and copied for each test. */
const done = new Map<string, { folder: string; days: number }>()

export async function after(name: string, work: () => Promise<void>): Promise<void> {
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
export function writeTable(name: string, rows: readonly string[], header = HEADERS[name]): Promise<void> {
  return writeFile(join(folder, `${name}.csv`), `${[header, ...rows].join('\n')}\n`)
}

/** The list of bookings that the last day has kept. */
export async function listed(): Promise<{ paths: HomePaths; path: LakeFile }> {
  const paths = homePaths(home)
  const entry = (await readManifest(paths, `r${days}`)).tables.find(({ table }) => table === 'bookings')
  return { paths, path: entry?.blocks as LakeFile }
}

export interface Day {
  /** How many files hold the keys; a table that was compared whole has one, of its own. */
  files: number
  extracted: number
  tombstones: number
}

/** Raw must be as that of a home that was loaded once. */
export async function expectAsOnce(): Promise<void> {
  const once = join(folder, `once-${days}`)
  await runInto(once, 'once', {})
  expect(await rowsOf(home)).toEqual(await rowsOf(once))
  await rm(once, { recursive: true })
}

/** Loads the source as far as raw. @returns what was found of bookings */
export async function load({ loaded = true } = {}): Promise<Day> {
  const id = `r${++days}`
  await runInto(home, id, {}, loaded)
  if (loaded) await inWarehouse(home, expectKeptDigests)
  const entry = (await readManifest(homePaths(home), id)).tables.find(({ table }) => table === 'bookings')
  const blocks = await readBlocks(homePaths(home), entry?.blocks)
  return { files: blocks?.files.length ?? 0, extracted: entry?.extracted ?? 0, tombstones: entry?.tombstones ?? 0 }
}

/** A day by itself, without a look at what it left. */
export async function nextDay(changes: Partial<RunRequest> = {}): Promise<void> {
  await runInto(home, `r${++days}`, changes)
}

async function runInto(to: string, id: string, changes: Partial<RunRequest>, loaded = true): Promise<void> {
  const jobs = createJobs({ home: to, now: () => new Date(), source: () => new CsvSource(folder) })
  const guards = { allow_deletes: true, allow_rejects: true }
  const request = newRequest({ run_id: id, as_of: '2025-03-24', ...guards, ...changes })
  const context = { emit: () => undefined, signal: new AbortController().signal }
  await jobs.extract_raw(request, context)
  if (loaded) await jobs.s3_to_redshift_raw(request, context)
}

export async function inWarehouse<Result>(of: string, work: (db: Database) => Promise<Result>): Promise<Result> {
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

export const FIRST = bookings(1000, 4000)

export async function plainFile(): Promise<void> {
  await writeTable('bookings', FIRST)
  expect(await load()).toEqual({ files: 1, extracted: 3000, tombstones: 0 })
}

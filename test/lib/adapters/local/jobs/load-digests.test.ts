import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { homePaths } from '../../../../../src/lib/adapters/local/home/paths.js'
import { createJobs } from '../../../../../src/lib/adapters/local/jobs/index.js'
import { readManifest, writeManifest } from '../../../../../src/lib/adapters/local/jobs/manifest-file.js'
import { stampOf } from '../../../../../src/lib/adapters/local/warehouse/foreign.js'
import { CsvSource } from '../../../../../src/lib/adapters/source/csv/csv-source.js'
import { newRequest } from '../../../../../src/lib/core/run/request.js'
import { digests, expectKeptDigests, keptDigests } from '../../../../support/digests.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const HEADERS: Record<string, string> = {
  apartments: 'id,title,price,currency,listing_created_on,is_active,last_modified_timestamp',
  apartment_attributes: 'id,cityname,state',
  bookings:
    'booking_id,user_id,apartment_id,booking_date,checkin_date,checkout_date,total_price,currency,booking_status',
  user_viewing: 'user_id,apartment_id,viewed_at,call_to_action',
}
const ROWS = Array.from({ length: 2000 }, (_, at) => `${at},7,1,2024-02-01,2024-03-05,2024-03-08,300.00,USD,confirmed`)
const CHANGED = [
  ...ROWS.with(5, (ROWS[5] as string).replace('300', '301')).toSpliced(9, 1),
  ROWS[0]?.replace('0', '9999'),
]

let folder: string
let home: string
beforeEach(async () => {
  folder = await temporaryFolder()
  home = join(folder, 'home')
  for (const [name, header] of Object.entries(HEADERS)) await writeFile(join(folder, `${name}.csv`), `${header}\n`)
  await bookings(ROWS)
  await job('extract_raw', 'r1')
  await job('s3_to_redshift_raw', 'r1')
  await bookings(CHANGED)
  await job('extract_raw', 'r2')
})

function bookings(rows: readonly (string | undefined)[]): Promise<void> {
  return writeFile(join(folder, 'bookings.csv'), `${[HEADERS['bookings'], ...rows].join('\n')}\n`)
}

function job(name: 'extract_raw' | 's3_to_redshift_raw', id: string): Promise<unknown> {
  const jobs = createJobs({ home, now: () => new Date(), source: () => new CsvSource(folder) })
  const request = newRequest({ run_id: id, as_of: '2025-03-24', allow_deletes: true, allow_rejects: true })
  return jobs[name](request, { emit: () => undefined, signal: new AbortController().signal })
}

async function inWarehouse<Result>(work: (db: Database) => Promise<Result>): Promise<Result> {
  const db = await Database.open(homePaths(home).warehouse)
  try {
    return await work(db)
  } finally {
    db.close()
  }
}

const alter = (id: number): Promise<void> =>
  inWarehouse(async (db) => {
    await db.run(`update raw_data.stg_bookings set user_id = 8 where booking_id = ${id}`)
    await db.run('checkpoint')
  })

/** The manifest says that raw was seen in the file as it is now. */
async function claim(): Promise<void> {
  const paths = homePaths(home)
  const manifest = await readManifest(paths, 'r2')
  const stamp = await stampOf(paths.warehouse)
  await writeManifest(paths, { ...manifest, tables: manifest.tables.map((table) => ({ ...table, as_loaded: stamp })) })
}

test('of a table that was seen to be as it was left the digest follows from what moved', async () => {
  const { tables } = await readManifest(homePaths(home), 'r2')
  const stamp = await stampOf(homePaths(home).warehouse)
  expect(tables.find(({ table }) => table === 'bookings')).toMatchObject({
    as_loaded: stamp,
    extracted: 2,
    tombstones: 1,
  })
  await job('s3_to_redshift_raw', 'r2')
  await inWarehouse(expectKeptDigests)
  expect(await inWarehouse((db) => db.count('select count(*) from raw_data.stg_bookings'))).toBe(ROWS.length)
})

test('a change by hand between extract and load has another file: all rows are read', async () => {
  // The one is mended by the load, the other is not.
  for (const id of [5, 11]) await alter(id)
  await job('s3_to_redshift_raw', 'r2')
  await inWarehouse(expectKeptDigests)
})

test('what moved is all that is looked at: a wrong word of the file is told as a change by hand', async () => {
  await alter(11)
  await claim()
  await job('s3_to_redshift_raw', 'r2')
  const [kept, now] = await inWarehouse(async (db) => [await keptDigests(db), await digests(db)])
  expect({ ...kept, bookings: '' }).toEqual({ ...now, bookings: '' })
  expect(kept?.['bookings']).not.toBe(now?.['bookings'])
})

test('a digest of another version of the engine says nothing: all rows are read', async () => {
  await inWarehouse((db) => db.run(`update raw_data.load_log set digest = 'v0.0.1 1 1 0 0'`))
  await claim()
  await job('s3_to_redshift_raw', 'r2')
  expect((await inWarehouse(keptDigests))['bookings']).toBe((await inWarehouse(digests))['bookings'])
})

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { runJobs } from './pipeline.js'
import { copyOfShared } from './shared-homes.js'

export const SMALL_AS_OF = '2025-03-24'

const TABLES: Record<string, string[]> = {
  apartments: [
    'id,title,source,price,currency,listing_created_on,is_active,last_modified_timestamp',
    '1,Loft,web,100.00,USD,2024-01-10 08:00:00,1,2025-01-01 00:00:00',
    '2,"House, with garden",web,50.50,usd,2025-02-01,1,2025-02-02 10:00:00.25',
    '5508654087,Studio,app,80,EUR,2024-06-01,0,2025-01-15 12:00:00',
  ],
  apartment_attributes: ['id,cityname,state,bedrooms', '1,Austin,TX,2', '2,Dallas,TX,3.5', "5508654087,O'Fallon,MO,1"],
  bookings: [
    'booking_id,user_id,apartment_id,booking_date,checkin_date,checkout_date,total_price,currency,booking_status',
    '1,10,1,2024-02-05,2024-02-10,2024-02-12,200.00,USD,confirmed',
    '2,10,1,2025-03-10,2025-03-12,2025-03-15,300.00,USD,confirmed',
    '3,11,2,2025-03-11,2025-03-20,2025-03-21,50.50,USD,confirmed',
    '4,11,2,2025-03-16,2025-04-01,2025-04-03,101.00,USD,confirmed',
    '5,12,5508654087,2025-03-24,2025-03-24,2025-03-30,480.00,EUR,confirmed',
    '6,12,1,2025-03-12,2025-03-12,2025-03-13,100.00,USD,canceled',
    '7,12,1,someday,2025-03-12,2025-03-13,100.00,USD,confirmed',
    ',12,1,2025-03-12,2025-03-12,2025-03-13,100.00,USD,confirmed',
  ],
  user_viewing: [
    'user_id,apartment_id,viewed_at,call_to_action',
    '10,1,2025-03-01 10:00:00,call',
    '12,2,2025-03-02T11:30:00.5Z,',
  ],
}

/**
 * A home with a warehouse of a few rows, for the tests of a file: run `r1` loads them, and `r2` finds that one of the two
 * bad bookings was corrected. It is asked for in `home()` while tests run.
 */
export function smallWarehouse(): { home: () => string } {
  let root = ''
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'rental-etl-'))
    await copyOfShared('small-warehouse', root, makeSmallWarehouse)
  })
  afterAll(() => rm(root, { recursive: true, force: true }))
  return { home: () => join(root, 'home') }
}

async function makeSmallWarehouse(root: string): Promise<void> {
  const folder = join(root, 'source')
  await smallSource(folder)
  const home = join(root, 'home')
  await mkdir(home)
  await runJobs({ home, folder, asOf: SMALL_AS_OF, runId: 'r1' })
  const bookings = TABLES.bookings?.filter((line) => !line.startsWith(',')) ?? []
  await writeTables(folder, {
    bookings: [...bookings, '8,12,1,2025-03-12,2025-03-12,2025-03-13,100.00,USD,canceled'],
  })
  await runJobs({ home, folder, asOf: SMALL_AS_OF, runId: 'r2' })
}

/** The folder of CSV files that run `r1` of a small warehouse loads. */
export async function smallSource(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeTables(folder, TABLES)
}

async function writeTables(folder: string, tables: Record<string, string[]>): Promise<void> {
  for (const [name, lines] of Object.entries(tables))
    await writeFile(join(folder, `${name}.csv`), `${lines.join('\n')}\n`)
}

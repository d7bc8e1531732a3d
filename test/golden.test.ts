import { existsSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import {
  expectGolden,
  GOLDEN_DIRTY,
  GOLDEN_HISTORY,
  type Golden,
  goldenAnswer,
  goldenHome,
  goldenRelations,
  goldenSource,
} from './support/golden.js'
import { readAll, readLedger, readRelations, runJobs } from './support/pipeline.js'
import { temporaryFolder } from './support/temporary.js'

// Real rows, which are handed out beside the project and never copied into it.
const REAL = fileURLToPath(new URL('../../shared/data/genA/', import.meta.url))
const isReal = existsSync(REAL)

test.each(GOLDEN_DIRTY)('golden %s: every cell and count', async (name) => {
  await expectAnswer(await goldenHome(name), await goldenAnswer(name))
})

test('golden history: each day is as a full refresh of its source', async () => {
  const home = await temporaryFolder()
  for (const [day, name] of GOLDEN_HISTORY.entries()) {
    const golden = await goldenAnswer(name)
    await runJobs({ home, folder: goldenSource(name), asOf: golden.as_of, runId: `r${day}` })
    await expectAnswer(home, golden)
  }
})

const REAL_ROWS = 'real listings without bookings: the counts that were worked out by hand'
test.skipIf(!isReal)(isReal ? REAL_ROWS : `${REAL_ROWS} (../shared/data/genA is absent)`, async () => {
  const home = await temporaryFolder()
  const source = await temporaryFolder()
  for (const table of ['apartments', 'apartment_attributes', 'user_viewing']) {
    await copyFile(join(REAL, `${table}.csv`), join(source, `${table}.csv`))
  }
  await writeFile(
    join(source, 'bookings.csv'),
    'booking_id,user_id,apartment_id,booking_date,checkin_date,checkout_date,total_price,currency,booking_status\n',
  )
  await runJobs({ home, folder: source, asOf: '2024-06-15', runId: 'r1' })
  const relations = await readRelations(home, {
    'presentation.vw_avg_listing_price_weekly': ['week_start', 'currency', 'active_listings', 'avg_price'],
    'presentation.vw_occupancy_rate_monthly': ['month_start', 'booked_nights', 'available_nights'],
  })
  expect(relations['presentation.vw_avg_listing_price_weekly']?.slice(0, 3)).toEqual([
    ['2024-05-13', 'USD', '9923', '1486.14'],
    ['2024-05-20', 'USD', '8341', '1490.45'],
    ['2024-05-27', 'USD', '8244', '1491.46'],
  ])
  expect(relations['presentation.vw_occupancy_rate_monthly']?.[0]).toEqual(['2024-05-01', '0', '126079'])
  const { ledger } = await readLedger(home)
  expect(ledger.find(({ table }) => table === 'dim_listings')).toMatchObject({
    rows_out: 9923,
    filtered: { null_cityname: 77 },
  })
  expect(ledger.find(({ table }) => table === 'dim_users')?.rows_out).toBe(3212)
  expect(ledger.find(({ table }) => table === 'stg_apartment_attributes')?.nullified['fee']).toBe(10000)
})

async function expectAnswer(home: string, golden: Golden): Promise<void> {
  expectGolden(await readAll(home, goldenRelations(golden)), golden)
}

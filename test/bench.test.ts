import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { plainEnvironment } from './support/cli.js'
import { temporaryFolder } from './support/temporary.js'

const MAIN = fileURLToPath(new URL('bench/main.mjs', import.meta.url))

interface Figures {
  rows: Record<string, number>
  lines: { name: string; value: number; verdict: string }[]
  samples: Record<string, { seconds: number; written?: number }[]>
}

// No figure is judged here. That the work by hand and the tool's agree, row by row, the bench itself sees to.
test('the bench measures every bar, and the work by hand does what the tool does', { timeout: 180_000 }, async () => {
  const folder = await temporaryFolder()
  const json = join(folder, 'figures.json')
  const args = [MAIN, '0.002', '1', '--starts', '1', '--folder', folder, '--json', json]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: plainEnvironment() })
  const { rows, lines, samples } = JSON.parse(await readFile(json, 'utf8')) as Figures
  expect(rows).toMatchObject({
    'raw_data.stg_apartments': 40,
    'raw_data.stg_apartment_attributes': 40,
    'raw_data.stg_bookings': 1000,
    'raw_data.stg_user_viewing': 920,
    'curated.dim_listings': 40,
    'curated.fact_user_views': 920,
  })
  expect(lines.map(({ name }) => name)).toEqual([
    'full run / load by hand',
    'full run / load by hand with checks',
    'unchanged source / typed read by hand',
    'unchanged source: rows written',
    'changed source / full run',
    'changed source: layers raw and curated / full run',
    'verify / verify by hand',
    'verify: memory',
    'query, table / csv (CPU)',
    'vw_avg_booking_duration / by hand',
    'vw_avg_listing_price_weekly / by hand',
    'vw_bookings_per_user_weekly / by hand',
    'vw_occupancy_rate_monthly / by hand',
    'vw_popular_locations_weekly / by hand',
    'vw_repeat_customer_rate / by hand',
    'vw_top_listings_weekly / by hand',
    'runs: memory',
    '--version / empty oclif command',
    '--help / empty oclif command',
  ])
  for (const [name, all] of Object.entries(samples)) expect([name, all.length]).toEqual([name, 1])
  expect(samples['unchanged source']).toMatchObject([{ written: 0 }])
  const missed = lines.filter(({ verdict }) => verdict === 'missed').length
  expect(stdout).toMatch(new RegExp(`\\n${missed} of 19 bars missed\\n$`))
})

import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { SOURCE_TABLES } from '../../src/lib/core/model.js'
import {
  expectGolden,
  GOLDEN_DIRTY,
  GOLDEN_HISTORY,
  goldenAnswer,
  goldenRelations,
  goldenSource,
} from '../support/golden.js'
import { answeredTables } from '../support/golden-tables.js'
import { textTables } from '../support/mysql-rows.js'
import { sortedTexts } from '../support/pipeline.js'
import { sharedOperator } from './pipeline-support.js'

// Real rows, which are handed out beside the project and never copied into it.
const REAL = fileURLToPath(new URL('../../../shared/data/', import.meta.url))
const isReal = existsSync(REAL)
const LONG = { timeout: 400_000 }
/** A run of each source takes half a minute: where there is time for all of them, PROPERTY_RUNS=4. */
const isLong = Number(process.env['PROPERTY_RUNS'] ?? 1) > 1
const SOME = ['dirty2', 'dirty8', 'history/day00', 'history/day03', 'history/day05']
/** Each source takes the place of the one before it. */
const REPLACED = ['--allow-deletes', '--allow-rejects']

const shared = sharedOperator({ waits: 0.05 })

beforeAll(async () => {
  await shared.operator.json(0, 'bootstrap', '--yes')
})

async function rowsOf(relations: Record<string, readonly string[]>): Promise<Record<string, (string | null)[][]>> {
  const found: Record<string, (string | null)[][]> = {}
  for (const [relation, columns] of Object.entries(relations)) {
    const list = columns.map((name) => `"${name}"`).join(', ')
    const { result } = await shared.operator.json(0, 'query', `select ${list} from ${relation}`)
    found[relation] = sortedTexts(result.rows.map((row: object) => Object.values(row)))
  }
  return found
}

test.each([...GOLDEN_DIRTY, ...GOLDEN_HISTORY].filter((name) => isLong || SOME.includes(name)))(
  'golden %s: every cell and count, and the local target has the same',
  LONG,
  async (name) => {
    const golden = await goldenAnswer(name)
    const { tables, lacking } = await answeredTables(goldenSource(name))
    await shared.box.mariadb.admin(...textTables(tables))
    await shared.operator.json(0, 'run', '--as-of', golden.as_of, ...REPLACED)
    const { ledger } = (await shared.operator.json(0, 'verify')).result
    expectGolden({ found: await rowsOf(goldenRelations(golden)), ledger }, golden, lacking)
    await shared.operator.expectSame(golden.as_of, ...REPLACED)
  },
)

describe.skipIf(!isReal)(isReal ? 'real rows' : 'real rows (../shared/data is absent)', () => {
  /** Loads a folder, whose bookings may be missing. */
  async function load(name: string, asOf: string): Promise<void> {
    const folder = join(shared.folder, name)
    await mkdir(folder)
    await writeFile(
      join(folder, 'bookings.csv'),
      `${SOURCE_TABLES.find(({ name: table }) => table === 'bookings')
        ?.columns.map((column) => column.name)
        .join(',')}\n`,
    )
    for (const file of await readdir(join(REAL, name))) await copyFile(join(REAL, name, file), join(folder, file))
    const { tables } = await answeredTables(folder)
    await shared.box.mariadb.admin(...textTables(tables))
    await shared.operator.json(0, 'run', '--as-of', asOf, ...REPLACED)
    await shared.operator.expectSame(asOf, ...REPLACED)
  }

  test('ten thousand listings without bookings: the counts that were worked out by hand', LONG, async () => {
    await load('genA', '2024-06-15')
    const found = await rowsOf({
      'presentation.vw_avg_listing_price_weekly': ['week_start', 'currency', 'active_listings', 'avg_price'],
      'presentation.vw_occupancy_rate_monthly': ['month_start', 'booked_nights', 'available_nights'],
    })
    expect(found['presentation.vw_avg_listing_price_weekly']?.slice(0, 3)).toEqual([
      ['2024-05-13', 'USD', '9923', '1486.14'],
      ['2024-05-20', 'USD', '8341', '1490.45'],
      ['2024-05-27', 'USD', '8244', '1491.46'],
    ])
    expect(found['presentation.vw_occupancy_rate_monthly']?.[0]).toEqual(['2024-05-01', '0', '126079'])
    const { ledger } = (await shared.operator.json(0, 'verify')).result
    const line = (name: string) => ledger.find(({ table }: { table: string }) => table === name)
    expect(line('dim_listings')).toMatchObject({ rows_out: 9923, filtered: { null_cityname: 77 } })
    expect(line('dim_users').rows_out).toBe(3212)
    expect(line('stg_apartment_attributes').nullified.fee).toBe(10000)
  })

  test('ten rows of a hand-out with days first and words for booleans', LONG, async () => {
    await load('genB', '2024-06-15')
    const { ledger } = (await shared.operator.json(0, 'verify')).result
    expect(ledger.filter(({ status }: { status: string }) => status !== 'pass')).toEqual([])
  })
})

import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { METRICS } from '../../src/lib/core/metrics/metrics.js'
import { DATABASE } from '../support/mysql-tables.js'
import { SMALL_AS_OF } from '../support/small-warehouse.js'
import { sharedOperator } from './pipeline-support.js'

const shared = sharedOperator({ waits: 0.05 })

beforeAll(async () => {
  // One row that is bad, and one whose optional value is.
  await shared.box.mariadb.admin(
    `use ${DATABASE}`,
    `alter table bookings modify checkin_date varchar(20), modify num_guests varchar(20)`,
    `update bookings set checkin_date = 'someday' where booking_id = 4`,
    `update bookings set num_guests = 'two' where booking_id = 3`,
  )
  await shared.operator.json(0, 'bootstrap', '--yes')
  await shared.operator.json(0, 'run', '--as-of', SMALL_AS_OF, '--name', 'first')
}, 300_000)

const READING: string[][] = [
  ['runs'],
  ['runs', 'show', 'first'],
  ['watch', 'first'],
  ['logs', 'first'],
  ['tables'],
  ['tables', 'curated.dim_listings'],
  ['bookmarks'],
  ['bookmarks', 'history'],
  ['quarantine'],
  ['quarantine', 'bookings', '--all'],
  ['quarantine', 'show', '1'],
  ['metrics'],
  ['doctor', '--fail-on', 'error'],
  ...METRICS.map(({ name }) => ['metrics', name, '--all']),
  ['metrics', 'listings', '--top', '1'],
  ['query', 'select count(*) as n from curated.fact_bookings'],
  // The others look at the live source, by a job: looks.test.ts.
  ['verify', '--scope', 'counts,ledger,rules,views'],
]

test.each(READING.map((words) => [words.join(' '), words] as const))(
  '%s: JSON of its schema, and text',
  async (_, words) => {
    const { status } = await shared.operator.json(0, ...words)
    expect(status).toBe('ok')
    const { code, stdout } = await shared.operator.run(...words)
    expect([code, stdout.length > 0]).toEqual([0, true])
  },
)

test('a bad row is told with its rule, and a bad value by its column', async () => {
  const { result } = await shared.operator.json(0, 'quarantine', 'bookings')
  expect(JSON.stringify(result.rows)).toContain('bad_value:checkin_date')
  const { layers } = (await shared.operator.json(0, 'runs', 'show', 'first')).result
  const bookings = layers[1].tables.find(({ table }: { table: string }) => table === 'stg_bookings')
  expect([bookings.quarantined, bookings.nullified]).toEqual([{ 'bad_value:checkin_date': 1 }, { num_guests: 1 }])
})

test('a file of a view, and a run for each of two days', { timeout: 200_000 }, async () => {
  const file = join(shared.folder, 'listings.csv')
  expect((await shared.operator.json(0, 'export', 'dim_listings', '--to', file)).result).toMatchObject({
    format: 'csv',
  })
  const { result } = await shared.operator.json(0, 'backfill', '--start', '2025-03-22', '--end', '2025-03-23')
  expect(result.rows.map(({ status }: { status: string }) => status)).toEqual(['succeeded', 'succeeded'])
  expect((await shared.operator.json(0, 'metrics', 'occupancy')).result.as_of).toBe('2025-03-23')
})

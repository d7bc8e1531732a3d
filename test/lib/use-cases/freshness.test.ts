import { beforeEach, describe, expect, test } from 'vitest'
import { BUILD_QUERY, type Build } from '../../../src/lib/core/sql/build.js'
import type { CheckResult } from '../../../src/lib/core/verify/verify.js'
import type { RunRecord } from '../../../src/lib/ports/run-store.js'
import { checkFreshness, dueOf } from '../../../src/lib/use-cases/freshness.js'
import { recordOf } from '../../fakes/run-store.js'
import { emptyWarehouse, MemoryWarehouse } from '../../support/memory-database.js'

let warehouse: MemoryWarehouse
beforeEach(async () => {
  const db = await emptyWarehouse()
  await db.run(`insert into curated.build values ('r-1', date '2026-05-03', 1)`)
  warehouse = new MemoryWarehouse(db)
})

const SETTINGS = { schedule: '0 2 * * *', grace: '2h' }
/** As of the day before, like a run of the command line. */
const asOf = (at: Date): string => new Date(at.getTime() - 86_400_000).toISOString().slice(0, 10)

interface Asked {
  runs?: RunRecord[]
  settings?: Partial<typeof SETTINGS>
  views?: Record<string, string>
  built?: boolean
}

const look = async (
  now: string,
  { runs = [], settings = {}, views = {}, built = true }: Asked = {},
): Promise<CheckResult[]> =>
  checkFreshness(
    { warehouse, runs, views, clock: { now: () => new Date(now) } },
    built ? (await warehouse.db.all<Build>(BUILD_QUERY))[0] : undefined,
    dueOf({ ...SETTINGS, ...settings }, asOf),
  )
const red = async (now: string, asked: Asked = {}): Promise<string[]> =>
  (await look(now, asked)).filter(({ status }) => status !== 'pass').map(({ name }) => name)

const done = (id: string, started_at: string): RunRecord =>
  recordOf(id, ['succeeded', 'succeeded', 'succeeded'], {}, { started_at })
const failed = (id: string, started_at: string): RunRecord =>
  recordOf(
    id,
    ['succeeded', 'failed', 'pending'],
    {},
    {
      started_at,
      error: { code: 'IO', message: 'the disk is full', suggestions: [], layer: 'raw' },
    },
  )

describe('the schedule', () => {
  const lastNight = { runs: [done('r-1', '2026-05-04T02:00:03Z')] }

  test.each([
    ['in the morning', '2026-05-04T09:00:00Z'],
    ['at night, before the load is due', '2026-05-05T00:30:00Z'],
    ['while it is due, and the grace is not over', '2026-05-05T03:59:59Z'],
  ])('nothing is stale %s', async (_, now) => {
    expect(await red(now, lastNight)).toEqual([])
  })

  test('it is late once its due time and the grace are over', async () => {
    const checks = await look('2026-05-05T04:00:00Z', lastNight)
    expect(checks.slice(1, 3).map(({ name, status, sample }) => [name, status, sample])).toEqual([
      [
        'run_on_time',
        'warn',
        [{ due: '2026-05-05T02:00:00.000Z', newest_run: 'r-1', read_at: '2026-05-04T02:00:03Z' }],
      ],
      ['as_of_is_current', 'warn', [{ run_id: 'r-1', as_of: '2026-05-03', expected: '2026-05-04' }]],
    ])
    expect(await red('2026-05-05T04:00:00Z', { ...lastNight, settings: { grace: '3h' } })).toEqual([])
  })

  test('it is that of the target: weekly, every hour, or never', async () => {
    // The 4th of May 2026 is a Monday.
    expect(await red('2026-05-10T23:00:00Z', { ...lastNight, settings: { schedule: '0 2 * * 1' } })).toEqual([])
    expect(await red('2026-05-04T09:00:00Z', { ...lastNight, settings: { schedule: '0 * * * *' } })).toEqual([
      'run_on_time',
    ])
    expect(await red('2026-05-04T09:00:00Z', { ...lastNight, settings: { schedule: '0 2 30 2 *' } })).toEqual([])
  })

  test('without a run that read the source it is late, be the warehouse as it may', async () => {
    const [, late] = await look('2026-05-04T09:00:00Z')
    expect([late?.status, late?.sample]).toEqual([
      'warn',
      [{ due: '2026-05-04T02:00:00.000Z', newest_run: null, read_at: null }],
    ])
  })

  test('a run under a clock that was ahead is none to rely on', async () => {
    const runs = [done('r-2', '2027-05-04T02:00:03Z'), ...lastNight.runs]
    expect(await red('2026-05-04T09:00:00Z', { runs })).toEqual([])
    expect(await red('2026-05-05T04:00:00Z', { runs })).toContain('run_on_time')
  })

  test('what counts is when the source was read, not when curated was built from it again', async () => {
    const rebuilt = recordOf(
      'r-2',
      ['skipped', 'skipped', 'succeeded'],
      { done_by: { extract: 'r-1' } },
      {
        started_at: '2026-05-05T09:00:00Z',
      },
    )
    const [first] = lastNight.runs as [RunRecord]
    expect(await red('2026-05-05T10:00:00Z', { runs: [rebuilt, first] })).toEqual(['run_on_time', 'as_of_is_current'])
    // Resumed in the morning after a night that failed, with what was extracted in that night.
    const resumed = {
      ...rebuilt,
      state: { ...rebuilt.state, layers: rebuilt.state.layers.map((layer) => ({ ...layer })) },
    }
    const night = failed('r-1', '2026-05-05T02:00:03Z')
    await warehouse.db.run(`update curated.build set as_of = date '2026-05-04'`)
    expect(await red('2026-05-05T10:00:00Z', { runs: [resumed, night] })).toEqual([])
    const onlyRaw = recordOf('r-3', ['succeeded', 'succeeded', 'skipped'], {}, { started_at: '2026-05-06T02:00:00Z' })
    expect(await red('2026-05-06T10:00:00Z', { runs: [onlyRaw] })).toContain('run_on_time')
  })
})

describe('the newest run', () => {
  const older = done('r-1', '2026-05-04T02:00:03Z')

  test('is red where it failed, though an older one of the day succeeded', async () => {
    const [newest] = await look('2026-05-04T09:00:00Z', { runs: [failed('r-2', '2026-05-04T08:00:00Z'), older] })
    expect(newest).toMatchObject({
      name: 'newest_run_succeeded',
      scope: 'freshness',
      severity: 'warn',
      status: 'warn',
      sample: [{ run_id: 'r-2', started_at: '2026-05-04T08:00:00Z', error: 'the disk is full' }],
    })
  })

  test('is not the one that is going on, nor one that somebody has canceled', async () => {
    const going = recordOf('r-3', ['running', 'pending', 'pending'])
    const canceled = recordOf('r-2', ['canceled', 'pending', 'pending'])
    expect(await red('2026-05-04T09:00:00Z', { runs: [going, canceled, older] })).toEqual([])
    expect(await red('2026-05-04T09:00:00Z', { runs: [going, failed('r-2', '2026-05-04T08:00:00Z'), older] })).toEqual([
      'newest_run_succeeded',
    ])
  })

  test('is looked at before curated was built, too', async () => {
    const checks = await look('2026-05-04T09:00:00Z', { runs: [failed('r-1', '2026-05-04T02:00:00Z')], built: false })
    expect(checks.map(({ name, status }) => [name, status])).toEqual([
      ['ever_built', 'fail'],
      ['newest_run_succeeded', 'warn'],
    ])
  })
})

describe('what is empty though the source is not', () => {
  const runs = [done('r-1', '2026-05-04T02:00:03Z')]
  const NOW = '2026-05-04T09:00:00Z'
  const loaded = (rows: Record<string, number>) =>
    warehouse.db.run(
      `insert into raw_data.load_log (seq, table_name, source_rows) values ${Object.entries(rows)
        .map(([table, n]) => `(1, '${table}', ${n})`)
        .join(', ')}`,
    )

  test('a source table without rows, and raw without those of the source', async () => {
    await loaded({ apartments: 200, bookings: 0 })
    const checks = await look(NOW, { runs })
    expect(checks.slice(3, 5).map(({ name, status, sample }) => [name, status, sample])).toEqual([
      ['source_not_empty', 'warn', [{ table_name: 'bookings', source_rows: '0' }]],
      ['raw_not_empty', 'warn', [{ table_name: 'apartments', source_rows: '200', raw_rows: '0' }]],
    ])
  })

  test('a view without rows, though all that it is made of has some', async () => {
    const { db } = warehouse
    for (const name of ['listings', 'bookings', 'both'])
      await db.run(`create view presentation.vw_${name} as select 1 as one where false`)
    const views = {
      vw_listings: 'select 1 from curated.dim_listings',
      vw_bookings: 'select 1 from curated.fact_bookings',
      vw_both: 'select 1 from curated.fact_bookings join curated.dim_listings',
    }
    expect(await red(NOW, { runs, views })).toEqual([])
    await db.run(`insert into raw_data.stg_bookings (booking_id, _run_id) values (1, 'r-1')`)
    expect((await look(NOW, { runs, views })).at(-1)).toMatchObject({
      name: 'views_not_empty',
      status: 'warn',
      sample: [{ view_name: 'vw_bookings' }],
    })
    await db.run(`insert into raw_data.stg_apartments (id, _run_id) values (1, 'r-1')`)
    expect((await look(NOW, { runs, views })).at(-1)?.bad_rows).toBe(3)
  })
})

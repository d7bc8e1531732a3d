import { copyFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleWriter } from '../src/lib/adapters/files/sample/index.js'
import { Database } from '../src/lib/adapters/local/engine/database.js'
import { homePaths } from '../src/lib/adapters/local/home/paths.js'
import { openScratch, type Scratch } from '../src/lib/adapters/local/home/scratch.js'
import { METRICS } from '../src/lib/core/metrics/metrics.js'
import type { Row } from '../src/lib/core/trace/facts.js'
import type { TraceKind } from '../src/lib/core/trace/key.js'
import { runJobs } from './support/pipeline.js'
import { tracing } from './support/trace-home.js'

/** Keys that are traced of each kind and of each of its fates. */
const OF_EACH = 3

let scratch: Scratch
let home = ''
let trace: Awaited<ReturnType<typeof tracing>>
let db: Database

beforeAll(async () => {
  scratch = await openScratch(tmpdir())
  home = join(scratch.path, 'home')
  const request = { scale: 0.03, seed: 7, dirt: 0.08, days: 2 }
  const { days } = await sampleWriter.write(join(scratch.path, 'days'), request)
  for (const { day, folder } of days) await runJobs({ home, folder, asOf: '2026-05-20', runId: `day${day}` })
  trace = await tracing(home, days.at(-1)?.folder as string)
  // A copy, so that rows can be taken out of it.
  const copy = join(scratch.path, 'copy.duckdb')
  await copyFile(homePaths(home).warehouse, copy)
  db = await Database.open(copy)
})
afterAll(async () => {
  db.close()
  await scratch.remove()
})

interface Fate extends Record<string, string | null> {
  key: string
  reached: string | null
  rule: string | null
}

const lake = (table: string): string =>
  `read_parquet('${home}/data/raw/${table}/*/*.parquet', hive_partitioning = false)`
const rejected = (table: string): string =>
  `(select try_cast(key_text as bigint) as id, any_value(rule) as rule from raw_data.quarantine
    where table_name = '${table}' and cleared_run_id is null and regexp_full_match(key_text, '[0-9]+') group by 1)`

/** What the relations say of each booking and listing that anything knows, in SQL that shares nothing with the tool's. */
const FATES: Readonly<Record<'booking' | 'listing', () => string>> = {
  booking: () => `with ids as (
      select booking_id as id from ${lake('bookings')} union select id from ${rejected('bookings')} where id is not null union select 4711)
    select cast(ids.id as varchar) as key,
      case when f.booking_id is not null then if(f.booking_date <= date '2026-05-20', 'presentation', 'curated')
        when r.booking_id is not null then 'raw' when q.id is not null then 'quarantine'
        when ids.id <> 4711 then 'lake' end as reached,
      case when f.booking_id is not null then
          if(f.booking_date <= date '2026-05-20', null, if(f.booking_date is null, 'null_booking_date', 'after_as_of'))
        when r.booking_id is not null then
          'not_confirmed:' || coalesce(replace(lower(r.booking_status), 'cancelled', 'canceled'), 'null')
        else q.rule end as rule
    from ids left join curated.fact_bookings f on f.booking_id = ids.id
    left join raw_data.stg_bookings r on r.booking_id = ids.id left join ${rejected('bookings')} q on q.id = ids.id`,
  listing: () => `with ids as (
      select id from ${lake('apartments')} union select id from ${rejected('apartments')} where id is not null union select 4711)
    select cast(ids.id as varchar) as key,
      case when l.listing_id is not null then
          if(b.listing_id is not null or l.active_from <= least(coalesce(l.active_to, date '2026-05-20'), date '2026-05-20'), 'presentation', 'curated')
        when r.id is not null then 'raw' when q.id is not null then 'quarantine'
        when ids.id <> 4711 then 'lake' end as reached,
      case when l.listing_id is not null then
          case when b.listing_id is not null or l.active_from <= least(coalesce(l.active_to, date '2026-05-20'), date '2026-05-20') then null
            when l.active_from is null or l.active_to < l.active_from then 'never_live' else 'after_as_of' end
        when r.id is not null then
          case when t.id is null then 'no_attributes' when r.price is null then 'null_price' else 'null_cityname' end
        else q.rule end as rule
    from ids left join curated.dim_listings l on l.listing_id = ids.id
    left join raw_data.stg_apartments r on r.id = ids.id left join raw_data.stg_apartment_attributes t on t.id = ids.id
    left join ${rejected('apartments')} q on q.id = ids.id
    left join (select distinct listing_id from curated.fact_bookings where booking_date <= date '2026-05-20') b on b.listing_id = ids.id`,
}

async function someOfEach(kind: keyof typeof FATES): Promise<Fate[]> {
  return db.all<Fate>(`select key, reached, rule from (
      select *, row_number() over (partition by reached, rule order by hash(key)) as n from (${FATES[kind]()})) where n <= ${OF_EACH}`)
}

describe('a dirty history', () => {
  test.each(['booking', 'listing'] as const)(
    'each %s is where plain SQL finds it',
    { timeout: 300_000 },
    async (kind) => {
      const fates = await someOfEach(kind)
      const found: Fate[] = []
      for (const { key } of fates) {
        const { reached, rule } = (await trace(kind, key)).traced
        found.push({ key, reached, rule })
      }
      expect(found).toEqual(fates)
      const seen = new Set(fates.map(({ reached }) => reached))
      expect([...seen]).toEqual(expect.arrayContaining(['presentation', 'raw', 'quarantine', null]))
    },
  )

  /** Rows of a view that are others, or fewer, without the row of curated; ranks are others' matter, too. */
  async function cellsWithout(condition: string): Promise<Map<string, string[]>> {
    const select = ({ view, columns }: (typeof METRICS)[number]): string =>
      `select ${Object.keys(columns)
        .filter((name) => !name.endsWith('_rank'))
        .join(', ')} from presentation.${view}`
    const others = new Map<string, string[]>()
    for (const metric of METRICS) await db.run(`create or replace temp table "${metric.name}" as ${select(metric)}`)
    await db
      .transaction(async () => {
        await db.run(`delete from curated.${condition}`)
        for (const metric of METRICS) {
          const rows = await db.all<Row>(`from "${metric.name}" except all ${select(metric)}`)
          others.set(metric.view, rows.map(cellText).sort())
        }
        throw new Error('taken back')
      })
      .catch((error: Error) => expect(error.message).toBe('taken back'))
    return others
  }

  const cellText = (row: Row): string =>
    JSON.stringify(
      Object.entries(row)
        .filter(([name]) => !name.endsWith('_rank'))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    )

  /** Views in which one row more can leave a row of the view as it is. */
  const LOOSE: Readonly<Record<string, readonly string[]>> = {
    booking: ['vw_occupancy_rate_monthly', 'vw_repeat_customer_rate'],
    listing: ['vw_top_listings_weekly'],
  }

  /** The periods of the two views that a booking is part of, night by night and day by day. */
  const PERIODS: Readonly<Record<string, (key: string) => string>> = {
    vw_occupancy_rate_monthly: (key) => `select distinct cast(date_trunc('month', night) as date) as period
      from (select unnest(range(checkin_date, checkout_date, interval 1 day)) as night, f.* from curated.fact_bookings f where booking_id = ${key}) n
      join curated.dim_listings l using (listing_id)
      where night >= active_from and night <= coalesce(active_to, night) and night <= date '2026-05-20' and booking_date <= date '2026-05-20'`,
    vw_repeat_customer_rate: (key) => `select cast(day as date) as period
      from (select unnest(range(booking_date, booking_date + 30, interval 1 day)) as day from curated.fact_bookings where booking_id = ${key} and user_id is not null)
      where day <= date '2026-05-20'`,
  }

  test('a booking is part of the nights and days that it covers', { timeout: 300_000 }, async () => {
    const keys = await db.all<{ key: string }>(
      `select cast(booking_id as varchar) as key from curated.fact_bookings where checkout_date > checkin_date
        order by (day(checkout_date) = 1) desc, hash(booking_id) limit 6`,
    )
    for (const { key } of keys) {
      const { steps } = (await trace('booking', key, 100_000)).traced
      for (const [view, periods] of Object.entries(PERIODS)) {
        const told = steps.find(({ relation }) => relation === `presentation.${view}`)?.newest ?? []
        const expected = await db.all<{ period: string }>(`${periods(key)} order by 1 desc`)
        expect({ view, key, told: told.map((row) => row['month_start'] ?? row['day']) }).toEqual({
          ...{ view, key, told: expected.map(({ period }) => period) },
        })
      }
    }
  })

  test.each([
    ['booking', (key: string) => `fact_bookings where booking_id = ${key}`],
    ['listing', (key: string) => `dim_listings where listing_id = ${key}`],
  ] as [TraceKind, (key: string) => string][])(
    'of a %s the rows of the views are those that are others without it',
    { timeout: 300_000 },
    async (kind, condition) => {
      const table = kind === 'booking' ? 'fact_bookings' : 'dim_listings'
      // Those whose ends stand at a border first.
      const border =
        kind === 'booking' ? 'day(checkout_date) = 1' : 'active_to is not null and dayofweek(active_to) = 1'
      const keys = await db.all<{ key: string }>(
        `select cast(${kind}_id as varchar) as key from curated.${table} order by (${border}) desc, hash(${kind}_id) limit 8`,
      )
      let cells = 0
      for (const { key } of keys) {
        const { steps } = (await trace(kind, key, 100_000)).traced
        const changed = await cellsWithout(condition(key))
        for (const [view, others] of changed) {
          const told =
            steps
              .find(({ relation }) => relation === `presentation.${view}`)
              ?.newest.map(cellText)
              .sort() ?? []
          if (LOOSE[kind]?.includes(view)) expect(told).toEqual(expect.arrayContaining(others))
          else expect({ view, key, cells: told }).toEqual({ view, key, cells: others })
          cells += others.length
        }
      }
      expect(cells).toBeGreaterThan(50)
    },
  )
})

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  allPeriodsCommand,
  askedPeriod,
  checkRequest,
  type MetricRequest,
  metricQuery,
} from '../../../../src/lib/core/metrics/metric-query.js'
import { explainMetric, findMetric, METRICS, metricExplanation } from '../../../../src/lib/core/metrics/metrics.js'

const AS_OF = '2025-03-24'
const query = (name: string, request: MetricRequest): string => {
  const metric = findMetric(name)
  checkRequest(metric, request)
  return metricQuery(metric, request, askedPeriod(metric, request, AS_OF))
}

describe('the statement', () => {
  test('of the last twelve periods', () => {
    expect(query('occupancy', {})).toBe(
      `select "month_start", "booked_nights", "available_nights", "occupancy_rate", "is_partial" from presentation.vw_occupancy_rate_monthly where "month_start" >= cast('2024-04-01' as date) and "month_start" < cast('2025-04-01' as date) order by "month_start" nulls last`,
    )
  })

  test('of all periods', () => {
    expect(query('repeat', { all: true, grains: ['day'] })).toBe(
      `select "day", "active_customers", "repeat_customers", "repeat_rate" from presentation.vw_repeat_customer_rate order by "day" nulls last`,
    )
  })

  test('with filters, whose values are quoted, and ranks of the view', () => {
    expect(query('locations', { period: '2025', filters: { city: "O'Fallon", state: 'MO' }, top: 3 })).toBe(
      `select "week_start", "cityname", "state", "bookings", "location_rank" from presentation.vw_popular_locations_weekly where "week_start" >= cast('2025-01-01' as date) and "week_start" < cast('2026-01-01' as date) and "cityname" = cast('O''Fallon' as varchar) and "state" = cast('MO' as varchar) and "location_rank" <= 3 order by "week_start" nulls last, "location_rank" nulls last, "cityname" nulls last, "state" nulls last`,
    )
  })

  test('with ranks that the view lacks, best first', () => {
    expect(query('bookings', { all: true, filters: { user: '5508654087' }, top: 2 })).toBe(
      `select "week_start", "user_id", "bookings" from (select "week_start", "user_id", "bookings", rank() over (partition by "week_start" order by "bookings" desc) as place from presentation.vw_bookings_per_user_weekly) ranked where "user_id" = cast('5508654087' as bigint) and place <= 2 order by "week_start" nulls last, "bookings" desc, "user_id" nulls last`,
    )
  })
})

describe('what does not fit the metric is refused, and what is right is named', () => {
  test.each<[string, MetricRequest, string, string]>([
    [
      'occupancy',
      { grains: ['week'] },
      'occupancy is kept by month, not by week: --month is right; by week there are price, locations, listings, bookings',
      'rental-etl metrics occupancy --month',
    ],
    [
      'price',
      { filters: { city: 'New York' } },
      'price cannot be narrowed by --city: its view has no such column; it takes --currency, and --city goes with locations, listings',
      "rental-etl metrics locations --city 'New York'",
    ],
    [
      'duration',
      { filters: { user: '1' } },
      'duration cannot be narrowed by --user: its view has no such column; it takes no filter, and --user goes with bookings',
      'rental-etl metrics bookings --user 1',
    ],
    [
      'bookings',
      { filters: { user: 'Ann' } },
      '--user takes a whole number, not "Ann"',
      'rental-etl metrics bookings --user 1',
    ],
    [
      'listings',
      { filters: { listing: '9223372036854775808' } },
      '--listing takes a whole number, not "9223372036854775808"',
      'rental-etl metrics listings --listing 1',
    ],
    [
      'repeat',
      { top: 3 },
      'repeat has nothing to rank: --top goes with locations, listings, bookings',
      'rental-etl metrics repeat',
    ],
    [
      'occupancy',
      { period: '2026-05', all: true },
      '--all shows every month: leave it out, or the period 2026-05',
      'rental-etl metrics occupancy --all',
    ],
    [
      'occupancy',
      { period: '2026-W05' },
      'occupancy is kept by month, and 2026-W05 is finer than that; 2026-01 is right',
      'rental-etl metrics occupancy 2026-01',
    ],
    [
      'price',
      { period: '2026-05-01' },
      'price is kept by week, and 2026-05-01 is finer than that; 2026-W18 is right',
      'rental-etl metrics price 2026-W18',
    ],
    [
      'price',
      { period: '2026-01..2026-05-01' },
      'price is kept by week, and 2026-01..2026-05-01 is finer than that; 2026-W01..2026-W18 is right',
      'rental-etl metrics price 2026-W01..2026-W18',
    ],
  ])('%s %j', (name, request, message, suggestion) => {
    expect(() => query(name, request)).toThrow(
      expect.objectContaining({ message, code: 'USAGE', exit: 'usage', suggestions: [suggestion] }),
    )
  })

  test.each([
    ['ocupancy', 'there is no metric ocupancy; the nearest is occupancy'],
    ['Price', 'there is no metric Price; the nearest is price'],
    ['vw_top_listings_weekly', 'there is no metric vw_top_listings_weekly; the nearest is listings'],
    [
      'unemployment',
      'there is no metric unemployment; the metrics are price, occupancy, locations, listings, bookings, duration, repeat',
    ],
  ])('the metric %s', (name, message) => {
    expect(() => findMetric(name)).toThrow(expect.objectContaining({ message, code: 'NOT_FOUND', exit: 'not_found' }))
  })
})

test('the command for all periods keeps what narrows', () => {
  const metric = findMetric('locations')
  expect(allPeriodsCommand(metric, {})).toBe('rental-etl metrics locations --all')
  expect(allPeriodsCommand(metric, { filters: { city: "O'Fallon", state: 'MO' }, top: 3 })).toBe(
    `rental-etl metrics locations --city 'O'\\''Fallon' --state MO --top 3 --all`,
  )
})

test('the longest number that fits is taken', () => {
  expect(() => query('bookings', { filters: { user: '-9223372036854775808' } })).not.toThrow()
})

test.each(METRICS.map((metric) => [metric.name, metric] as const))('%s has a file that defines it', (_, metric) => {
  const sql = readFileSync(new URL(`../../../../sql/presentation/${metric.view}.sql`, import.meta.url), 'utf8')
  const grain = /^-- grain: one row per (.*)$/m.exec(sql)?.[1]?.split(', ')
  const key = [metric.period, ...metric.order].filter((column) => !column.endsWith('_rank'))
  expect([...key].sort()).toEqual(grain?.sort())
})

test('an explanation says all that the number means', () => {
  expect(
    explainMetric(metricExplanation(findMetric('price'))),
  ).toBe(`price: average price of the listings that live in a week, per currency

formula   avg_price = sum of price / active_listings, over the listings whose life has a day in the week
grain     week
view      presentation.vw_avg_listing_price_weekly (sql/presentation/vw_avg_listing_price_weekly.sql)
filters   --currency
--top     does not go with it

  week_start       Monday of the week
  currency         currency of the listings; XXX where they have none
  active_listings  listings that live on a day of the week, up to the as-of date
  avg_price        their average price, 2 decimals, half away from zero
  is_partial       true when the as-of date is before the last day of the week

- The source keeps no history of prices and is_active: past weeks follow today's listings, and are restated when one changes.
- Currencies are never added together, and nothing is converted.`)
})

test('the two metrics whose past is restated say so', () => {
  const restated = METRICS.filter((metric) => explainMetric(metricExplanation(metric)).includes('restated')).map(
    ({ name }) => name,
  )
  expect(restated).toEqual(['price', 'occupancy'])
})

import { describe, expect, test } from 'vitest'
import { openLocalWarehouse } from '../../../src/lib/adapters/local/warehouse/warehouse.js'
import type { MetricRequest } from '../../../src/lib/core/metrics/metric-query.js'
import { findMetric } from '../../../src/lib/core/metrics/metrics.js'
import type { Cell, Warehouse } from '../../../src/lib/ports/warehouse.js'
import { assertShown, currentBuild, readMetric } from '../../../src/lib/use-cases/metric.js'
import { FakeRunStore, recordOf } from '../../fakes/run-store.js'
import { readAll } from '../../support/read-all.js'
import { smallWarehouse } from '../../support/small-warehouse.js'

const { home } = smallWarehouse()

interface Shown {
  columns: string[]
  rows: Cell[][]
  footer: string
  hasEarlier: boolean
  hint: string | undefined
}

async function show(name: string, request: MetricRequest = {}): Promise<Shown> {
  await using warehouse = await openLocalWarehouse(home())
  const result = await readMetric(warehouse, findMetric(name), request, await currentBuild(warehouse))
  const { footer, hasEarlier, hint } = result
  const { columns, rows } = await readAll(result)
  return { columns, rows, footer, hasEarlier, hint }
}

test('the last twelve months, the one of the as-of date marked as partial', async () => {
  const { rows, ...shown } = await show('occupancy')
  expect(shown).toEqual({
    columns: ['month_start', 'booked_nights', 'available_nights', 'occupancy_rate', 'is_partial'],
    footer: 'as of 2025-03-24, run r2; the last 12 months, --all shows all',
    hasEarlier: true,
    hint: undefined,
  })
  expect([rows.length, rows[0], rows.at(-1)]).toEqual([
    12,
    ['2024-04-01', '0', '30', '0.000000', false],
    ['2025-03-01', '4', '48', '0.083333', true],
  ])
})

test('all months, and those of a year', async () => {
  const all = await show('occupancy', { all: true })
  expect([all.rows.length, all.rows[0], all.footer, all.hasEarlier]).toEqual([
    15,
    ['2024-01-01', '0', '22', '0.000000', false],
    'as of 2025-03-24, run r2',
    false,
  ])
  const year = await show('occupancy', { period: '2025' })
  expect(year.rows.map(([month]) => month)).toEqual(['2025-01-01', '2025-02-01', '2025-03-01'])
  expect(year.footer).toBe('as of 2025-03-24, run r2')
})

test('weeks are those whose Monday lies in the period', async () => {
  const { columns, rows } = await show('listings', { period: '2025-W11..2025-03' })
  expect(rows).toEqual([
    ['2025-03-10', 'USD', '1', 'Loft', 'Austin', '1', '300.00', '1', false],
    ['2025-03-10', 'USD', '2', 'House, with garden', 'Dallas', '2', '151.50', '2', false],
    ['2025-03-24', 'EUR', '5508654087', 'Studio', "O'Fallon", '1', '480.00', '1', true],
  ])
  expect(columns.at(-1)).toBe('is_partial')
})

describe('what narrows a metric', () => {
  test.each<[string, MetricRequest, Cell[][]]>([
    [
      'listings',
      { filters: { city: 'Dallas' } },
      [['2025-03-10', 'USD', '2', 'House, with garden', 'Dallas', '2', '151.50', '2', false]],
    ],
    [
      'listings',
      { filters: { currency: 'USD' }, top: 1 },
      [['2025-03-10', 'USD', '1', 'Loft', 'Austin', '1', '300.00', '1', false]],
    ],
    [
      'listings',
      { filters: { listing: '5508654087' } },
      [['2025-03-24', 'EUR', '5508654087', 'Studio', "O'Fallon", '1', '480.00', '1', true]],
    ],
    ['locations', { filters: { city: "O'Fallon", state: 'MO' } }, [['2025-03-24', "O'Fallon", 'MO', '1', '1', true]]],
    [
      'bookings',
      { top: 1 },
      [
        ['2025-03-10', '11', '2', false],
        ['2025-03-24', '12', '1', true],
      ],
    ],
    ['bookings', { filters: { user: '10' } }, [['2025-03-10', '10', '1', false]]],
    ['price', { filters: { currency: 'USD' }, period: '2025-W13' }, [['2025-03-24', 'USD', '2', '75.25', true]]],
    ['duration', { period: '2024-02' }, [['2024-02-01', '1', '2.00', '2.0', '0', false]]],
    ['repeat', { period: '2025-03-11' }, [['2025-03-11', '2', '0', '0.000000']]],
  ])('%s %j', async (name, request, rows) => {
    expect((await show(name, request)).rows).toEqual(rows)
  })
})

describe('when there is no row, why', () => {
  test.each<[string, MetricRequest, string]>([
    [
      'locations',
      { filters: { city: 'DALLAS' } },
      'no listing or booking has the city "DALLAS"; the nearest is "Dallas"',
    ],
    [
      'locations',
      { filters: { city: 'Austn' } },
      'no listing or booking has the city "Austn"; the nearest is "Austin"',
    ],
    ['locations', { filters: { state: 'Saskatchewan' } }, 'no listing or booking has the state "Saskatchewan"'],
    [
      'listings',
      { filters: { currency: 'usd' } },
      'no listing or booking has the currency "usd"; the nearest is "USD"',
    ],
    ['listings', { filters: { listing: '77' } }, 'there is no booking of listing 77'],
    ['bookings', { filters: { user: '10' }, period: '2025-W12' }, 'no row lies in 2025-W12; --all shows all'],
    ['locations', { filters: { state: 'TX', city: "O'Fallon" } }, 'no row lies in the last periods; --all shows all'],
    ['locations', { filters: { city: 'Austin', state: 'MO' }, all: true }, 'no row fits'],
    ['occupancy', { period: '2025-04..2026' }, '2025-04..2026 lies after 2025-03-24, the as-of date of the views'],
    ['occupancy', { period: '2023' }, '2023 lies before 2024-01-01, the first day of the views'],
  ])('%s %j', async (name, request, hint) => {
    expect(await show(name, request)).toMatchObject({ rows: [], hint })
  })
})

test('before curated was built there is no metric', async () => {
  const warehouse = { read: async () => ({ builds: [], calendar: [] }) } as unknown as Warehouse
  await expect(currentBuild(warehouse)).rejects.toMatchObject({
    message: 'there are no metrics: curated was not built yet',
    code: 'NOT_FOUND',
    exit: 'not_found',
    suggestions: ['rental-etl run --watch'],
  })
})

describe('--run', () => {
  const build = { runId: 'r2', asOf: '2025-03-24' }
  const runs = async (): Promise<FakeRunStore> =>
    new FakeRunStore([
      recordOf('r3', ['failed', 'pending', 'pending']),
      recordOf('r2', ['succeeded', 'succeeded', 'succeeded']),
    ])

  test('of the run that the views show is served', async () => {
    await expect(assertShown('r2', build, runs)).resolves.toBeUndefined()
    await expect(assertShown('@-2', build, runs)).resolves.toBeUndefined()
  })

  test.each(['r1', '@latest'])('of another one is not: %s', async (asked) => {
    await expect(assertShown(asked, build, runs)).rejects.toMatchObject({
      message: `the views show run r2, as of 2025-03-24, not ${asked === 'r1' ? 'r1' : 'r3'}`,
      code: 'NO_RUN',
      exit: 'not_found',
      suggestions: ['rental-etl runs show r2', 'rental-etl runs'],
    })
  })
})

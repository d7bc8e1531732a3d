import { describe, expect, test } from 'vitest'
import Metrics from '../../src/commands/metrics.js'
import { METRICS, metricExplanation } from '../../src/lib/core/metrics/metrics.js'
import { type Captured, captureCommand } from '../support/capture-command.js'
import { smallWarehouse } from '../support/small-warehouse.js'
import { temporaryFolder } from '../support/temporary.js'

const { home } = smallWarehouse()
const run = (...argv: string[]): Promise<Captured> => captureCommand(Metrics, 'metrics', ...argv)
const show = (...argv: string[]): Promise<Captured> => run(...argv, '--home', home())

test('the list needs no warehouse', async () => {
  const { stdout, stderr, code } = await run('-o', 'csv')
  expect([code, stderr]).toEqual([0, 'next: rental-etl metrics occupancy --month\n'])
  expect(stdout.split('\n').slice(0, 2)).toEqual([
    'name,grain,view,definition',
    'price,week,vw_avg_listing_price_weekly,"average price of the listings that live in a week, per currency"',
  ])
  expect(stdout.trim().split('\n')).toHaveLength(1 + METRICS.length)
})

test.each([[['occupancy', '--month', '2025-02']], [['occupancy', '2025-02', '--month']], [['occupancy', '2025-02']]])(
  'a period may stand anywhere: %j',
  async (argv) => {
    const { stdout, stderr, code } = await show(...argv, '--json')
    expect([stderr, code]).toEqual(['', 0])
    expect(JSON.parse(stdout)).toEqual({
      schema: 'rental-etl/metrics/1',
      command: 'metrics',
      run_id: 'r2',
      status: 'ok',
      result: {
        as_of: '2025-03-24',
        run_id: 'r2',
        columns: [
          { name: 'month_start', type: 'DATE' },
          { name: 'booked_nights', type: 'BIGINT' },
          { name: 'available_nights', type: 'BIGINT' },
          { name: 'occupancy_rate', type: 'DECIMAL(9,6)' },
          { name: 'is_partial', type: 'BOOLEAN' },
        ],
        rows: [
          {
            month_start: '2025-02-01',
            booked_nights: '0',
            available_nights: '56',
            occupancy_rate: '0.000000',
            is_partial: false,
          },
        ],
      },
      warnings: [],
      next: [],
      exit: { code: 0, name: 'ok' },
    })
  },
)

test('a table says which periods are not over, and what was left out', async () => {
  const { stdout, stderr, code } = await show('price', '--currency', 'USD')
  const lines = stdout.trimEnd().split('\n')
  expect(code).toBe(0)
  expect(lines[0]).toBe('week_start  currency  active_listings  avg_price  is_partial')
  expect(lines.filter((line) => line.endsWith('  true'))).toEqual([lines.at(-1)])
  expect(lines.at(-1)).toMatch(/^2025-03-24 +USD +2 +75\.25 +true$/)
  expect(stderr).toBe(
    `as of 2025-03-24, run r2; the last 12 weeks, --all shows all\nnext: rental-etl metrics price --currency USD --all --home ${home()}\n`,
  )
})

describe('whether a period is over stands in every form', () => {
  test.each(METRICS.filter(({ grain }) => grain !== 'day').map(({ name }) => name))('%s', async (metric) => {
    const period = '2025-03'
    const { result } = JSON.parse((await show(metric, period, '--json')).stdout)
    expect([result.as_of, result.run_id, result.columns.at(-1)]).toEqual([
      '2025-03-24',
      'r2',
      { name: 'is_partial', type: 'BOOLEAN' },
    ])
    expect(result.rows.at(-1).is_partial).toBe(true)
    const form = async (output: string) => (await show(metric, period, '-o', output)).stdout.trimEnd().split('\n')
    expect((await form('csv'))[0]).toMatch(/,is_partial$/)
    expect((await form('csv')).at(-1)).toMatch(/,true$/)
    expect((await form('md'))[0]).toMatch(/ \| is_partial \|$/)
    expect(JSON.parse((await form('jsonl')).at(-1) as string).is_partial).toBe(true)
    expect((await form('table'))[0]).toMatch(/ {2}is_partial$/)
    const { stdout } = await run(metric, '--explain')
    expect(stdout).toMatch(/\n {2}is_partial +true when the as-of date is before the last day of the (week|month)\n/)
  })

  test('a day is always over', async () => {
    const { result } = JSON.parse((await show('repeat', '--json')).stdout)
    expect(result.columns.map((column: { name: string }) => column.name)).not.toContain('is_partial')
    expect(result.as_of).toBe('2025-03-24')
  })
})

test('a value that stands nowhere is a warning with the nearest one', async () => {
  const { stdout, code } = await show('locations', '--city', 'austin', '--json')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    status: 'ok',
    result: { rows: [] },
    warnings: ['no listing or booking has the city "austin"; the nearest is "Austin"'],
    next: [],
  })
})

test('an explanation needs no warehouse', async () => {
  const text = await run('price', '--explain')
  expect([text.stdout.split('\n')[0], text.stderr, text.code]).toEqual([
    'price: average price of the listings that live in a week, per currency',
    '',
    0,
  ])
  const { stdout } = await run('price', '--explain', '--json')
  expect(JSON.parse(stdout).result).toEqual(metricExplanation(METRICS[0] as (typeof METRICS)[number]))
})

describe('text and JSON fail alike', () => {
  test.each<[string[], number, string]>([
    [['ocupancy'], 66, 'there is no metric ocupancy; the nearest is occupancy'],
    [['occupancy', '2025-W05'], 64, 'occupancy is kept by month, and 2025-W05 is finer than that; 2025-01 is right'],
    [
      ['occupancy', '--week'],
      64,
      'occupancy is kept by month, not by week: --month is right; by week there are price, locations, listings, bookings',
    ],
    [['--month'], 64, 'no metric is named: the flags go with one'],
    [['occupancy', '--run', 'r1'], 66, 'the views show run r2, as of 2025-03-24, not r1'],
  ])('%j', async (argv, code, message) => {
    const text = await show(...argv)
    expect([text.code, text.stdout, text.stderr.split('\n')[0]]).toEqual([code, '', `error: ${message}`])
    const json = await show(...argv, '--json')
    expect([json.code, json.stderr]).toEqual([code, ''])
    expect(JSON.parse(json.stdout)).toMatchObject({ status: 'error', error: { message }, exit: { code } })
  })

  test('without a warehouse', async () => {
    const { code, stderr } = await run('occupancy', '--home', await temporaryFolder())
    expect(code).toBe(66)
    expect(stderr).toMatch(/^error: there is no warehouse at .* yet\n {2}try: rental-etl run --watch --home .*\n$/)
  })
})

import { describe, expect, test } from 'vitest'
import { explainMetric, findMetric, METRICS, metricExplanation } from '../../../../src/lib/core/metrics/metrics.js'

test('the seven views of semantics.md §4, column by column', () => {
  expect(Object.fromEntries(METRICS.map(({ view, columns }) => [view, Object.keys(columns).join(' ')]))).toEqual({
    vw_avg_listing_price_weekly: 'week_start currency active_listings avg_price',
    vw_occupancy_rate_monthly: 'month_start booked_nights available_nights occupancy_rate is_partial',
    vw_popular_locations_weekly: 'week_start cityname state bookings location_rank',
    vw_top_listings_weekly: 'week_start currency listing_id title cityname bookings revenue revenue_rank',
    vw_bookings_per_user_weekly: 'week_start user_id bookings',
    vw_avg_booking_duration: 'month_start stays avg_nights median_nights invalid_stays',
    vw_repeat_customer_rate: 'day active_customers repeat_customers repeat_rate',
  })
})

test('names, grains, filters and ranks of cli.md §1', () => {
  const found = METRICS.map(({ name, grain, filters, rank }) => [name, grain, Object.keys(filters).join(' '), rank])
  expect(found).toEqual([
    ['price', 'week', 'currency', undefined],
    ['occupancy', 'month', '', undefined],
    ['locations', 'week', 'city state', { column: 'location_rank' }],
    ['listings', 'week', 'city currency listing', { column: 'revenue_rank' }],
    ['bookings', 'week', 'user', { measure: 'bookings' }],
    ['duration', 'month', '', undefined],
    ['repeat', 'day', '', undefined],
  ])
})

test('every column that is named is one of the view', () => {
  for (const { view, period, order, filters, rank, columns } of METRICS) {
    const ranked = rank === undefined ? [] : Object.values(rank)
    const named = [period, ...order, ...Object.values(filters).map(({ column }) => column), ...ranked]
    expect({ [view]: named.filter((name) => !(name in columns)) }).toEqual({ [view]: [] })
    expect(period).toBe(Object.keys(columns)[0])
  }
})

test('what restates the past says so; what the past does not restate does not', () => {
  const restated = METRICS.filter(({ notes }) => notes.some((note) => /restated/.test(note))).map(({ name }) => name)
  expect(restated).toEqual(['price', 'occupancy'])
})

describe('findMetric', () => {
  test('by its name', () => {
    for (const metric of METRICS) expect(findMetric(metric.name)).toBe(metric)
  })

  test.each([
    ['ocupancy', 'occupancy'],
    ['PRICE', 'price'],
    ['vw_repeat_customer_rate', 'repeat'],
    ['presentation.vw_top_listings_weekly', 'listings'],
  ])('%s: the nearest is %s', (name, near) => {
    expect(() => findMetric(name)).toThrow(
      expect.objectContaining({
        code: 'NOT_FOUND',
        exit: 'not_found',
        message: `there is no metric ${name}; the nearest is ${near}`,
        suggestions: [`rental-etl metrics ${near}`, 'rental-etl metrics'],
      }),
    )
  })

  test('nothing is near: all are named', () => {
    expect(() => findMetric('profit_and_loss')).toThrow(
      expect.objectContaining({
        message:
          'there is no metric profit_and_loss; the metrics are price, occupancy, locations, listings, bookings, duration, repeat',
        suggestions: ['rental-etl metrics'],
      }),
    )
  })
})

test('an explanation, as data and as text', () => {
  const explanation = metricExplanation(findMetric('bookings'))
  expect(explanation).toEqual({
    metric: 'bookings',
    definition: 'bookings by user in a week',
    formula: 'bookings = number of bookings of the user whose booking_date lies in the week',
    grain: 'week',
    view: 'presentation.vw_bookings_per_user_weekly',
    filters: ['--user'],
    ranked: true,
    columns: [
      { name: 'week_start', meaning: 'Monday of the week of booking_date' },
      { name: 'user_id', meaning: 'the user; NULL for bookings without one' },
      { name: 'bookings', meaning: 'bookings made in the week' },
      { name: 'is_partial', meaning: 'true when the as-of date is before the last day of the week' },
    ],
    notes: ['A booking counts when it is confirmed and its booking_date is not after the as-of date.'],
  })
  expect(explainMetric(explanation)).toBe(
    [
      'bookings: bookings by user in a week',
      '',
      'formula   bookings = number of bookings of the user whose booking_date lies in the week',
      'grain     week',
      'view      presentation.vw_bookings_per_user_weekly (sql/presentation/vw_bookings_per_user_weekly.sql)',
      'filters   --user',
      '--top     ranks it',
      '',
      '  week_start  Monday of the week of booking_date',
      '  user_id     the user; NULL for bookings without one',
      '  bookings    bookings made in the week',
      '  is_partial  true when the as-of date is before the last day of the week',
      '',
      '- A booking counts when it is confirmed and its booking_date is not after the as-of date.',
    ].join('\n'),
  )
  expect(explainMetric(metricExplanation(findMetric('repeat')))).toContain(
    'filters   none\n--top     does not go with it\n',
  )
})

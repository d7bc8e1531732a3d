import { EtlError } from '../errors.js'
import { nearest } from '../words/nearest.js'
import type { Unit } from './period.js'

/** What the rows of a metric can be narrowed to; the names are those of the flags. */
export const FILTER_NAMES = ['city', 'state', 'currency', 'listing', 'user'] as const
export type FilterName = (typeof FILTER_NAMES)[number]

export interface Filter {
  /** Column of the view that is compared, exactly. */
  column: string
  type: 'VARCHAR' | 'BIGINT'
  /** Where the values that there are stand, for a hint. */
  known: { relation: string; column: string }
}

export const GRAINS = ['week', 'month', 'day'] as const satisfies readonly Unit[]
export type Grain = (typeof GRAINS)[number]

export interface Metric {
  name: string
  /** In schema presentation; its definition is the file of that name under sql/presentation. */
  view: string
  grain: Grain
  /** Column that holds the first day of the row's period. */
  period: string
  /** Columns behind the period by which rows are put in order; together they are the key of the view. */
  order: readonly string[]
  filters: Partial<Record<FilterName, Filter>>
  /** Rank from 1 within the period, for `--top`: a column of the view, or what is ranked where it has none. */
  rank?: { column: string } | { measure: string }
  /** One line for the list. */
  definition: string
  formula: string
  /** Each column of the view, in its order, with its type and its meaning. */
  columns: Readonly<Record<string, readonly [type: string, meaning: string]>>
  /** What the reader has to know. */
  notes: readonly string[]
}

const LISTINGS = 'curated.dim_listings'
const BOOKINGS = 'curated.fact_bookings'

const FILTERS = {
  city: { column: 'cityname', type: 'VARCHAR', known: { relation: LISTINGS, column: 'cityname' } },
  state: { column: 'state', type: 'VARCHAR', known: { relation: LISTINGS, column: 'state' } },
  listing: { column: 'listing_id', type: 'BIGINT', known: { relation: BOOKINGS, column: 'listing_id' } },
  user: { column: 'user_id', type: 'BIGINT', known: { relation: BOOKINGS, column: 'user_id' } },
} as const satisfies Partial<Record<FilterName, Filter>>

const currencyOf = (relation: string): Filter => ({
  column: 'currency',
  type: 'VARCHAR',
  known: { relation, column: 'currency' },
})

const WEEK = 'Monday of the week'
const MONTH = 'first day of the month'
const BOOKED = 'A booking counts when it is confirmed and its booking_date is not after the as-of date.'
const RESTATED = 'The source keeps no history of'

/** The seven metrics, in the order in which they are listed. */
export const METRICS: readonly Metric[] = [
  {
    name: 'price',
    view: 'vw_avg_listing_price_weekly',
    grain: 'week',
    period: 'week_start',
    order: ['currency'],
    filters: { currency: currencyOf(LISTINGS) },
    definition: 'average price of the listings that live in a week, per currency',
    formula: 'avg_price = sum of price / active_listings, over the listings whose life has a day in the week',
    columns: {
      week_start: ['DATE', WEEK],
      currency: ['VARCHAR', 'currency of the listings; XXX where they have none'],
      active_listings: ['BIGINT', 'listings that live on a day of the week, up to the as-of date'],
      avg_price: ['DECIMAL(12,2)', 'their average price, 2 decimals, half away from zero'],
    },
    notes: [
      `${RESTATED} prices and is_active: past weeks follow today's listings, and are restated when one changes.`,
      'Currencies are never added together, and nothing is converted.',
    ],
  },
  {
    name: 'occupancy',
    view: 'vw_occupancy_rate_monthly',
    grain: 'month',
    period: 'month_start',
    order: [],
    filters: {},
    definition: 'share of the nights on offer in a month that are booked',
    formula: 'occupancy_rate = booked_nights / available_nights',
    columns: {
      month_start: ['DATE', MONTH],
      booked_nights: ['BIGINT', 'nights on offer that at least one stay covers; a night booked twice counts once'],
      available_nights: ['BIGINT', 'pairs of a listing and a night of its life, up to the as-of date'],
      occupancy_rate: ['DECIMAL(9,6)', 'from 0 to 1, 6 decimals, half away from zero'],
      is_partial: ['BOOLEAN', 'true when the as-of date is before the last day of the month'],
    },
    notes: [
      BOOKED,
      `${RESTATED} is_active: past months follow today's listings, and are restated when one is closed or opened again.`,
      "A stay is cut at the ends of the month and of the listing's life.",
    ],
  },
  {
    name: 'locations',
    view: 'vw_popular_locations_weekly',
    grain: 'week',
    period: 'week_start',
    order: ['location_rank', 'cityname', 'state'],
    filters: { city: FILTERS.city, state: FILTERS.state },
    rank: { column: 'location_rank' },
    definition: 'bookings by city and state of the listing, ranked within a week',
    formula: 'location_rank = rank by bookings, descending, within the week; ties share a rank',
    columns: {
      week_start: ['DATE', `${WEEK} of booking_date`],
      cityname: ['VARCHAR', 'city of the listing'],
      state: ['VARCHAR', 'state of the listing'],
      bookings: ['BIGINT', 'bookings made in the week'],
      location_rank: ['BIGINT', 'rank within the week'],
    },
    notes: [BOOKED, 'Bookings of listings that are not in curated.dim_listings have no place and are left out.'],
  },
  {
    name: 'listings',
    view: 'vw_top_listings_weekly',
    grain: 'week',
    period: 'week_start',
    order: ['currency', 'revenue_rank', 'listing_id'],
    filters: { city: FILTERS.city, currency: currencyOf(BOOKINGS), listing: FILTERS.listing },
    rank: { column: 'revenue_rank' },
    definition: 'revenue by listing, ranked within a week and currency',
    formula: 'revenue = sum of total_price; revenue_rank = rank by revenue, descending, within week and currency',
    columns: {
      week_start: ['DATE', `${WEEK} of booking_date`],
      currency: ['VARCHAR', 'currency of the bookings; XXX where they have none'],
      listing_id: ['BIGINT', 'the listing; NULL for bookings without one'],
      title: ['VARCHAR', 'its title; NULL where curated.dim_listings lacks it'],
      cityname: ['VARCHAR', 'its city; NULL where curated.dim_listings lacks it'],
      bookings: ['BIGINT', 'bookings made in the week'],
      revenue: ['DECIMAL(14,2)', 'sum of their total_price, a missing one as 0'],
      revenue_rank: ['BIGINT', 'rank within week and currency; ties share a rank'],
    },
    notes: [BOOKED, 'Currencies are never added together, and nothing is converted.'],
  },
  {
    name: 'bookings',
    view: 'vw_bookings_per_user_weekly',
    grain: 'week',
    period: 'week_start',
    order: ['user_id'],
    filters: { user: FILTERS.user },
    rank: { measure: 'bookings' },
    definition: 'bookings by user in a week',
    formula: 'bookings = number of bookings of the user whose booking_date lies in the week',
    columns: {
      week_start: ['DATE', `${WEEK} of booking_date`],
      user_id: ['BIGINT', 'the user; NULL for bookings without one'],
      bookings: ['BIGINT', 'bookings made in the week'],
    },
    notes: [BOOKED],
  },
  {
    name: 'duration',
    view: 'vw_avg_booking_duration',
    grain: 'month',
    period: 'month_start',
    order: [],
    filters: {},
    definition: 'average and median nights of the stays that begin in a month',
    formula: 'avg_nights = sum of (checkout_date - checkin_date) / stays; median_nights is interpolated',
    columns: {
      month_start: ['DATE', `${MONTH} of checkin_date`],
      stays: ['BIGINT', 'stays that end after they begin'],
      avg_nights: ['DECIMAL(10,2)', 'their average length, 2 decimals; NULL without stays'],
      median_nights: [
        'DECIMAL(10,1)',
        'their median length, 1 decimal, the mean of the middle two where they are even in number; NULL without stays',
      ],
      invalid_stays: ['BIGINT', 'bookings without a checkout_date, or with one that is not after checkin_date'],
    },
    notes: [BOOKED, 'Stays that begin after the as-of date are not in it yet.'],
  },
  {
    name: 'repeat',
    view: 'vw_repeat_customer_rate',
    grain: 'day',
    period: 'day',
    order: [],
    filters: {},
    definition: 'share of the customers of the last 30 days who booked at least twice',
    formula: 'repeat_rate = repeat_customers / active_customers, over the 30 days that end with the day',
    columns: {
      day: ['DATE', 'last of the 30 days'],
      active_customers: ['BIGINT', 'users with at least one booking in the 30 days'],
      repeat_customers: ['BIGINT', 'those of them with at least two'],
      repeat_rate: ['DECIMAL(9,6)', 'from 0 to 1, 6 decimals, half away from zero'],
    },
    notes: [BOOKED, 'A booking without a user belongs to no customer.'],
  },
]

/** The column that says of each row whether its period is not over at the as-of date. */
export const PARTIAL = 'is_partial'

/** True for a metric whose rows get that column when they are read: its view has none, and a day is always over. */
export function addsPartial({ grain, columns }: Metric): boolean {
  return grain !== 'day' && !(PARTIAL in columns)
}

/** The metric of that name. @throws EtlError NOT_FOUND with the nearest name */
export function findMetric(name: string): Metric {
  const found = METRICS.find((metric) => metric.name === name)
  if (found) return found
  const names = METRICS.map((metric) => metric.name)
  const byView = METRICS.find((metric) => [metric.view, `presentation.${metric.view}`].includes(name))?.name
  const near = byView ?? nearest(name.toLowerCase(), names)[0]
  throw new EtlError(
    `there is no metric ${name}; ${near ? `the nearest is ${near}` : `the metrics are ${names.join(', ')}`}`,
    {
      code: 'NOT_FOUND',
      suggestions: [...(near ? [`rental-etl metrics ${near}`] : []), 'rental-etl metrics'],
    },
  )
}

/** What `--explain --json` gives. */
export interface MetricExplanation {
  metric: string
  definition: string
  formula: string
  grain: Grain
  view: string
  /** Flags that narrow it. */
  filters: string[]
  /** True when `--top` ranks it. */
  ranked: boolean
  columns: { name: string; meaning: string }[]
  notes: string[]
}

export function metricExplanation(asked: Metric): MetricExplanation {
  const { name, definition, formula, grain, ...metric } = asked
  const partial = { [PARTIAL]: ['BOOLEAN', `true when the as-of date is before the last day of the ${grain}`] as const }
  const columns = addsPartial(asked) ? { ...metric.columns, ...partial } : metric.columns
  return {
    metric: name,
    definition,
    formula,
    grain,
    view: `presentation.${metric.view}`,
    filters: Object.keys(metric.filters).map((filter) => `--${filter}`),
    ranked: metric.rank !== undefined,
    columns: Object.entries(columns).map(([column, [, meaning]]) => ({ name: column, meaning })),
    notes: [...metric.notes],
  }
}

/** Whole text of `--explain`. */
export function explainMetric({ metric, definition, formula, grain, view, ...more }: MetricExplanation): string {
  const width = Math.max(...more.columns.map(({ name }) => name.length))
  return [
    `${metric}: ${definition}`,
    '',
    `formula   ${formula}`,
    `grain     ${grain}`,
    `view      ${view} (sql/presentation/${view.replace('presentation.', '')}.sql)`,
    `filters   ${more.filters.join(', ') || 'none'}`,
    `--top     ${more.ranked ? 'ranks it' : 'does not go with it'}`,
    '',
    ...more.columns.map(({ name, meaning }) => `  ${name.padEnd(width)}  ${meaning}`),
    '',
    ...more.notes.map((note) => `- ${note}`),
  ].join('\n')
}

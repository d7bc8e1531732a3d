import { beforeAll, expect, test } from 'vitest'
import { readSqlFiles } from '../../src/lib/adapters/files/sql-files.js'
import { parseRule } from '../../src/lib/core/verify/quality.js'
import { type Given, sqlCases } from '../support/sql-cases.js'

const cases = sqlCases()
const rules = (await readSqlFiles('checks')).map(({ name, text }) => parseRule(name, text))

/** Nothing is wrong here, and what lies on a border lies within. */
const GOOD: Given = {
  'raw_data.stg_apartments': [
    { id: 1, price: 0, currency: 'USD', listing_created_on: '2024-01-01 00:00:00', is_active: true },
    { id: 2, price: 10, listing_created_on: '2024-01-02 10:00:00', last_modified_timestamp: '2024-01-02 00:00:00' },
  ],
  'raw_data.stg_apartment_attributes': [
    { id: 1, cityname: 'Oslo', latitude: 90, longitude: -180 },
    { id: 2, cityname: 'Oslo', latitude: -90, longitude: 180 },
  ],
  'raw_data.stg_bookings': [
    {
      ...{ booking_id: 1, user_id: 1, apartment_id: 1, booking_status: 'confirmed', currency: 'eur', total_price: 0 },
      ...{ booking_date: '2024-01-10', checkin_date: '2024-01-10', checkout_date: '2024-01-11', num_guests: 1 },
    },
    {
      ...{ booking_id: 2, apartment_id: 1, booking_status: 'Confirmed', total_price: null },
      ...{ booking_date: '2024-02-01', checkin_date: null, checkout_date: '2024-01-11', num_guests: null },
    },
    { booking_id: 3, booking_status: 'Cancelled' },
    { booking_id: 4, booking_status: 'PENDING' },
    { booking_id: 5, booking_status: 'canceled' },
  ],
  'raw_data.stg_user_viewing': [{ user_id: 1, apartment_id: 2, viewed_at: '2024-01-01 10:00:00' }],
}

beforeAll(async () => {
  await cases.load('2024-01-31', GOOD)
  await cases.build('full')
})

/** The bad rows of every rule that finds some. */
async function findings(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const { name, sql } of rules) {
    const lines = await cases.lines(`(${sql}\n)`)
    if (lines.length > 0) found[name] = lines
  }
  return found
}

const again = (relation: string, where: string): string =>
  `insert into ${relation} select * from ${relation} where ${where}`
/** A view that shows what it did, but for a change. */
const inView = (name: string, change: string): string[] => [
  `create table spoilt as select * from presentation.${name}`,
  change,
  `create or replace view presentation.${name} as select * from spoilt`,
]

/** What spoils one row, and the row that the rule gives for it; some rules look at several places. */
const SPOILT: [rule: string, statements: string[], row: string][] = [
  ['stg_apartments_key_unique', [again('raw_data.stg_apartments', 'id = 2')], '2 2'],
  ['stg_apartment_attributes_key_unique', [again('raw_data.stg_apartment_attributes', 'id = 1')], '1 2'],
  ['stg_bookings_key_unique', [again('raw_data.stg_bookings', 'booking_id = 3')], '3 2'],
  ['stg_user_viewing_key_unique', [again('raw_data.stg_user_viewing', 'true')], '1 2 2024-01-01T10:00:00Z 2'],
  ...[
    ['stg_apartments', 'id'],
    ['stg_apartment_attributes', 'id'],
    ['stg_bookings', 'booking_id'],
    ['stg_user_viewing', 'user_id'],
    ['stg_user_viewing', 'apartment_id'],
    ['stg_user_viewing', 'viewed_at'],
  ].map(([table, key]): [string, string[], string] => [
    'raw_keys_not_null',
    [
      `create table spoilt as select * from raw_data.${table}`,
      `drop table raw_data.${table}`,
      `create table raw_data.${table} as select * replace (null as ${key}, 'r7' as _run_id) from spoilt limit 1`,
    ],
    `${table} r7`,
  ]),
  ['statuses_known', [`update raw_data.stg_bookings set booking_status = 'Gone' where booking_id > 3`], 'Gone 2'],
  ['statuses_known', ['update raw_data.stg_bookings set booking_status = null where booking_id = 3'], 'null 1'],
  ['dim_listings_key_unique', [again('curated.dim_listings', 'listing_id = 2')], '2 2'],
  ['fact_bookings_key_unique', [again('curated.fact_bookings', 'booking_id = 1')], '1 2'],
  ['fact_user_views_key_unique', [again('curated.fact_user_views', 'true')], '1 2 2024-01-01T10:00:00Z 2'],
  ['dim_users_key_unique', [again('curated.dim_users', 'user_id = 1')], '1 2'],
  ['bookings_confirmed', [`update curated.fact_bookings set booking_status = 'x' where booking_id = 1`], '1 x'],
  ['bookings_confirmed', ['update curated.fact_bookings set booking_status = null where booking_id = 1'], '1 null'],
  ['bookings_dated', ['update curated.fact_bookings set booking_date = null where booking_id = 1'], '1 1'],
  [
    'booked_before_stay',
    [`update curated.fact_bookings set booking_date = '2024-01-11' where booking_id = 1`],
    '1 2024-01-11 2024-01-10',
  ],
  ['booking_listings_known', ['update curated.fact_bookings set listing_id = 9 where booking_id = 1'], '1 9'],
  ['booking_listings_known', ['update curated.fact_bookings set listing_id = null where booking_id = 1'], '1 null'],
  ['booking_users_known', ['update curated.fact_bookings set user_id = 9 where booking_id = 1'], '1 9'],
  ['view_listings_known', ['update curated.fact_user_views set listing_id = 9'], '1 9 2024-01-01T10:00:00Z'],
  ...[
    ['latitude = 90.000001', '90.000001 180.000000'],
    ['latitude = -90.000001', '-90.000001 180.000000'],
    ['longitude = 180.000001', '-90.000000 180.000001'],
    ['longitude = -180.000001', '-90.000000 -180.000001'],
  ].map(([set, row]): [string, string[], string] => [
    'coordinates_in_range',
    [`update curated.dim_listings set ${set} where listing_id = 2`],
    `2 ${row}`,
  ]),
  ...['US', 'USDT', 'usd', 'U$D'].flatMap((currency): [string, string[], string][] => [
    [
      'currencies_known',
      [`update curated.dim_listings set currency = '${currency}' where listing_id = 2`],
      `dim_listings 2 ${currency}`,
    ],
    [
      'currencies_known',
      [`update curated.fact_bookings set currency = '${currency}' where booking_id = 1`],
      `fact_bookings 1 ${currency}`,
    ],
  ]),
  ['prices_positive', ['update curated.dim_listings set price = -0.01 where listing_id = 2'], 'dim_listings 2 -0.01'],
  [
    'prices_positive',
    ['update curated.fact_bookings set total_price = -0.01 where booking_id = 1'],
    'fact_bookings 1 -0.01',
  ],
  ['guests_positive', ['update curated.fact_bookings set num_guests = 0 where booking_id = 1'], '1 0'],
  [
    'listing_dates_ordered',
    [`update curated.dim_listings set active_to = '2024-01-01' where listing_id = 2`],
    '2 2024-01-02 2024-01-01',
  ],
  [
    'stays_ordered',
    [`update curated.fact_bookings set checkout_date = '2024-01-10' where booking_id = 1`],
    '1 2024-01-10 2024-01-10',
  ],
  ...[
    ['booked_nights = -1', '-1 32 0.031250'],
    ['booked_nights = 33', '33 32 0.031250'],
    ['occupancy_rate = 1.000001', '1 32 1.000001'],
    ['occupancy_rate = -0.000001', '1 32 -0.000001'],
  ].map(([set, row]): [string, string[], string] => [
    'occupancy_in_range',
    inView('vw_occupancy_rate_monthly', `update spoilt set ${set}`),
    `2024-01-01 ${row}`,
  ]),
  ...[
    ['repeat_customers = -1', '1 -1 0.000000'],
    ['repeat_customers = 2', '1 2 0.000000'],
    ['repeat_rate = 1.000001', '1 0 1.000001'],
    ['repeat_rate = -0.000001', '1 0 -0.000001'],
  ].map(([set, row]): [string, string[], string] => [
    'repeat_rate_in_range',
    inView('vw_repeat_customer_rate', `update spoilt set ${set} where day = '2024-01-10'`),
    `2024-01-10 ${row}`,
  ]),
  ...(
    [
      ['vw_avg_listing_price_weekly', 'week_start'],
      ['vw_occupancy_rate_monthly', 'month_start'],
      ['vw_popular_locations_weekly', 'week_start'],
      ['vw_top_listings_weekly', 'week_start'],
      ['vw_bookings_per_user_weekly', 'week_start'],
      ['vw_avg_booking_duration', 'month_start'],
      ['vw_repeat_customer_rate', 'day'],
    ] as const
  ).map(([name, period]): [string, string[], string] => [
    'periods_within_as_of',
    inView(name, `update spoilt set ${period} = '2024-02-01' where ${period} = (select max(${period}) from spoilt)`),
    `${name} 2024-02-01`,
  ]),
  [
    'ranks_start_at_one',
    inView('vw_popular_locations_weekly', 'update spoilt set location_rank = 2'),
    'vw_popular_locations_weekly 2024-01-08 null 2',
  ],
  [
    'ranks_start_at_one',
    inView('vw_top_listings_weekly', 'update spoilt set revenue_rank = 2'),
    'vw_top_listings_weekly 2024-01-08 EUR 2',
  ],
  ['views_agree_on_bookings', inView('vw_top_listings_weekly', 'update spoilt set bookings = 2'), '1 2 1'],
  ['views_agree_on_bookings', inView('vw_top_listings_weekly', 'delete from spoilt'), '1 0 1'],
  ['views_agree_on_bookings', inView('vw_bookings_per_user_weekly', 'delete from spoilt'), '0 1 1'],
]

test('a good source passes every rule', async () => {
  expect(await findings()).toEqual({})
})

test.each(SPOILT.map(([rule, statements, row]) => [rule, row, statements] as const))(
  '%s gives %s, and no other rule gives any',
  async (rule, row, statements) => {
    expect(await foundAfter(...statements)).toEqual({ [rule]: [row] })
  },
)

test('calendar_covers_bookings gives a booking before the calendar, which the views do not count either', async () => {
  expect(await foundAfter(`update curated.fact_bookings set booking_date = '2023-12-31' where booking_id = 1`)).toEqual(
    { calendar_covers_bookings: ['1 2023-12-31'], views_agree_on_bookings: ['0 0 1'] },
  )
})

test('every rule is spoilt once', () => {
  const spoilt = new Set([...SPOILT.map(([rule]) => rule), 'calendar_covers_bookings'])
  expect([...spoilt].sort()).toEqual(rules.map(({ name }) => name).sort())
})

/** What the rules find once statements have run, which are taken back. */
async function foundAfter(...statements: string[]): Promise<Record<string, string[]>> {
  await cases.db.run('begin transaction')
  try {
    for (const statement of statements) await cases.db.run(statement)
    return await findings()
  } finally {
    await cases.db.run('rollback')
  }
}

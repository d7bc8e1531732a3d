import { expect, test } from 'vitest'
import { findMetric } from '../../../src/lib/core/metrics/metrics.js'
import type { SourceTable } from '../../../src/lib/core/model.js'
import {
  metricColumnsMarkdown,
  metricsMarkdown,
  rulesMarkdown,
  sourceTablesMarkdown,
  tableListMarkdown,
} from '../../../src/lib/core/model-docs.js'

const BOOKINGS: SourceTable = {
  name: 'bookings',
  raw: 'stg_bookings',
  key: ['booking_id'],
  bookmark: { column: 'booking_id', inclusive: false },
  columns: [
    { name: 'booking_id', type: 'BIGINT', required: true },
    { name: 'currency', type: 'VARCHAR', required: true },
    { name: 'num_guests', type: 'INTEGER', required: false },
  ],
}

test('source tables', () => {
  const views: SourceTable = {
    ...BOOKINGS,
    name: 'user_viewing',
    raw: 'stg_user_viewing',
    key: ['user_id', 'viewed_at'],
    bookmark: { column: 'viewed_at', inclusive: true },
    latestBy: 'viewed_at',
    columns: [{ name: 'viewed_at', type: 'TIMESTAMP', required: true }],
  }
  expect(sourceTablesMarkdown([BOOKINGS, views])).toBe(
    [
      '### bookings',
      '',
      'raw table `raw_data.stg_bookings`; key `booking_id`; bookmark `booking_id`; of several rows with one key survives: last in the file.',
      '',
      '| column | type | must be there |',
      '| --- | --- | --- |',
      '| `booking_id` | BIGINT | yes, never NULL |',
      '| `currency` | VARCHAR | yes |',
      '| `num_guests` | INTEGER | no |',
      '',
      '### user_viewing',
      '',
      'raw table `raw_data.stg_user_viewing`; key `user_id`, `viewed_at`; bookmark `viewed_at` (inclusive); of several rows with one key survives: greatest `viewed_at`, then last in the file.',
      '',
      '| column | type | must be there |',
      '| --- | --- | --- |',
      '| `viewed_at` | TIMESTAMP | yes, never NULL |',
    ].join('\n'),
  )
})

test('a list of tables', () => {
  expect(tableListMarkdown([{ ...BOOKINGS, name: 'fact' }])).toBe(
    [
      '| table | key | columns |',
      '| --- | --- | --- |',
      '| `fact` | `booking_id` | `booking_id` BIGINT, `currency` VARCHAR, `num_guests` INTEGER |',
    ].join('\n'),
  )
})

test('rules', () => {
  const rule = { name: 'rates', scope: 'views', severity: 'warn', grain: 'g', message: 'in range', sql: 's' } as const
  expect(rulesMarkdown([{ ...rule, allowed: 0, off: false }])).toBe(
    ['| rule | scope | severity | says |', '| --- | --- | --- | --- |', '| `rates` | views | warn | in range |'].join(
      '\n',
    ),
  )
})

test('metrics, and the columns of one', () => {
  expect(metricsMarkdown(['listings', 'repeat'].map(findMetric))).toBe(
    [
      '| metric | view | grain | filters | `--top` |',
      '| --- | --- | --- | --- | --- |',
      '| `listings` | `vw_top_listings_weekly` | week | `--city`, `--currency`, `--listing` | by `revenue_rank` |',
      '| `repeat` | `vw_repeat_customer_rate` | day | none | no |',
    ].join('\n'),
  )
  expect(metricColumnsMarkdown(findMetric('bookings'))).toBe(
    [
      '| column | type | meaning |',
      '| --- | --- | --- |',
      '| `week_start` | DATE | Monday of the week of booking_date |',
      '| `user_id` | BIGINT | the user; NULL for bookings without one |',
      '| `bookings` | BIGINT | bookings made in the week |',
    ].join('\n'),
  )
})

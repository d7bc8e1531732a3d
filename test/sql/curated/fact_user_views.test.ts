import { expect, test } from 'vitest'
import { sqlCases } from '../../support/sql-cases.js'

const cases = sqlCases()

test('every view is there, with its day and its time', async () => {
  const found = await cases.curated('fact_user_views', {
    'raw_data.stg_user_viewing': [
      {
        user_id: 1,
        apartment_id: 5508654087,
        viewed_at: '2024-01-01 23:59:59.999999',
        is_wishlisted: true,
        call_to_action: 'Call',
      },
      { user_id: 1, apartment_id: 5508654087, viewed_at: '2024-01-02 00:00:00' },
    ],
  })
  expect(found).toEqual([
    '1 5508654087 2024-01-01 2024-01-01T23:59:59.999999Z true Call',
    '1 5508654087 2024-01-02 2024-01-02T00:00:00Z null null',
  ])
})

test('changed keys alone are built again: a key is user, listing and time together', async () => {
  const [first, later] = ['2024-01-01 10:00:00', '2024-01-01 10:00:00.000001']
  const raw = (user_id: number, apartment_id: number, viewed_at: string) => ({
    ...{ user_id, apartment_id, viewed_at },
    call_to_action: 'new',
  })
  const curated = (user_id: number, listing_id: number, viewed_timestamp: string) => ({
    ...{ user_id, listing_id, viewed_timestamp },
    call_to_action: 'old',
  })
  await cases.load('2024-01-31', {
    'raw_data.stg_user_viewing': [
      raw(1, 2, first),
      raw(1, 2, later),
      raw(2, 2, first),
      raw(1, 1, first),
      raw(3, 3, first),
    ],
    'curated.fact_user_views': [
      ...[curated(1, 2, first), curated(1, 2, later), curated(2, 2, first), curated(1, 1, first)],
      curated(4, 4, first),
    ],
    'curated.changed_views': [
      ...[1, 1, 3, 4].map((user_id) => ({ user_id, listing_id: user_id === 1 ? 2 : user_id, viewed_timestamp: first })),
    ],
  })
  await cases.build('incremental', ['fact_user_views'])
  const columns = 'user_id, listing_id, viewed_timestamp, call_to_action'
  expect(await cases.lines('curated.fact_user_views', columns)).toEqual([
    '1 1 2024-01-01T10:00:00Z old',
    '1 2 2024-01-01T10:00:00.000001Z old',
    '1 2 2024-01-01T10:00:00Z new',
    '2 2 2024-01-01T10:00:00Z old',
    '3 3 2024-01-01T10:00:00Z new',
  ])
})

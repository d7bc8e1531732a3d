import { expect, test } from 'vitest'
import { slicesOf } from '../../../../../src/lib/adapters/local/audit/slices.js'
import type { Column } from '../../../../../src/lib/core/model.js'
import { memoryDatabase } from '../../../../support/memory-database.js'

const columns: Column[] = [
  { name: 'user_id', type: 'BIGINT', required: true },
  { name: 'seen_at', type: 'TIMESTAMP', required: true },
]
const table = { columns, key: ['user_id', 'seen_at'] }

test('the slices of a large table hold each row once, a NULL too, and none holds most of them', async () => {
  const db = await memoryDatabase()
  await db.run(`create table t as select i as user_id, case when i <> 77 then timestamp '2024-01-01' + to_seconds(i // 7) end as seen_at
    from range(2500000) r(i)`)
  const slices = await slicesOf(db, 't', table)
  expect(slices).toHaveLength(5)
  const cut = async (condition: string): Promise<number> => db.count(`select count(*) from t where ${condition}`)
  const sizes = await Promise.all(slices.map(cut))
  expect(sizes.reduce((sum, n) => sum + n, 0)).toBe(2_500_000)
  for (const size of sizes) expect(size).toBeLessThan(510_000)
  expect(await cut(`(${slices.map((slice) => `cast((${slice}) as integer)`).join(' + ')}) <> 1`)).toBe(0)
  expect(await cut(`(${slices[0]}) and user_id = 77`)).toBe(1)
})

test.each([
  ['a small table', 'range(10)', 1],
  // All quantiles are the same value.
  ['one value', '(select 1 as i from range(2000001))', 2],
])('%s is cut into %i', async (_, rows, n) => {
  const db = await memoryDatabase()
  await db.run(
    `create table t as select 1 as user_id, timestamp '2024-01-01' + to_seconds(r.i) as seen_at from ${rows} r(i)`,
  )
  expect(await slicesOf(db, 't', table)).toHaveLength(n)
})

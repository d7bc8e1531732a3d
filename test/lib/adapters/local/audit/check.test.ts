import { expect, test } from 'vitest'
import { check } from '../../../../../src/lib/adapters/local/audit/check.js'
import { slicesOf } from '../../../../../src/lib/adapters/local/audit/slices.js'
import { CURATED_TABLES } from '../../../../../src/lib/core/model.js'
import { emptyWarehouse, memoryDatabase } from '../../../../support/memory-database.js'

test('bad rows of all pieces are counted, and the first five of them are shown', async () => {
  const db = await memoryDatabase()
  const whole = 'select i from range(10) r(i)'
  const pieces = async (): Promise<string[]> => [3, 0, 4].map((n) => `select i from range(${n}) r(i)`)
  expect(await check(db, 'c', whole, { pieces })).toMatchObject({
    status: 'fail',
    bad_rows: 7,
    sample: [{ i: '0' }, { i: '1' }, { i: '2' }, { i: '0' }, { i: '1' }],
    sql: whole,
  })
  expect(await check(db, 'c', whole)).toMatchObject({ bad_rows: 10 })
})

test('a table that somebody has removed or changed is a finding where its slices are looked for', async () => {
  const db = await emptyWarehouse()
  const [table] = CURATED_TABLES
  if (!table) throw new Error('there is a curated table')
  await db.run(`drop table curated.${table.name}`)
  const found = await check(db, 'c', 'select 1', { pieces: () => slicesOf(db, `curated.${table.name}`, table) })
  expect(found).toMatchObject({ status: 'fail', sample: [{ problem: expect.stringContaining('cannot be looked at') }] })
})

import { expect, test } from 'vitest'
import { check, type Piece } from '../../../../../src/lib/adapters/local/audit/check.js'
import { slicesOf } from '../../../../../src/lib/adapters/local/audit/slices.js'
import { CURATED_TABLES } from '../../../../../src/lib/core/model.js'
import { emptyWarehouse, memoryDatabase } from '../../../../support/memory-database.js'

test('bad rows of all pieces are counted, and the first five of them are shown', async () => {
  const db = await memoryDatabase()
  const whole = 'select i from range(10) r(i)'
  const pieces = async (): Promise<Piece[]> => [3, 0, 4].map((n) => ({ sql: `select i from range(${n}) r(i)` }))
  expect(await check(db, 'c', { sql: whole }, { pieces })).toMatchObject({
    status: 'fail',
    bad_rows: 7,
    sample: [{ i: '0' }, { i: '1' }, { i: '2' }, { i: '0' }, { i: '1' }],
    sql: whole,
  })
  expect(await check(db, 'c', { sql: whole })).toMatchObject({ bad_rows: 10 })
})

test('a table that somebody has removed or changed is a finding where its slices are looked for', async () => {
  const db = await emptyWarehouse()
  const [table] = CURATED_TABLES
  if (!table) throw new Error('there is a curated table')
  await db.run(`drop table curated.${table.name}`)
  const pieces = async (): Promise<Piece[]> =>
    (await slicesOf(db, `curated.${table.name}`, table)).map((slice) => ({ sql: slice }))
  const found = await check(db, 'c', { sql: 'select 1' }, { pieces })
  expect(found).toMatchObject({ status: 'fail', sample: [{ problem: expect.stringContaining('cannot be looked at') }] })
})

test('what is proved in a quicker way is not asked for, as a whole or piece by piece', async () => {
  const db = await memoryDatabase()
  const bad = (n: number, isSound: boolean): Piece => ({
    sql: `select i from range(${n}) r(i)`,
    isSound: async () => isSound,
  })
  const pieces = async (): Promise<Piece[]> => [bad(3, true), bad(4, false)]
  expect(await check(db, 'c', bad(9, true), { pieces })).toMatchObject({ status: 'pass', bad_rows: 0, sample: [] })
  expect(await check(db, 'c', bad(9, false), { pieces })).toMatchObject({ status: 'fail', bad_rows: 4 })
  const fails = async (): Promise<boolean> => (await db.count('select x from gone')) === 0
  expect(await check(db, 'c', { sql: 'select 1', isSound: fails })).toMatchObject({
    status: 'fail',
    sample: [{ problem: expect.stringContaining('cannot be looked at') }],
  })
})

import { expect, test } from 'vitest'
import type { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { inLanes, lanesOf } from '../../../../../src/lib/adapters/local/engine/lanes.js'
import { memoryDatabase } from '../../../../support/memory-database.js'

const ENDLESS = 'select sum(a.range * b.range) from range(10000000) a, range(10000000) b'

const asks =
  (sql: string) =>
  (db: Database): Promise<number> =>
    db.count(sql)

test('what tasks give stands in their order, whichever ends first', async () => {
  const lanes = await lanesOf(await memoryDatabase())
  const slow = 'select count(*) from range(20000000)'
  const tasks = [asks(slow), asks('select 2'), asks('select 3'), asks('select 4'), asks('select 5')]
  expect(await inLanes(lanes, tasks)).toEqual([20_000_000, 2, 3, 4, 5])
  expect(await inLanes(lanes, [])).toEqual([])
})

test('all connections see the same tables, and the same time zone', async () => {
  const lanes = await lanesOf(await memoryDatabase())
  await lanes[0].run(`create table t as select 1 as n`)
  for (const db of lanes)
    expect(await db.all(`select n, current_setting('timezone') as zone from t`)).toEqual([{ n: 1, zone: 'UTC' }])
})

test('where tasks fail the first of them is told, what runs is waited for, and no other begins', async () => {
  const lanes = await lanesOf(await memoryDatabase())
  const begun: number[] = []
  const fails = (at: number, after: number) => async (): Promise<number> => {
    begun.push(at)
    await new Promise((resolve) => setTimeout(resolve, after))
    throw new Error(`task ${at}`)
  }
  const tasks = [fails(0, 30), fails(1, 0), fails(2, 0), fails(3, 0)]
  await expect(inLanes(lanes, tasks)).rejects.toThrow('task 0')
  expect(begun).toEqual([0, 1])
})

test('an abort interrupts what runs by any connection, with its reason', async () => {
  const abort = new AbortController()
  const lanes = await lanesOf(await memoryDatabase(abort.signal))
  const ends: unknown[] = []
  const endless = async (db: Database): Promise<number> => {
    try {
      return await db.count(ENDLESS)
    } catch (error) {
      ends.push(error)
      throw error
    }
  }
  const all = inLanes(lanes, [endless, endless, endless])
  setTimeout(() => abort.abort(new Error('enough')), 50)
  await expect(all).rejects.toThrow('enough')
  expect(ends).toEqual([new Error('enough'), new Error('enough')])
})

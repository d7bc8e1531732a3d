import { beforeEach, expect, test } from 'vitest'
import type { RunRecord, RunStore } from '../../../src/lib/ports/run-store.js'
import { ask } from '../../../src/lib/use-cases/question.js'
import { checkReconciled, unreconciledSince } from '../../../src/lib/use-cases/reconciled.js'
import { recordOf } from '../../fakes/run-store.js'
import { emptyWarehouse, MemoryWarehouse } from '../../support/memory-database.js'

let warehouse: MemoryWarehouse
beforeEach(async () => {
  warehouse = new MemoryWarehouse(await emptyWarehouse())
})

const load = (seq: number, table: string, reconciled: boolean, full: boolean) =>
  warehouse.db.run(
    `insert into raw_data.load_log (seq, run_id, table_name, reconciled, full_refresh, loaded_at) values (${seq}, 'r-${seq}', '${table}', ${reconciled}, ${full}, timestamp '2026-05-0${seq} 02:00:00')`,
  )

test('the first load of each table since which none read it whole', async () => {
  expect(await ask(warehouse, checkReconciled())).toMatchObject({ status: 'pass', bad_rows: 0 })
  await load(1, 'bookings', true, true)
  await load(1, 'apartments', false, true)
  expect((await ask(warehouse, checkReconciled())).status).toBe('pass')
  for (const seq of [2, 3]) {
    await load(seq, 'bookings', false, false)
    await load(seq, 'apartments', false, seq === 2)
  }
  const { name, scope, status, sample } = await ask(warehouse, checkReconciled())
  expect([name, scope, status, sample]).toEqual([
    'source_reconciled',
    'counts',
    'warn',
    [
      { table: 'apartments', not_reconciled_since: 'r-3', loaded_at: '2026-05-03T02:00:00Z' },
      { table: 'bookings', not_reconciled_since: 'r-2', loaded_at: '2026-05-02T02:00:00Z' },
    ],
  ])
})

test('of a run, the first of those that read by bookmarks alone', async () => {
  const run = (id: string, reconciled: boolean, raw: 'succeeded' | 'failed' = 'succeeded'): RunRecord => {
    const record = recordOf(id, ['succeeded', raw, raw])
    return { ...record, state: { ...record.state, reconciled } }
  }
  const runs = [
    run('g', true),
    run('f', false),
    run('e', true, 'failed'),
    run('d', false),
    run('c', true),
    run('b', false),
    run('a', false, 'failed'),
  ]
  const store = {
    async *newest() {
      yield* runs
    },
  } as unknown as RunStore
  const since = async (at: number) => (await unreconciledSince(store, runs[at] as RunRecord))?.state.run_id
  expect([await since(0), await since(1), await since(3), await since(5)]).toEqual([undefined, 'd', 'd', 'b'])
})

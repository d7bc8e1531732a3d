import { beforeEach, expect, test } from 'vitest'
import type { RunRequest } from '../../../src/lib/core/run/request.js'
import { emptyFlow, type TableFlow } from '../../../src/lib/core/run/run.js'
import type { RunRecord } from '../../../src/lib/ports/run-store.js'
import { checkNewestLoad } from '../../../src/lib/use-cases/newest-load.js'
import { ask } from '../../../src/lib/use-cases/question.js'
import { recordOf } from '../../fakes/run-store.js'
import { emptyWarehouse, MemoryWarehouse } from '../../support/memory-database.js'

let warehouse: MemoryWarehouse
beforeEach(async () => {
  warehouse = new MemoryWarehouse(await emptyWarehouse())
})

function loaded(id: string, moved: Partial<TableFlow>, request: Partial<RunRequest> = {}): RunRecord {
  const record = recordOf(id, ['succeeded', 'succeeded', 'succeeded'], request)
  const layers = record.state.layers.map((layer) =>
    layer.layer === 'raw' ? { ...layer, tables: [{ ...emptyFlow('stg_bookings'), ...moved }] } : layer,
  )
  return { ...record, state: { ...record.state, layers } }
}

const log = (id: string, seq: number, [inserted, updated, deleted]: [number, number, number]) =>
  warehouse.db.run(
    `insert into raw_data.load_log (seq, run_id, table_name, inserted, updated, deleted) values (${seq}, '${id}', 'bookings', ${inserted}, ${updated}, ${deleted})`,
  )
const look = async (...runs: RunRecord[]) => {
  const { name, scope, status, sample } = await ask(warehouse, checkNewestLoad(runs))
  expect([name, scope]).toEqual(['newest_load_is_known', 'counts'])
  return { status, sample }
}

test('a warehouse that does not know the newest load is not that one, be it as consistent as it may', async () => {
  const run = loaded('r-1', { inserted: 7, updated: 1 })
  expect(await look(run)).toEqual({
    status: 'fail',
    sample: [{ run_id: 'r-1', problem: 'loaded 8 rows, and raw_data.load_log does not know it' }],
  })
  await log('r-1', 1, [7, 1, 0])
  expect(await look(run)).toEqual({ status: 'pass', sample: [] })
})

test('only the newest that moved rows counts: of an unchanged source there is no load', async () => {
  await log('r-2', 2, [0, 0, 3])
  const runs = [loaded('r-3', {}), loaded('r-2', { deleted: 3 }), loaded('r-1', { inserted: 7 })]
  expect((await look(...runs)).status).toBe('pass')
  expect((await look()).status).toBe('pass')
  // A run that failed in raw has loaded nothing.
  const failed = recordOf('r-4', ['succeeded', 'failed', 'pending'])
  expect((await look(failed, ...runs)).status).toBe('pass')
})

test('the counts of the record are those of the load', async () => {
  await log('r-1', 1, [7, 0, 0])
  expect(await look(loaded('r-1', { inserted: 6, deleted: 1 }))).toEqual({
    status: 'fail',
    sample: [
      {
        run_id: 'r-1',
        table: 'stg_bookings',
        run_record: '6 inserted, 0 updated, 1 deleted',
        load_log: '7 inserted, 0 updated, 0 deleted',
      },
    ],
  })
})

test('a manifest that was loaded once more stands under the run that extracted it', async () => {
  await log('r-1', 1, [7, 0, 0])
  await log('r-1', 2, [0, 2, 0])
  const again = loaded('r-2', { updated: 2 }, { manifest_run: 'r-1' })
  expect((await look(again, loaded('r-1', { inserted: 7 }))).status).toBe('pass')
  expect((await look(loaded('r-1', { inserted: 7 }))).status).toBe('pass')
})

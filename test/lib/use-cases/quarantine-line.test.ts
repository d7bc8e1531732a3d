import { expect, test } from 'vitest'
import type { RecordPlace, SourceCheck, WantedRecord } from '../../../src/lib/ports/source-check.js'
import type { QuarantinedRow } from '../../../src/lib/use-cases/quarantine.js'
import { quarantineLine, sourceOfLoad } from '../../../src/lib/use-cases/quarantine-line.js'
import { FakeRunStore, recordOf } from '../../fakes/run-store.js'
import { SILENT_SOURCE } from '../../fakes/source-check.js'
import { emptyWarehouse, MemoryWarehouse } from '../../support/memory-database.js'

const signal = new AbortController().signal
const ROW: QuarantinedRow = {
  id: '3',
  table: 'bookings',
  rule: 'null_key:booking_id',
  key: '',
  occurrence: '2',
  first_run_id: 'r1',
  cleared_run_id: null,
  row: { booking_id: null, user_id: '1' },
}

/** What is said of a row, and what the source was asked. */
async function said(
  place: RecordPlace | undefined,
  row = ROW,
): Promise<{ text: string | undefined; asked: unknown[] }> {
  const asked: WantedRecord[] = []
  const source: SourceCheck = {
    ...SILENT_SOURCE,
    lineOf: async (wanted) => {
      asked.push(wanted)
      return place
    },
  }
  return { text: await quarantineLine(source, row, signal), asked }
}

test('a row that is bad now is looked up with its texts and which of its equals it is', async () => {
  expect(await said({ file: 'in/bookings.csv', line: 1204 })).toEqual({
    text: '1,204 of in/bookings.csv',
    asked: [{ table: 'bookings', fields: { booking_id: '', user_id: '1' }, occurrence: 2 }],
  })
  const torn = { ...ROW, rule: 'bad_row:fields', row: ['1', null] }
  expect(await said({ file: 'in/bookings.csv', line: undefined }, torn)).toEqual({
    text: 'not found in in/bookings.csv as it is now',
    asked: [{ table: 'bookings', fields: ['1', ''], occurrence: 2 }],
  })
})

test('nothing is said of a row that was cleared, nor by a source without lines', async () => {
  expect(await said({ file: 'b.csv', line: 2 }, { ...ROW, cleared_run_id: 'r2' })).toEqual({
    text: undefined,
    asked: [],
  })
  expect((await said(undefined)).text).toBeUndefined()
})

test('the source is that which the run of the newest load was given', async () => {
  const warehouse = new MemoryWarehouse(await emptyWarehouse())
  const given = (runId: string, source: string, source_given = true) =>
    recordOf(runId, ['succeeded', 'succeeded', 'succeeded'], { source, source_given })
  const runs = new FakeRunStore([given('later', 'csv:/c'), given('r-2', 'csv:/b'), given('r-1', 'csv:/a', false)])
  const load = (seq: number, runId: string) =>
    warehouse.db.run(
      `insert into raw_data.load_log (seq, table_name, run_id) values (${seq}, 'bookings', '${runId}'), (${seq}, 'apartments', '${runId}')`,
    )
  expect(await sourceOfLoad(warehouse, runs)).toBeUndefined()
  await load(1, 'r-1')
  expect(await sourceOfLoad(warehouse, runs)).toBeUndefined()
  await load(2, 'r-2')
  expect(await sourceOfLoad(warehouse, runs)).toBe('csv:/b')
  await load(3, 'pruned')
  expect(await sourceOfLoad(warehouse, runs)).toBeUndefined()
})

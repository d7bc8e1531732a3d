import { expect, test } from 'vitest'
import type { RunResult } from '../../../src/lib/core/run/run.js'
import { listRuns, RUN_COLUMNS, runRow } from '../../../src/lib/use-cases/list-runs.js'
import { FakeRunStore, recordOf } from '../../fakes/run-store.js'

const error: RunResult['error'] = {
  code: 'SOURCE_CONTENT',
  message: 'bookings.csv is not UTF-8',
  suggestions: [],
  layer: 'extract',
}
const runs = new FakeRunStore([
  recordOf(
    'r-2',
    ['running', 'pending', 'pending'],
    { parent: 'r-1', from: 'raw' },
    { started_at: '2026-05-04T02:01:00.000Z' },
  ),
  recordOf(
    'r-1',
    ['failed', 'pending', 'pending'],
    {},
    { started_at: '2026-05-04T02:00:00.500Z', closed_at: '2026-05-04T02:00:02.000Z', error },
  ),
])

test('one row per run, newest first', async () => {
  expect((await listRuns(runs, { limit: 20 })).map(runRow)).toEqual([
    ['r-2', 'running', '2025-03-24', '2026-05-04T02:01:00Z', null, 'raw', 'curated', 'r-1', 'sample', null],
    [
      'r-1',
      'failed',
      '2025-03-24',
      '2026-05-04T02:00:00.5Z',
      1500,
      'extract',
      'curated',
      null,
      'sample',
      'bookings.csv is not UTF-8',
    ],
  ])
  expect(RUN_COLUMNS).toHaveLength(10)
})

test('by status, and no more than asked for', async () => {
  const ids = async (options: Parameters<typeof listRuns>[1]): Promise<unknown[]> =>
    (await listRuns(runs, options)).map(({ state }) => state.run_id)
  expect(await ids({ limit: 1 })).toEqual(['r-2'])
  expect(await ids({ limit: 1, status: 'failed' })).toEqual(['r-1'])
})

import { expect, test } from 'vitest'
import type { LayerStatus } from '../../../src/lib/core/run/run.js'
import { emptyFlow } from '../../../src/lib/core/run/run.js'
import { backfillRow, type DayToDo, doBackfill, planBackfill } from '../../../src/lib/use-cases/backfill.js'
import { FakeRunStore, recordOf } from '../../fakes/run-store.js'

const span = { start: '2025-03-01', end: '2025-03-03', source: 'csv:/data' }
const OK: [LayerStatus, LayerStatus, LayerStatus] = ['succeeded', 'succeeded', 'succeeded']
const FAILED: [LayerStatus, LayerStatus, LayerStatus] = ['succeeded', 'failed', 'pending']

/** A run of a backfill of the span. */
const day = (runId: string, as_of: string, layers = OK, of: { id?: string; end?: string; source?: string } = {}) =>
  recordOf(runId, layers, {
    as_of,
    source: of.source ?? span.source,
    backfill: { start: span.start, end: of.end ?? span.end, id: of.id ?? 'b-1' },
  })

async function plan(records: ReturnType<typeof day>[], restart = false) {
  const runs = new FakeRunStore(records)
  const { goesOn, days } = await planBackfill(runs, { ...span, restart })
  return { id: goesOn?.id ?? null, days: days.map(({ as_of, run, before }) => [as_of, run?.run_id ?? null, before]) }
}

const PENDING = [
  ['2025-03-01', null, false],
  ['2025-03-02', null, false],
  ['2025-03-03', null, false],
]

test('without one before, every day is to be done', async () => {
  const others = [
    recordOf('nightly', OK, { as_of: '2025-03-02', source: span.source }),
    day('x', '2025-03-01', OK, { id: 'x', end: '2025-03-09' }),
    day('y', '2025-03-01', OK, { id: 'y', source: 'csv:/other' }),
  ]
  expect(await plan(others)).toEqual({ id: null, days: PENDING })
})

test('the newest one is gone on with, at the day that failed', async () => {
  const newestFirst = [
    day('b-2', '2025-03-02', FAILED),
    recordOf('nightly', OK, { source: span.source }),
    day('b-1', '2025-03-01'),
    day('a-3', '2025-03-03', OK, { id: 'a-1' }),
  ]
  expect(await plan(newestFirst)).toEqual({ id: 'b-1', days: [['2025-03-01', 'b-1', true], ...PENDING.slice(1)] })
})

test('a day that another run has done in place of the failed one is done', async () => {
  const resumed = { ...day('r', '2025-03-02'), state: { ...day('r', '2025-03-02').state, parent: 'b-2' } }
  const { days } = await plan([resumed, day('b-2', '2025-03-02', FAILED), day('b-1', '2025-03-01')])
  expect(days).toEqual([['2025-03-01', 'b-1', true], ['2025-03-02', 'r', true], PENDING[2]])
})

test('a run that did not come to the views has not done its day', async () => {
  const record = day('b-1', '2025-03-01', ['succeeded', 'succeeded', 'skipped'])
  const { days } = await plan([{ ...record, request: { ...record.request, to: 'raw' } }])
  expect(days).toEqual(PENDING)
})

test('its first run may be pruned; nothing is read beyond it where it is there', async () => {
  expect((await plan([day('b-3', '2025-03-03')])).days[2]).toEqual(['2025-03-03', 'b-3', true])
  const runs = new FakeRunStore([day('b-1', '2025-03-01'), day('a-1', '2025-03-01', OK, { id: 'a-1' })])
  await planBackfill(runs, { ...span, restart: false })
  expect(runs.read).toBe(1)
})

test('a new one is begun where that is asked for', async () => {
  expect(await plan([day('b-1', '2025-03-01')], true)).toEqual({ id: null, days: PENDING })
})

test('the days that wait are done in their order, up to one that fails', async () => {
  const plan = await planBackfill(new FakeRunStore([day('b-1', '2025-03-01')]), {
    ...span,
    end: '2025-03-05',
    restart: false,
  })
  const asked: DayToDo[] = []
  const does = {
    newRunId: async () => `n-${asked.length}`,
    run: async (one: DayToDo) => {
      asked.push(one)
      return recordOf(one.run_id, one.as_of === '2025-03-03' ? FAILED : OK, { as_of: one.as_of }).state
    },
  }
  const told: unknown[] = []
  for await (const { run, at } of doBackfill({ ...plan, days: plan.days.slice(1) }, does)) told.push([run.status, at])
  expect(told).toEqual([
    ['succeeded', 1],
    ['failed', 2],
  ])
  const backfill = { start: '2025-03-02', end: '2025-03-05', id: 'n-0' }
  expect(asked).toEqual([
    { run_id: 'n-0', as_of: '2025-03-02', backfill, first: true },
    { run_id: 'n-1', as_of: '2025-03-03', backfill, first: false },
  ])
  expect(plan.days.map(({ run }) => run?.status ?? null)).toEqual([null, 'succeeded', 'failed', null, null])
})

test('a row tells what the run of the day moved in raw', () => {
  const { state } = day('b-1', '2025-03-01')
  const layers = state.layers.map((layer) => ({
    ...layer,
    tables: [{ ...emptyFlow('stg_bookings'), inserted: 5, updated: 3, deleted: layer.layer === 'raw' ? 2 : 9 }],
  }))
  const run = { ...state, layers, started_at: '2025-04-01T02:00:00Z', closed_at: '2025-04-01T02:00:01.500Z' }
  expect(backfillRow({ as_of: '2025-03-01', run, before: true })).toEqual([
    ...['2025-03-01', 'succeeded', 'b-1', true, 1500],
    ...['5', '3', '2', null],
  ])
  expect(backfillRow({ as_of: '2025-03-02', run: null, before: false })).toEqual([
    ...['2025-03-02', 'pending', null, false, null],
    ...[null, null, null, null],
  ])
})

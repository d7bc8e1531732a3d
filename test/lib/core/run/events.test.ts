import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  initialRun,
  type RunEvent,
  type RunState,
  reduceRun,
  runDuration,
  toRunResult,
} from '../../../../src/lib/core/run/events.js'
import { emptyFlow, LAYER_NAMES, type LayerResult } from '../../../../src/lib/core/run/run.js'

const at = (seconds: number): string => new Date(Date.UTC(2026, 4, 4, 2, 0, seconds)).toISOString()
const flow = (table: string, rows: number) => ({ ...emptyFlow(table), rows_in: rows, rows_out: rows })
const fold = (events: RunEvent[], start = initialRun('r-1')): RunState => events.reduce(reduceRun, start)
const layer = (name: LayerResult['layer'], changes: Partial<LayerResult> = {}): LayerResult => ({
  layer: name,
  status: 'pending',
  attempts: 0,
  started_at: null,
  duration_ms: null,
  done_by: null,
  tables: [],
  ...changes,
})

const started: RunEvent = {
  type: 'run_started',
  at: at(0),
  run_id: 'r-1',
  parent: 'r-0',
  as_of: '2026-05-03',
  reconciled: false,
  skipped: [{ layer: 'extract', done_by: 'r-0' }],
}

test('before the first event all layers are pending', () => {
  expect(initialRun('r-1')).toEqual({
    run_id: 'r-1',
    parent: null,
    status: 'running',
    as_of: '',
    reconciled: true,
    layers: [layer('extract'), layer('raw'), layer('curated')],
    error: null,
    started_at: null,
    closed_at: null,
    progress: {},
    warnings: [],
    notices: [],
  })
})

test('a whole run, with a layer done by another run and one that needed two attempts', () => {
  const state = fold([
    started,
    { type: 'layer_started', at: at(1), layer: 'raw', attempt: 1 },
    { type: 'table_progress', at: at(2), layer: 'raw', table: 'stg_bookings', rows: 10, step: 'merge' },
    { type: 'table_done', at: at(2), layer: 'raw', flow: flow('stg_bookings', 1) },
    { type: 'layer_retrying', at: at(3), layer: 'raw', attempt: 2, error: 'throttled' },
    { type: 'layer_started', at: at(4), layer: 'raw', attempt: 2 },
    { type: 'table_progress', at: at(4), layer: 'raw', table: 'stg_bookings', rows: 20, step: 'merge' },
    { type: 'table_done', at: at(5), layer: 'raw', flow: flow('stg_bookings', 2) },
    { type: 'table_done', at: at(5), layer: 'raw', flow: flow('stg_apartments', 3) },
    { type: 'table_done', at: at(5), layer: 'raw', flow: flow('stg_bookings', 4) },
    { type: 'log', at: at(5), layer: 'raw', level: 'info', message: 'said' },
    { type: 'log', at: at(5), layer: 'raw', level: 'warn', message: 'warned' },
    { type: 'log', at: at(5), layer: null, level: 'error', message: 'cried' },
    { type: 'layer_succeeded', at: at(6), layer: 'raw' },
    { type: 'layer_started', at: at(6), layer: 'curated', attempt: 1 },
    { type: 'layer_succeeded', at: at(8), layer: 'curated' },
    { type: 'notice', at: at(8), subject: 'done', message: 'all of it' },
    { type: 'run_closed', at: at(9), status: 'succeeded', error: null },
  ])
  expect(state).toEqual({
    run_id: 'r-1',
    parent: 'r-0',
    status: 'succeeded',
    as_of: '2026-05-03',
    reconciled: false,
    layers: [
      layer('extract', { status: 'skipped', done_by: 'r-0' }),
      layer('raw', {
        status: 'succeeded',
        attempts: 2,
        started_at: at(1),
        duration_ms: 5000,
        tables: [flow('stg_apartments', 3), flow('stg_bookings', 4)],
      }),
      layer('curated', { status: 'succeeded', attempts: 1, started_at: at(6), duration_ms: 2000 }),
    ],
    error: null,
    started_at: at(0),
    closed_at: at(9),
    progress: { 'raw/stg_bookings': { rows: 20, step: 'merge' } },
    warnings: ['warned'],
    notices: ['done'],
  })
})

describe('a run that ends badly', () => {
  const begun: RunEvent[] = [started, { type: 'layer_started', at: at(1), layer: 'raw', attempt: 1 }]
  const report = { code: 'IO' as const, message: 'disk full', suggestions: ['df -h .'] }

  test('a failed layer gives the run its error', () => {
    const state = fold([
      ...begun,
      { type: 'layer_failed', at: at(3), layer: 'raw', error: report },
      { type: 'run_closed', at: at(4), status: 'failed', error: null },
    ])
    expect(state.error).toEqual({ ...report, layer: 'raw' })
    expect(state.status).toBe('failed')
    expect(state.layers[1]).toEqual(
      layer('raw', { status: 'failed', attempts: 1, started_at: at(1), duration_ms: 2000 }),
    )
  })

  test('one that was canceled is not failed', () => {
    const error = { code: 'CANCELED' as const, message: 'by hand', suggestions: [] }
    const state = fold([...begun, { type: 'layer_failed', at: at(3), layer: 'raw', error }])
    expect(state.layers[1]?.status).toBe('canceled')
    expect(state.error).toEqual({ ...error, layer: 'raw' })
  })

  test.each([
    ['failed', 'failed'],
    ['canceled', 'canceled'],
  ] as const)(
    'a layer under way at the end of a %s run ends with it; the last word on the error counts',
    (status, ended) => {
      const state = fold([...begun, { type: 'run_closed', at: at(7), status, error: { ...report, layer: null } }])
      expect(state.layers.map((result) => [result.status, result.duration_ms])).toEqual([
        ['skipped', null],
        [ended, 6000],
        ['pending', null],
      ])
      expect(state.error).toEqual({ ...report, layer: null })
      expect(state.closed_at).toBe(at(7))
    },
  )

  test('a layer that fails before it began has no duration', () => {
    const state = fold([started, { type: 'layer_failed', at: at(3), layer: 'curated', error: report }])
    expect(state.layers[2]).toEqual(layer('curated', { status: 'failed' }))
  })
})

test('the result is the part of the state that `--json` shows', () => {
  const { started_at: _s, closed_at: _c, progress: _p, warnings: _w, notices: _n, ...result } = fold([started])
  expect(toRunResult(fold([started]))).toEqual(result)
})

test('no event changes the state that it is given', () => {
  const name = fc.constantFrom(...LAYER_NAMES)
  const moment = fc.nat({ max: 59 }).map(at)
  const event: fc.Arbitrary<RunEvent> = fc.oneof(
    fc.constant(started),
    fc.record({ type: fc.constant('layer_started' as const), at: moment, layer: name, attempt: fc.nat() }),
    fc.record({ type: fc.constant('layer_succeeded' as const), at: moment, layer: name }),
    fc.record({
      type: fc.constant('table_done' as const),
      at: moment,
      layer: name,
      flow: fc.constantFrom(flow('a', 1), flow('b', 2)),
    }),
    fc.record({
      type: fc.constant('log' as const),
      at: moment,
      layer: name,
      level: fc.constant('warn' as const),
      message: fc.string(),
    }),
    fc.record({
      type: fc.constant('run_closed' as const),
      at: moment,
      status: fc.constantFrom('succeeded' as const, 'failed' as const, 'canceled' as const),
      error: fc.constant(null),
    }),
  )
  fc.assert(
    fc.property(fc.array(event), event, (events, last) => {
      const state = fold(events)
      const before = structuredClone(state)
      reduceRun(state, last)
      expect(state).toEqual(before)
    }),
  )
})

test('how long a run took: nothing before it has begun and until it is over, and never below 0', () => {
  const closed: RunEvent = { type: 'run_closed', at: at(9), status: 'succeeded', error: null }
  expect(runDuration(initialRun('r-1'), at(5))).toBe(null)
  expect([runDuration(fold([started])), runDuration(fold([started]), at(5))]).toEqual([null, 5000])
  const over = fold([started, closed])
  expect([runDuration(over), runDuration(over, at(50))]).toEqual([9000, 9000])
  expect(runDuration(fold([{ ...started, at: at(10) }, closed]))).toBe(0)
})

import { expect, test } from 'vitest'
import { initialFold } from '../../../../../src/lib/adapters/aws/runs/fold.js'
import { foldOutput } from '../../../../../src/lib/adapters/aws/runs/output-fold.js'
import { emptyFlow } from '../../../../../src/lib/core/run/run.js'

const FOLD = { ...initialFold('r-1', { target: 'prod', source: 's' }), state: 'LoadRaw' }
const at = new Date('2026-05-04T02:00:00.500Z')
const flow = emptyFlow('stg_bookings')
const time = { at: '2026-05-04T02:00:00.500Z', layer: 'raw' }

test('lines are events of the layer whose job says them', () => {
  const progress = { table: 'stg_bookings', rows: 7, step: 'loading' }
  expect(foldOutput(FOLD, { at, line: { event: 'table_progress', ...progress } }).events).toEqual([
    { type: 'table_progress', ...time, ...progress },
  ])
  expect(foldOutput(FOLD, { at, line: { event: 'log', level: 'warn', message: 'm' } }).events).toEqual([
    { type: 'log', ...time, level: 'warn', message: 'm' },
  ])
  const done = foldOutput(FOLD, { at, line: { event: 'table_done', flow } })
  expect(done.events).toEqual([{ type: 'table_done', ...time, flow }])
  expect(done.fold.tables).toEqual(['stg_bookings'])
  expect(FOLD.tables).toEqual([])
})

test('why a job fails is kept until it has failed', () => {
  const said = { code: 'IO' as const, message: 'm', suggestions: [] }
  const { fold, events } = foldOutput(FOLD, { at, line: { event: 'failed', ...said } })
  expect([fold.said, events]).toEqual([said, []])
})

test('before a layer nothing is said', () => {
  const line = { event: 'log', level: 'info', message: 'm' } as const
  expect(foldOutput({ ...FOLD, state: '' }, { at, line }).events).toEqual([])
})

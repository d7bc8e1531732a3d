import { expect, test } from 'vitest'
import { applied, initialFold, layerOf } from '../../../../../src/lib/adapters/aws/runs/fold.js'

const FOLD = initialFold('r-1', { target: 'prod', source: 's' })

test('each state that runs a job belongs to a layer', () => {
  expect(['SnapshotRaw', 'ExtractRaw', 'LoadRaw', 'CuratedLayer', 'NotifyFailure'].map(layerOf)).toEqual([
    ...['extract', 'extract', 'raw', 'curated'],
    undefined,
  ])
})

test('an event without a time has that of the one before it', () => {
  const first = applied(FOLD, new Date('2026-05-04T02:00:00Z'), { change: { state: 'LoadRaw' } })
  const next = applied(first.fold, undefined, { events: [{ type: 'layer_succeeded', layer: 'raw' }] })
  expect(next.events).toEqual([{ type: 'layer_succeeded', layer: 'raw', at: '2026-05-04T02:00:00.000Z' }])
  expect([FOLD.state, next.fold.state]).toEqual(['', 'LoadRaw'])
})

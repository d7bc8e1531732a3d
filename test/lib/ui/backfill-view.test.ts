import { expect, test } from 'vitest'
import { backfillLine, backfillView } from '../../../src/lib/ui/backfill-view.js'
import { recordOf } from '../../fakes/run-store.js'

const { state } = recordOf('b-1', ['succeeded', 'succeeded', 'succeeded'])
const run = { ...state, started_at: '2025-04-01T02:00:00Z', closed_at: '2025-04-01T02:01:05Z' }
const failed = {
  ...recordOf('b-2', ['failed', 'pending', 'pending']).state,
  error: { code: 'IO' as const, message: 'cannot read\nsecond line', suggestions: [], layer: 'extract' as const },
}

test('days for a reader', () => {
  const days = [
    { as_of: '2025-03-01', run, before: true },
    { as_of: '2025-03-02', run: failed, before: false },
    { as_of: '2025-03-03', run: null, before: false },
  ]
  const { row } = backfillView(days)
  expect(days.map((_, at) => row([], at))).toEqual([
    ['2025-03-01', 'succeeded before', 'b-1', '1m 5s', '0', null],
    ['2025-03-02', 'failed', 'b-2', null, null, 'cannot read'],
    ['2025-03-03', 'pending', null, null, null, null],
  ])
})

test('a day in a line', () => {
  const line = (of: typeof run | typeof failed) =>
    backfillLine({ as_of: '2025-03-01', run: of, before: false }, { at: 1, of: 7 })
  expect(line(run)).toBe('2025-03-01  1/7  succeeded in 1m 5s, 0 rows moved  b-1')
  expect(line(failed)).toBe('2025-03-01  1/7  failed  b-2')
})

import { expect, test } from 'vitest'
import { runsView } from '../../../src/lib/ui/runs-view.js'
import { at, EVENTS, FAILED, stateOf } from '../../support/run-states.js'

const now = new Date(Date.parse(at(0)) + 3 * 3_600_000 + 60_000)

test('what came of each run, how long ago, and what it moved', () => {
  const failed = stateOf(FAILED)
  const long = { ...failed, error: { ...failed.error, message: 'the disk is full\nand more' } as typeof failed.error }
  const states = [stateOf(EVENTS), long, stateOf(EVENTS.slice(0, 4)), { ...failed, started_at: null }]
  const { columns, row } = runsView(
    states.map((state) => ({ state })),
    now,
  )
  expect(columns.map(({ name }) => name)).toEqual(['run_id', 'status', 'when', 'took', 'moved', 'error'])
  expect(states.map((_, place) => row([], place))).toEqual([
    ['r-1', 'succeeded', '3 h ago', '7.0 s', '1,090', null],
    ['r-1', 'failed', '3 h ago', '5.0 s', null, 'the disk is full'],
    ['r-1', 'running', '3 h ago', '3h 1m', null, null],
    ['r-1', 'failed', null, null, null, 'the disk is full'],
  ])
  const status = columns[1]?.style
  expect([status?.('succeeded'), status?.('failed'), status?.('running')]).toEqual(['green', 'red', 'cyan'])
})

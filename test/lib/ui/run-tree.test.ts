import { renderToString } from 'ink'
import { createElement } from 'react'
import { describe, expect, test } from 'vitest'
import type { RunState } from '../../../src/lib/core/run/events.js'
import { RunTree, type RunTreeProps } from '../../../src/lib/ui/run-tree.js'
import { at, EVENTS, FAILED, flow, stateOf } from '../../support/run-states.js'

function frame(state: RunState, props: Partial<RunTreeProps> = {}): string[] {
  const { width = 80 } = props
  const all = {
    state,
    now: Date.parse(at(2)),
    width,
    height: Number.POSITIVE_INFINITY,
    source: 'csv:/data/in',
    detaches: false,
    over: false,
  }
  return renderToString(createElement(RunTree, { ...all, ...props }), { columns: width }).split('\n')
}

describe('frames of a run', () => {
  test('before anything has begun', () => {
    expect(frame(stateOf(EVENTS.slice(0, 1)))).toEqual([
      'run r-1 · Ctrl-C stops the run cleanly · as of 2026-04-30 · csv:/data/in',
      '· extract',
      '· raw',
      '· curated',
    ])
  })

  test('a table under way', () => {
    expect(frame(stateOf(EVENTS.slice(0, 3)))).toEqual([
      'run r-1 · Ctrl-C stops the run cleanly · as of 2026-04-30 · csv:/data/in',
      '⠋ extract  2.0 s',
      '    bookings                  reading 1,200 rows',
      '· raw',
      '· curated',
    ])
  })

  test('a table that is done is no longer under way', () => {
    expect(frame(stateOf(EVENTS.slice(0, 4)), { now: Date.parse(at(2)) + 100 })[1]).toBe('⠙ extract  2.1 s')
    expect(frame(stateOf(EVENTS.slice(0, 4)))[2]).toBe(
      '    bookings                  1,200 rows in, 1,100 rows out, 100 unchanged',
    )
  })

  test('the last one, which stays', () => {
    expect(frame(stateOf(EVENTS), { over: true })).toEqual([
      'run r-1 · as of 2026-04-30 · csv:/data/in',
      '✓ extract  3.0 s succeeded',
      '    bookings                  1,200 rows in, 1,100 rows out, 100 unchanged',
      '✓ raw      2.0 s succeeded',
      '    stg_bookings              1,080 inserted, 10 updated, 4 superseded, 6 quara…',
      '✓ curated  2.0 s succeeded',
      '    fact_bookings             290 filtered',
    ])
  })

  test('a failure after a second attempt', () => {
    expect(frame(stateOf(FAILED), { over: true }).slice(3)).toEqual(['✗ raw      2.0 s, attempt 2 failed', '· curated'])
  })
})

test('layers that another run did are skipped', () => {
  const skipped = [
    { layer: 'extract' as const, done_by: 'r-0' },
    { layer: 'curated' as const, done_by: null },
  ]
  const [started] = EVENTS
  expect(frame(stateOf([{ ...(started as (typeof EVENTS)[0]), skipped } as (typeof EVENTS)[0]]))).toEqual([
    'run r-1 · Ctrl-C stops the run cleanly · as of 2026-04-30 · csv:/data/in',
    '– extract  skipped: done by run r-0',
    '· raw',
    '– curated  skipped',
  ])
})

test('the first line says what Ctrl-C does, also where there is no room for the source', () => {
  const state = stateOf(EVENTS.slice(0, 1))
  expect(frame(state, { detaches: true })[0]).toBe(
    'run r-1 · Ctrl-C leaves the run going on · as of 2026-04-30 · csv:/data/in',
  )
  expect(frame(state, { width: 40 })[0]).toBe('run r-1 · Ctrl-C stops the run cleanly …')
})

test('no line is wider than the terminal', () => {
  expect(frame(stateOf(EVENTS), { width: 40, over: true })).toEqual([
    'run r-1 · as of 2026-04-30 · csv:/data/…',
    '✓ extract  3.0 s succeeded',
    '    bookings                  1,200 row…',
    '✓ raw      2.0 s succeeded',
    '    stg_bookings              1,080 ins…',
    '✓ curated  2.0 s succeeded',
    '    fact_bookings             290 filte…',
  ])
})

describe('on a terminal that is lower than the tree', () => {
  const [first, second] = [flow('apartments', { rows_in: 3 }), flow('bookings', { rows_in: 4 })]
  const table = (layer: 'extract' | 'raw', one: typeof first) =>
    ({ type: 'table_done', at: at(2), layer, flow: one }) as const
  const progress = {
    type: 'table_progress',
    at: at(2),
    layer: 'raw',
    table: 'users',
    rows: 0,
    step: 'writing',
  } as const
  const events = [...EVENTS.slice(0, 2), table('extract', first), table('extract', second), ...EVENTS.slice(4, 6)]
  const raw = stateOf([...events, table('raw', first), table('raw', second), progress])
  const shown = (height: number) => frame(raw, { height }).map((line) => line.trim().split(/ +/)[0])

  test('finished layers are folded to a line, then the running one loses tables that are done, then other layers', () => {
    expect(shown(9)).toEqual(['run', '✓', 'apartments', 'bookings', '⠋', 'apartments', 'bookings', 'users', '·'])
    for (const height of [8, 7])
      expect(shown(height)).toEqual(['run', '✓', '⠋', 'apartments', 'bookings', 'users', '·'])
    expect(shown(5)).toEqual(['run', '✓', '⠋', 'users', '·'])
    expect(shown(4)).toEqual(['run', '✓', '⠋', '·'])
    expect(shown(3)).toEqual(['run', '✓', '⠋'])
    expect(shown(2)).toEqual(['run', '⠋'])
    expect(shown(1)).toEqual(['run'])
  })
})

test('what data hold cannot move the cursor', () => {
  const state = {
    ...stateOf(EVENTS.slice(0, 2)),
    progress: { 'extract/b\u001b[2J': { rows: 0, step: 'reading\u202e' } },
  }
  const text = frame(state, { source: 'csv:/a\u0007' }).join('\n')
  expect(text).toContain('csv:/a\\u0007')
  expect(text).toContain('b\\u001b[2J')
  expect(text).toContain('reading\\u202e')
})

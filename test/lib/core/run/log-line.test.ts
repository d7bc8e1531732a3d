import { expect, test } from 'vitest'
import type { RunEvent } from '../../../../src/lib/core/run/events.js'
import { flowText, type LogLine, toLine } from '../../../../src/lib/core/run/log-line.js'
import { emptyFlow } from '../../../../src/lib/core/run/run.js'

const at = '2026-05-04T02:00:00.000Z'
const error = { code: 'IO' as const, message: 'disk full', suggestions: [] }

test.each<[RunEvent, Omit<LogLine, 'at'> | undefined]>([
  [
    { type: 'run_started', at, run_id: 'r-1', parent: null, as_of: '2026-05-03', reconciled: true, skipped: [] },
    { layer: null, level: 'info', message: 'run r-1 as of 2026-05-03' },
  ],
  [
    { type: 'layer_started', at, layer: 'raw', attempt: 2 },
    { layer: 'raw', level: 'info', message: 'started, attempt 2' },
  ],
  [{ type: 'table_progress', at, layer: 'raw', table: 'bookings', rows: 3, step: 'read' }, undefined],
  [
    { type: 'table_done', at, layer: 'extract', flow: { ...emptyFlow('bookings'), rows_in: 3, rows_out: 2 } },
    { layer: 'extract', level: 'info', message: 'bookings: 3 rows in, 2 rows out' },
  ],
  [
    { type: 'layer_retrying', at, layer: 'raw', attempt: 2, error: 'throttled' },
    { layer: 'raw', level: 'warn', message: 'trying again, attempt 2: throttled' },
  ],
  [
    { type: 'layer_succeeded', at, layer: 'raw' },
    { layer: 'raw', level: 'info', message: 'succeeded' },
  ],
  [
    { type: 'layer_failed', at, layer: 'raw', error },
    { layer: 'raw', level: 'error', message: 'failed: disk full' },
  ],
  [
    { type: 'log', at, layer: null, level: 'warn', message: 'drift' },
    { layer: null, level: 'warn', message: 'drift' },
  ],
  [
    { type: 'notice', at, subject: 'run r-1 failed', message: 'long' },
    { layer: null, level: 'warn', message: 'notice: run r-1 failed' },
  ],
  [
    { type: 'run_closed', at, status: 'succeeded', error: null },
    { layer: null, level: 'info', message: 'run succeeded' },
  ],
  [
    { type: 'run_closed', at, status: 'failed', error: { ...error, layer: 'raw' } },
    { layer: null, level: 'error', message: 'run failed' },
  ],
  [
    { type: 'run_closed', at, status: 'canceled', error: { ...error, layer: null } },
    { layer: null, level: 'error', message: 'run canceled: disk full' },
  ],
])('%j', (event, line) => {
  expect(toLine(event)).toEqual(line && { at, ...line })
})

test('a flow says what is not zero, rules summed up', () => {
  expect(
    flowText({
      table: 'stg_bookings',
      rows_in: 100,
      rows_out: 80,
      inserted: 5,
      late: 0,
      updated: 4,
      deleted: 3,
      unchanged: 71,
      superseded: 7,
      quarantined: { 'null_key:booking_id': 2, 'bad_row:fields': 1 },
      nullified: { num_guests: 9 },
      filtered: { 'not_confirmed:canceled': 6 },
      unexplained: -4,
    }),
  ).toBe(
    'stg_bookings: 100 rows in, 80 rows out, 5 inserted, 4 updated, 3 deleted, 71 unchanged, 7 superseded, 3 quarantined, 9 nullified, 6 filtered, -4 UNEXPLAINED',
  )
  expect(flowText(emptyFlow('bookings'))).toBe('bookings: nothing moved')
})

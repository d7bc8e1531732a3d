import { initialRun, type RunEvent, type RunState, reduceRun } from '../../src/lib/core/run/events.js'
import { emptyFlow, type LayerName, type TableFlow } from '../../src/lib/core/run/run.js'

/** Second `n` of the morning on which the runs of these tests happen. */
export const at = (second: number): string => new Date(Date.UTC(2026, 4, 1, 2, 10, second)).toISOString()

export const flow = (table: string, counts: Partial<TableFlow>): TableFlow => ({ ...emptyFlow(table), ...counts })

const done = (second: number, layer: LayerName, table: string, counts: Partial<TableFlow>): RunEvent => ({
  type: 'table_done',
  at: at(second),
  layer,
  flow: flow(table, counts),
})

/** A run of one table, event by event. */
export const EVENTS: readonly RunEvent[] = [
  { type: 'run_started', at: at(0), run_id: 'r-1', parent: null, as_of: '2026-04-30', reconciled: true, skipped: [] },
  { type: 'layer_started', at: at(0), layer: 'extract', attempt: 1 },
  { type: 'table_progress', at: at(1), layer: 'extract', table: 'bookings', rows: 1200, step: 'reading' },
  done(2, 'extract', 'bookings', { rows_in: 1200, rows_out: 1100, unchanged: 100 }),
  { type: 'layer_succeeded', at: at(3), layer: 'extract' },
  { type: 'layer_started', at: at(3), layer: 'raw', attempt: 1 },
  done(4, 'raw', 'stg_bookings', {
    rows_in: 1100,
    rows_out: 1090,
    inserted: 1080,
    updated: 10,
    superseded: 4,
    quarantined: { 'null_key:booking_id': 6 },
    nullified: { total_price: 2 },
  }),
  { type: 'layer_succeeded', at: at(5), layer: 'raw' },
  { type: 'layer_started', at: at(5), layer: 'curated', attempt: 1 },
  done(6, 'curated', 'fact_bookings', { rows_in: 1090, rows_out: 800, filtered: { 'not_confirmed:pending': 290 } }),
  { type: 'layer_succeeded', at: at(7), layer: 'curated' },
  { type: 'run_closed', at: at(7), status: 'succeeded', error: null },
]

/** The state after these events. */
export function stateOf(events: readonly RunEvent[]): RunState {
  return events.reduce(reduceRun, initialRun('r-1'))
}

/** What raw fails with after extract has succeeded. */
export const FAILED: readonly RunEvent[] = [
  ...EVENTS.slice(0, 6),
  { type: 'layer_retrying', at: at(4), layer: 'raw', attempt: 2, error: 'the disk is slow' },
  { type: 'layer_started', at: at(4), layer: 'raw', attempt: 2 },
  {
    type: 'layer_failed',
    at: at(5),
    layer: 'raw',
    error: { code: 'IO', message: 'the disk is full', suggestions: [] },
  },
  {
    type: 'run_closed',
    at: at(5),
    status: 'failed',
    error: { code: 'IO', message: 'the disk is full', suggestions: ['df -h .'], layer: 'raw' },
  },
]

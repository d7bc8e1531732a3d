import { expect, test } from 'vitest'
import { initialRun } from '../../../src/lib/core/run/events.js'
import { dryRunReport, flowSummary, type RunReportOptions, runReport } from '../../../src/lib/ui/run-report.js'
import { EVENTS, FAILED, flow, stateOf } from '../../support/run-states.js'

const PLAIN: RunReportOptions = { width: 80, color: false, logLines: [], tables: true, error: true }
const lines = async (...args: Parameters<typeof runReport>): Promise<string[]> => (await runReport(...args)).split('\n')

test('a run that succeeded: its tables, the verdict, the balance', async () => {
  expect(await lines(stateOf(EVENTS), PLAIN)).toEqual([
    'extract      in    out  same',
    '────────  ─────  ─────  ────',
    'bookings  1,200  1,100   100',
    '',
    'raw              in    new  changed  superseded  quarantined  nullified',
    '────────────  ─────  ─────  ───────  ──────────  ───────────  ─────────',
    'stg_bookings  1,100  1,080       10           4            6          2',
    '',
    'curated           in  out  left out',
    '─────────────  ─────  ───  ────────',
    'fact_bookings  1,090  800       290',
    '',
    '✓ run r-1 succeeded in 7.0 s, as of 2026-04-30',
    'ledger: 1,200 rows = 1,090 to raw + 4 superseded + 6 quarantined + 100',
    '    unchanged; unexplained 0',
  ])
})

test('a run that failed: the layer, why, and its log; without tables where a live view has shown them', async () => {
  const logLines = ['02:10:04 warn raw: trying again']
  expect(await lines(stateOf(FAILED), { ...PLAIN, tables: false, logLines })).toEqual([
    '✗ run r-1 failed in 5.0 s, as of 2026-04-30',
    'ledger: 1,200 rows = 100 unchanged; unexplained 0',
    'layer raw: the disk is full',
    'its log:',
    '  02:10:04 warn raw: trying again',
  ])
  expect(await lines(stateOf(FAILED), { ...PLAIN, tables: false, error: false })).toEqual([
    '✗ run r-1 failed in 5.0 s, as of 2026-04-30',
    'ledger: 1,200 rows = 100 unchanged; unexplained 0',
  ])
})

test('a run that is going on, and one that another error ended', async () => {
  expect(await lines(stateOf(EVENTS.slice(0, 2)), PLAIN)).toEqual(['… run r-1 is going on, as of 2026-04-30'])
  const error = { code: 'CANCELED' as const, message: 'stopped by Ctrl-C', suggestions: [], layer: null }
  const canceled = { ...stateOf(EVENTS.slice(0, 2)), status: 'canceled' as const, error }
  expect(await lines(canceled, PLAIN)).toEqual(['■ run r-1 canceled, as of 2026-04-30', 'the run: stopped by Ctrl-C'])
})

test('rows that are not explained stand out', async () => {
  const state = stateOf(EVENTS.slice(0, 4))
  const [extract, ...rest] = state.layers
  const layers = [
    { ...(extract as (typeof rest)[0]), tables: [flow('bookings', { rows_in: 2, unexplained: 2 })] },
    ...rest,
  ]
  expect(await lines({ ...state, layers }, PLAIN)).toEqual([
    'extract   in  out  unexplained',
    '────────  ──  ───  ───────────',
    'bookings   2    0            2',
    '',
    '… run r-1 is going on, as of 2026-04-30',
    'ledger: 2 rows; unexplained 2',
  ])
})

test('what a layer did to a table, in a few words', () => {
  expect([
    flowSummary('extract', flow('t', { rows_in: 1000 })),
    flowSummary('extract', flow('t', { rows_in: 2, rows_out: 1, deleted: 3 })),
    flowSummary('raw', flow('t', { inserted: 1, updated: 2, deleted: 3, superseded: 4 })),
    flowSummary('raw', flow('t', { quarantined: { a: 1, b: 2 }, nullified: { c: 3 } })),
    flowSummary('raw', flow('t', {})),
    flowSummary('curated', flow('t', { rows_out: 5, deleted: 1, filtered: { d: 2 }, unexplained: 1 })),
  ]).toEqual([
    '1,000 read, nothing moved',
    '2 read, 1 new or changed, 3 gone',
    '1 inserted, 2 updated, 3 deleted, 4 superseded',
    '3 quarantined, 3 values nullified',
    'nothing moved',
    '5 built, 1 taken out, 2 left out, 1 UNEXPLAINED',
  ])
})

test('what a run would do', async () => {
  const state = initialRun('r-2')
  const [extract, raw, curated] = state.layers as [
    (typeof state.layers)[0],
    (typeof state.layers)[0],
    (typeof state.layers)[0],
  ]
  const layers = [
    { ...extract, tables: [flow('bookings', { rows_in: 3, rows_out: 2, unchanged: 1 })] },
    { ...raw, status: 'skipped' as const, done_by: 'r-1' },
    { ...curated, status: 'skipped' as const },
  ]
  expect(
    (await dryRunReport({ ...state, as_of: '2026-04-30', layers }, { width: 50, color: false })).split('\n'),
  ).toEqual([
    'nothing was changed; a run as of 2026-04-30 would…',
    '  extract  yes',
    '    bookings               3 read, 2 new or chang…',
    '  raw      nothing: run r-1 did it',
    '  curated  nothing',
  ])
})

import { expect, test } from 'vitest'
import { initialRun, type RunState } from '../../../src/lib/core/run/events.js'
import type { LayerResult } from '../../../src/lib/core/run/run.js'
import { dryRunReport, flowSummary, type RunReportOptions, runReport } from '../../../src/lib/ui/run-report.js'
import { toTerminal } from '../../../src/lib/ui/terminal.js'
import { EVENTS, FAILED, flow, stateOf } from '../../support/run-states.js'

const PLAIN: RunReportOptions = { width: 80, logLines: [], tables: true, error: true }
const plain = (text: string): string[] => toTerminal(text, { color: false }).split('\n')
const lines = async (...args: Parameters<typeof runReport>): Promise<string[]> => plain(await runReport(...args))

test('a run that succeeded: its tables, the verdict, the balance', async () => {
  expect(await lines(stateOf(EVENTS), PLAIN)).toEqual([
    'extract   rows_in  rows_out  unchanged',
    '────────  ───────  ────────  ─────────',
    'bookings    1,200     1,100        100',
    '',
    'raw           rows_in  inserted  updated  superseded  quarantined  nullified',
    '────────────  ───────  ────────  ───────  ──────────  ───────────  ─────────',
    'stg_bookings    1,100     1,080       10           4            6          2',
    '',
    'curated        rows_in  rows_out  filtered',
    '─────────────  ───────  ────────  ────────',
    'fact_bookings    1,090       800       290',
    '',
    '✓ run r-1 succeeded in 7.0 s, as of 2026-04-30',
    'ledger: 1,200 rows in = 1,090 rows out + 4 superseded + 6 quarantined + 100 unchanged; unexplained 0',
  ])
})

test('a run that failed: the layer, why, and its log; without tables where a live view has shown them', async () => {
  const logLines = ['02:10:04 warn raw: trying again']
  expect(await lines(stateOf(FAILED), { ...PLAIN, tables: false, logLines })).toEqual([
    '✗ run r-1 failed in 5.0 s, as of 2026-04-30',
    'ledger: 1,200 rows in = 100 unchanged; unexplained 0',
    'layer raw: the disk is full',
    'its log:',
    '  02:10:04 warn raw: trying again',
  ])
  expect(await lines(stateOf(FAILED), { ...PLAIN, tables: false, error: false })).toEqual([
    '✗ run r-1 failed in 5.0 s, as of 2026-04-30',
    'ledger: 1,200 rows in = 100 unchanged; unexplained 0',
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
    'extract   rows_in  unexplained',
    '────────  ───────  ───────────',
    'bookings        2            2',
    '',
    '… run r-1 is going on, as of 2026-04-30',
    'ledger: 2 rows in; unexplained 2',
  ])
})

test('what a layer did to a table, in a few words', () => {
  expect([
    flowSummary('extract', flow('t', { rows_in: 1000, unchanged: 1000 })),
    flowSummary('extract', flow('t', { rows_in: 2, rows_out: 1, deleted: 3 })),
    flowSummary('raw', flow('t', { inserted: 1, updated: 2, deleted: 3, superseded: 4 })),
    flowSummary('raw', flow('t', { quarantined: { a: 1, b: 2 }, nullified: { c: 3 } })),
    flowSummary('raw', flow('t', {})),
    flowSummary('curated', flow('t', { rows_out: 5, deleted: 1, filtered: { d: 2 }, unexplained: 1 })),
  ]).toEqual([
    '1,000 rows in, 1,000 unchanged',
    '2 rows in, 1 rows out, 3 deleted',
    '1 inserted, 2 updated, 3 deleted, 4 superseded',
    '3 quarantined, 3 nullified',
    'nothing moved',
    '1 deleted, 2 filtered, 1 UNEXPLAINED',
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
  expect(plain(dryRunReport({ ...state, as_of: '2026-04-30', layers }))).toEqual([
    'nothing was changed; a run as of 2026-04-30 would do:',
    '  extract  yes',
    '    bookings                3 rows in, 2 rows out, 1 unchanged',
    '  raw      nothing: run r-1 did it',
    '  curated  nothing',
  ])
})

test('tables on which nothing was done are not listed', async () => {
  const state = stateOf(EVENTS)
  const [extract, raw, curated] = state.layers as [LayerResult, LayerResult, LayerResult]
  const idle = { ...raw, tables: [flow('stg_bookings', {}), flow('stg_apartments', {})] }
  const half = { ...curated, tables: [flow('dim_users', {}), ...curated.tables] }
  expect((await lines({ ...state, layers: [{ ...extract, tables: [] }, idle, half] }, PLAIN)).slice(0, 6)).toEqual([
    'raw: nothing moved in 2 tables',
    '',
    'curated        rows_in  rows_out  filtered',
    '─────────────  ───────  ────────  ────────',
    'fact_bookings    1,090       800       290',
    '',
  ])
})

test('the verdict is in the colour of its outcome, and so is what is not explained', async () => {
  const shown = async (state: RunState) => toTerminal(await runReport(state, PLAIN), { color: true }).split('\n')
  expect((await shown(stateOf(EVENTS))).at(-2)).toBe(
    '\u001b[32m✓\u001b[39m run r-1 \u001b[32msucceeded\u001b[39m in 7.0 s, as of 2026-04-30',
  )
  expect((await shown(stateOf(FAILED))).find((line) => line.includes('run r-1'))).toContain('\u001b[31m✗\u001b[39m run')
})

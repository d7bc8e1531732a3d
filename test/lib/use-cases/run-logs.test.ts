import { expect, test } from 'vitest'
import type { ErrorReport } from '../../../src/lib/core/errors.js'
import type { RunEvent } from '../../../src/lib/core/run/events.js'
import { emptyFlow } from '../../../src/lib/core/run/run.js'
import { followLog, runLog } from '../../../src/lib/use-cases/run-logs.js'
import { begun, ScriptedOrchestrator } from '../../fakes/orchestrator.js'
import { FakeRunStore } from '../../fakes/run-store.js'
import { collect } from '../../support/collect.js'

const at = '2026-05-04T02:00:00.000Z'
const error: ErrorReport = { code: 'IO', message: 'disk full', suggestions: [] }
const flow = { ...emptyFlow('bookings'), rows_in: 5, rows_out: 2, unchanged: 2, quarantined: { null_key: 1 } }
const events: RunEvent[] = [
  begun('r-1'),
  { type: 'layer_started', at, layer: 'extract', attempt: 1 },
  { type: 'table_progress', at, layer: 'extract', table: 'bookings', rows: 1, step: 'reading' },
  { type: 'table_done', at, layer: 'extract', flow },
  { type: 'layer_succeeded', at, layer: 'extract' },
  { type: 'layer_started', at, layer: 'raw', attempt: 1 },
  { type: 'log', at, layer: 'raw', level: 'warn', message: 'busy' },
  { type: 'layer_retrying', at, layer: 'raw', attempt: 2, error: 'busy' },
  { type: 'layer_failed', at, layer: 'raw', error },
  { type: 'notice', at, subject: 'rental-etl: LoadRaw failed', message: '' },
  { type: 'run_closed', at, status: 'failed', error: { ...error, layer: 'raw' } },
]
const archive = new FakeRunStore([], events)
const text = (line: { layer: string | null; level: string; message: string }): string =>
  `${line.layer ?? '-'} ${line.level} ${line.message}`
const raw = [
  'raw info started, attempt 1',
  'raw warn busy',
  'raw warn trying again, attempt 2: busy',
  'raw error failed: disk full',
]

test('a line for each event that says something', async () => {
  expect((await runLog(archive, 'r-1', { failed: false })).map(text)).toEqual([
    '- info run r-1 as of 2025-03-24',
    'extract info started, attempt 1',
    'extract info bookings: 5 rows in, 2 rows out, 2 unchanged, 1 quarantined',
    'extract info succeeded',
    ...raw,
    '- warn notice: rental-etl: LoadRaw failed',
    '- error run failed',
  ])
})

test('of one layer, or of those that did not succeed', async () => {
  expect((await runLog(archive, 'r-1', { failed: false, layer: 'raw' })).map(text)).toEqual(raw)
  expect((await runLog(archive, 'r-1', { failed: true })).map(text)).toEqual(raw)
})

test('followed, as they come', async () => {
  const orchestrator = new ScriptedOrchestrator([], { 'r-1': events })
  const signal = new AbortController().signal
  const lines = await collect(followLog(orchestrator, 'r-1', { failed: true, layer: 'raw' }, { signal }))
  expect(lines.map(text)).toEqual(raw.slice(1))
})

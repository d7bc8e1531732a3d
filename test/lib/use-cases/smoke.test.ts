import { beforeEach, describe, expect, test } from 'vitest'
import { parseCron } from '../../../src/lib/core/config/cron.js'
import { EtlError } from '../../../src/lib/core/errors.js'
import type { RunEvent } from '../../../src/lib/core/run/events.js'
import { emptyFlow } from '../../../src/lib/core/run/run.js'
import { judge } from '../../../src/lib/core/verify/verify.js'
import type { StoredAudit } from '../../../src/lib/ports/stored-audit.js'
import { type SmokePorts, type SmokeStep, smoke } from '../../../src/lib/use-cases/smoke.js'
import { steppingClock } from '../../fakes/clock.js'
import { begun, closed, ScriptedOrchestrator } from '../../fakes/orchestrator.js'
import { FakeRunStore } from '../../fakes/run-store.js'
import { SILENT_SOURCE } from '../../fakes/source-check.js'
import { collect } from '../../support/collect.js'
import { emptyWarehouse, MemoryWarehouse } from '../../support/memory-database.js'

const at = '2026-05-04T02:00:00.000Z'
const done = (layer: 'extract' | 'raw', moved: Partial<ReturnType<typeof emptyFlow>>): RunEvent => ({
  type: 'table_done',
  at,
  layer,
  flow: { ...emptyFlow('bookings'), ...moved },
})
const VIEWS = judge({ name: 'views_as_defined', scope: 'views', severity: 'error', sql: '-- compared' }, 0, [])
const audit: StoredAudit = { content: async () => [], views: async () => VIEWS }
const signal = new AbortController().signal

let warehouse: MemoryWarehouse
beforeEach(async () => {
  const db = await emptyWarehouse()
  await db.run(`insert into curated.build values ('smoke-1', date '2026-05-03', 0)`)
  await db.run('create view presentation.vw_bookings_per_user_weekly as select 0 as bookings')
  await db.run('create view presentation.vw_b as select 1 as a where false')
  warehouse = new MemoryWarehouse(db)
})

function portsOf(
  events: Record<string, RunEvent[]>,
  changes: Partial<SmokePorts> = {},
): SmokePorts & { orchestrator: ScriptedOrchestrator } {
  const orchestrator = new ScriptedOrchestrator(
    Object.keys(events).map(() => undefined),
    events,
  )
  const ports = {
    warehouse: async () => warehouse,
    audit,
    source: SILENT_SOURCE,
    checks: {},
    ledger: {},
    views: { vw_bookings_per_user_weekly: 'select' },
    runs: new FakeRunStore([]),
    clock: steppingClock(),
    asOf: '2026-05-03',
    due: { schedule: parseCron('0 2 * * *'), graceMs: 0, asOf: () => '2026-05-03' },
  }
  return { ...ports, ...changes, orchestrator }
}

const whole = (runId: string, moved: number): RunEvent[] => [
  begun(runId),
  done('extract', { inserted: 99 }),
  done('raw', { inserted: moved }),
  closed(),
]
const FIRST: SmokeStep[] = [{ step: 'workflow', status: 'pass', message: 'is valid', duration_ms: 1 }]
const brief = (steps: SmokeStep[]): string[] =>
  steps.map(({ step, status, message }) => `${step} ${status}: ${message}`)

test('runs, verifies, shows, and runs again; the first steps are those of who called', async () => {
  const ports = portsOf({
    'smoke-1': whole('smoke-1', 7),
    'smoke-2': [begun('smoke-2'), done('raw', { unchanged: 7 }), closed()],
  })
  expect(await collect(smoke(ports, FIRST, signal))).toEqual([
    FIRST[0],
    { step: 'run', status: 'pass', message: '7 rows were loaded', duration_ms: 1000 },
    { step: 'verify', status: 'pass', message: '9 lines balance, 5 checks were made', duration_ms: 9000 },
    { step: 'metrics', status: 'pass', message: '1 views have rows', duration_ms: 1000 },
    { step: 'run again', status: 'pass', message: 'a second run moved 0 rows', duration_ms: 1000 },
  ])
  expect(ports.orchestrator.started.map(({ run_id, as_of }) => [run_id, as_of])).toEqual([
    ['smoke-1', '2026-05-03'],
    ['smoke-2', '2026-05-03'],
  ])
  expect(warehouse.closed).toBe(2)
})

describe('ends at the first step that fails', () => {
  const rest = (...steps: string[]): string[] => steps.map((step) => `${step} skip: not done: a step before it failed`)

  test('one of who called: nothing is started', async () => {
    const ports = portsOf({})
    const failed: SmokeStep[] = [{ step: 'workflow', status: 'fail', message: 'no', duration_ms: 1 }]
    expect(brief(await collect(smoke(ports, failed, signal)))).toEqual([
      'workflow fail: no',
      ...rest('run', 'verify', 'metrics', 'run again'),
    ])
    expect(ports.orchestrator.started).toEqual([])
  })

  test('a run that fails, with its error', async () => {
    const error = { code: 'JOB_FAILED' as const, message: 'out of disk', suggestions: [], layer: null }
    const ports = portsOf({ 'smoke-1': [begun('smoke-1'), { type: 'run_closed', at, status: 'failed', error }] })
    expect(brief(await collect(smoke(ports, [], signal)))).toEqual([
      'run fail: the run failed: out of disk',
      ...rest('verify', 'metrics', 'run again'),
    ])
  })

  test('a line that does not balance, and a check that was not made', async () => {
    await warehouse.db.run(`insert into raw_data.load_log (seq, table_name, source_rows) values (1, 'bookings', 3)`)
    expect(brief(await collect(smoke(portsOf({ 'smoke-1': whole('smoke-1', 7) }), [], signal)))).toEqual([
      'run pass: 7 rows were loaded',
      'verify fail: not in order: stg_bookings, raw_to_curated',
      ...rest('metrics', 'run again'),
    ])
    expect(warehouse.closed).toBe(1)
  })

  test('a view without rows', async () => {
    const ports = portsOf(
      { 'smoke-1': whole('smoke-1', 7) },
      { views: { vw_bookings_per_user_weekly: 'select', vw_b: 'select' } },
    )
    expect(brief(await collect(smoke(ports, [], signal))).slice(2)).toEqual([
      'metrics fail: vw_b is empty',
      ...rest('run again'),
    ])
  })

  test.each(['inserted', 'updated', 'deleted'] as const)('a second run in which rows are %s', async (moved) => {
    const ports = portsOf({
      'smoke-1': whole('smoke-1', 7),
      'smoke-2': [begun('smoke-2'), done('extract', { [moved]: 2 }), done('raw', { [moved]: 1 }), closed()],
    })
    expect(brief(await collect(smoke(ports, [], signal))).at(-1)).toBe('run again fail: a second run moved 3 rows')
  })
})

test('a bug is no failed step, and neither is an abort', async () => {
  const bug = new TypeError('x is undefined')
  const broken = { ...portsOf({ 'smoke-1': whole('smoke-1', 7) }), warehouse: () => Promise.reject(bug) }
  await expect(collect(smoke(broken, [], signal))).rejects.toBe(bug)
  const abort = new AbortController()
  abort.abort(new Error('stopped'))
  await expect(collect(smoke(portsOf({ 'smoke-1': whole('smoke-1', 7) }), [], abort.signal))).rejects.toThrow('stopped')
})

test('a start that is refused is a failed step', async () => {
  const locked = new EtlError('another run is going on', { code: 'LOCKED' })
  const ports = { ...portsOf({}), orchestrator: new ScriptedOrchestrator([locked]) }
  expect(brief(await collect(smoke(ports, [], signal)))[0]).toBe('run fail: another run is going on')
})

import { describe, expect, test } from 'vitest'
import { EtlError } from '../../../src/lib/core/errors.js'
import type { RunEvent } from '../../../src/lib/core/run/events.js'
import { emptyFlow } from '../../../src/lib/core/run/run.js'
import { checkLayers, dryRun, followOwn, startRun } from '../../../src/lib/use-cases/start-run.js'
import { begun, closed, ScriptedOrchestrator } from '../../fakes/orchestrator.js'
import { requestOf } from '../../fakes/requests.js'
import { FakeRunStore, recordOf } from '../../fakes/run-store.js'
import { SILENT_SOURCE } from '../../fakes/source-check.js'
import { collect } from '../../support/collect.js'

const locked = new EtlError('run r-1 is going on', { code: 'LOCKED' })
const signal = new AbortController().signal
const running = new FakeRunStore([recordOf('r-1', ['running', 'pending', 'pending'])])

describe('when another run is going on', () => {
  test('a run is refused', async () => {
    const orchestrator = new ScriptedOrchestrator([locked])
    const starting = startRun({ orchestrator, runs: running }, requestOf('r-2'), { onConflict: 'fail', signal })
    await expect(starting).rejects.toBe(locked)
    expect(orchestrator.followed).toEqual([])
  })

  test('wait: it starts once that one is over, however often it is overtaken', async () => {
    const orchestrator = new ScriptedOrchestrator([locked, locked, undefined], {
      'r-1': [begun('r-1'), closed('failed')],
    })
    const told: string[] = []
    const started = await startRun({ orchestrator, runs: running }, requestOf('r-2'), {
      onConflict: 'wait',
      onWait: (runId) => told.push(runId),
      signal,
    })
    expect(started).toEqual({ runId: 'r-2', attached: false })
    expect([orchestrator.starts, orchestrator.followed, told]).toEqual([[], ['r-1', 'r-1'], ['r-1']])
  })

  test('attach: that run is taken for this one', async () => {
    const orchestrator = new ScriptedOrchestrator([locked])
    const started = await startRun({ orchestrator, runs: running }, requestOf('r-2'), { onConflict: 'attach', signal })
    expect(started).toEqual({ runId: 'r-1', attached: true })
  })

  test('a lock that no run has is not waited for in vain', async () => {
    const orchestrator = new ScriptedOrchestrator(Array.from({ length: 40 }, () => locked))
    const idle = new FakeRunStore([recordOf('r-1', ['failed', 'pending', 'pending'])])
    const starting = startRun({ orchestrator, runs: idle }, requestOf('r-2'), { onConflict: 'attach', signal })
    await expect(starting).rejects.toBe(locked)
  }, 15_000)

  test('any other error is told at once', async () => {
    const full = new EtlError('disk full', { code: 'IO' })
    const orchestrator = new ScriptedOrchestrator([full])
    await expect(
      startRun({ orchestrator, runs: running }, requestOf('r-2'), { onConflict: 'wait', signal }),
    ).rejects.toBe(full)
  })

  test('waiting can be stopped', async () => {
    const stop = new AbortController()
    const orchestrator = new ScriptedOrchestrator([locked], { 'r-1': [new Promise<RunEvent>(() => undefined)] })
    const starting = startRun({ orchestrator, runs: running }, requestOf('r-2'), {
      onConflict: 'wait',
      onWait: () => setImmediate(() => stop.abort(new Error('Ctrl-C'))),
      signal: stop.signal,
    })
    await expect(starting).rejects.toThrow('Ctrl-C')
  })
})

test.each([
  [undefined, 'stopped by Ctrl-C'],
  [new Error('stopped by SIGTERM'), 'stopped by SIGTERM'],
])('stopping the command (%s) stops its run, which is told to its end', async (reason, said) => {
  const stop = new AbortController()
  const end = Promise.withResolvers<RunEvent>()
  const orchestrator = new ScriptedOrchestrator([], { 'r-1': [begun('r-1'), end.promise] }, () =>
    end.resolve(closed('canceled')),
  )
  const events: RunEvent[] = []
  for await (const event of followOwn(orchestrator, 'r-1', { signal: stop.signal })) {
    events.push(event)
    stop.abort(reason)
  }
  expect(events).toEqual([begun('r-1'), closed('canceled')])
  expect(orchestrator.canceled).toEqual([['r-1', said]])
})

test('a run that outlives its command is left going on', async () => {
  class Outliving extends ScriptedOrchestrator {
    override readonly outlives = true
  }
  const stop = new AbortController()
  const orchestrator = new Outliving([], { 'r-1': [begun('r-1'), new Promise<RunEvent>(() => undefined)] })
  const following = collect(followOwn(orchestrator, 'r-1', { signal: stop.signal }))
  setImmediate(() => stop.abort(new Error('Ctrl-C')))
  await expect(following).rejects.toThrow('Ctrl-C')
  expect(orchestrator.canceled).toEqual([])
})

test('a run that ends by itself is not canceled', async () => {
  const orchestrator = new ScriptedOrchestrator([], { 'r-1': [begun('r-1'), closed()] })
  expect(await collect(followOwn(orchestrator, 'r-1', { signal }))).toEqual([begun('r-1'), closed()])
  expect(orchestrator.canceled).toEqual([])
})

test('a dry run shows what extract would find, and nothing as done', async () => {
  const flow = { ...emptyFlow('bookings'), rows_in: 5, rows_out: 2, unchanged: 3 }
  const state = await dryRun({ ...SILENT_SOURCE, plan: async () => [flow] }, requestOf('r-2', { to: 'raw' }), signal)
  expect([state.status, state.as_of, state.error]).toEqual(['succeeded', '2025-03-24', null])
  expect(state.layers.map(({ layer, status, tables }) => [layer, status, tables])).toEqual([
    ['extract', 'pending', [flow]],
    ['raw', 'pending', []],
    ['curated', 'skipped', []],
  ])
})

test('a dry run without extract reads no source', async () => {
  const plan = async (): Promise<never> => {
    throw new Error('the source was read')
  }
  const state = await dryRun({ ...SILENT_SOURCE, plan }, requestOf('r-2', { from: 'curated' }), signal)
  expect(state.layers.map(({ status }) => status)).toEqual(['skipped', 'skipped', 'pending'])
})

test('layers go forward', () => {
  expect(() => checkLayers('curated', 'raw')).toThrow(
    expect.objectContaining({ exit: 'usage', suggestions: ['rental-etl run --from raw --to curated'] }),
  )
  expect(() => checkLayers('raw', 'raw')).not.toThrow()
})

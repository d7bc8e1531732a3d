import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../src/lib/core/run/events.js'
import type { LayerName } from '../../src/lib/core/run/run.js'
import type { Orchestrator } from '../../src/lib/ports/orchestrator.js'
import type { RunStore } from '../../src/lib/ports/run-store.js'
import { requestOf } from '../fakes/requests.js'
import { collect, finalState } from '../support/collect.js'

/** What the job of a layer does: end well, fail with the message `no`, or work until it is stopped. */
export type LayerScript = Partial<Record<LayerName, 'succeed' | 'fail' | 'block'>>

export interface OrchestratorHarness {
  orchestrator: Orchestrator
  runs: RunStore
}

/** What every orchestrator must do; `open` makes a fresh one for each test. */
export function orchestratorContract(name: string, open: (script: LayerScript) => Promise<OrchestratorHarness>): void {
  describe(name, () => {
    test('tells a run from its start to its end, and keeps it', async () => {
      const { orchestrator, runs } = await open({})
      await orchestrator.start(requestOf('r-1'))
      const events = await collect(orchestrator.follow('r-1'))
      expect(
        events.map(({ type }) => type).filter((type) => !['table_progress', 'table_done', 'log'].includes(type)),
      ).toEqual([
        'run_started',
        ...['layer_started', 'layer_succeeded', 'layer_started', 'layer_succeeded', 'layer_started', 'layer_succeeded'],
        'run_closed',
      ])
      const { state, request } = await runs.get('r-1')
      expect(request).toEqual(JSON.parse(JSON.stringify(requestOf('r-1'))))
      expect([state.status, state.as_of, state.error]).toEqual(['succeeded', '2025-03-24', null])
      expect(state.layers.map(({ layer, status, attempts }) => [layer, status, attempts])).toEqual([
        ['extract', 'succeeded', 1],
        ['raw', 'succeeded', 1],
        ['curated', 'succeeded', 1],
      ])
    })

    test('tells the same events to everyone, also afterwards', async () => {
      const { orchestrator } = await open({})
      await orchestrator.start(requestOf('r-1'))
      const [first, second] = await Promise.all([
        collect(orchestrator.follow('r-1')),
        collect(orchestrator.follow('r-1')),
      ])
      expect(second).toEqual(first)
      expect(await collect(orchestrator.follow('r-1'))).toEqual(first)
    })

    test('a failing layer ends the run; later ones are not begun', async () => {
      const { orchestrator, runs } = await open({ raw: 'fail' })
      await orchestrator.start(requestOf('r-1'))
      const final = await finalState(orchestrator.follow('r-1'))
      expect(final.status).toBe('failed')
      expect(final.layers.map(({ status }) => status)).toEqual(['succeeded', 'failed', 'pending'])
      expect(final.error).toMatchObject({ layer: 'raw', message: 'no' })
      expect(final.notices).toEqual(['rental-etl: LoadRaw failed'])
      expect((await runs.get('r-1')).state).toEqual(final)
    })

    test('does the layers that were asked for, and names who did the others', async () => {
      const { orchestrator } = await open({})
      await orchestrator.start(requestOf('r-2', { parent: 'r-1', from: 'raw', to: 'raw', done_by: { extract: 'r-1' } }))
      const final = await finalState(orchestrator.follow('r-2'))
      expect(final.parent).toBe('r-1')
      expect(final.layers.map(({ layer, status, done_by }) => [layer, status, done_by])).toEqual([
        ['extract', 'skipped', 'r-1'],
        ['raw', 'succeeded', null],
        ['curated', 'skipped', null],
      ])
    })

    test('cancel stops the jobs and tells why', async () => {
      const { orchestrator, runs } = await open({ raw: 'block' })
      await orchestrator.start(requestOf('r-1'))
      await until(orchestrator.follow('r-1'), (event) => event.type === 'layer_started' && event.layer === 'raw')
      await orchestrator.cancel('r-1', 'wrong source')
      const { state } = await runs.get('r-1')
      expect(state.status).toBe('canceled')
      expect(state.layers.map(({ status }) => status)).toEqual(['succeeded', 'canceled', 'pending'])
      expect(state.error).toEqual({ code: 'CANCELED', message: 'wrong source', suggestions: [], layer: 'raw' })
    })

    test('two cancels at once: both return when it has stopped, with one reason', async () => {
      const { orchestrator, runs } = await open({ raw: 'block' })
      await orchestrator.start(requestOf('r-1'))
      await until(orchestrator.follow('r-1'), (event) => event.type === 'layer_started' && event.layer === 'raw')
      const [first, second] = await Promise.all([
        orchestrator.cancel('r-1', 'wrong source'),
        orchestrator.cancel('r-1', 'wrong day'),
      ])
      const { state } = await runs.get('r-1')
      expect([first, second, state.error?.message]).toEqual([first, first, first])
      expect(await orchestrator.cancel('r-1', 'too late')).toBe(first)
    })

    test('one run at a time: a second is refused and names the first', async () => {
      const { orchestrator, runs } = await open({ raw: 'block' })
      await orchestrator.start(requestOf('r-1'))
      await expect(orchestrator.start(requestOf('r-2'))).rejects.toMatchObject({
        code: 'LOCKED',
        exit: 'locked',
        message: expect.stringContaining('run r-1'),
        suggestions: ['rental-etl watch r-1', 'rental-etl run --on-conflict wait'],
      })
      expect((await runs.list()).map(({ state }) => state.run_id)).toEqual(['r-1'])
      await orchestrator.cancel('r-1', 'over')
      await orchestrator.start(requestOf('r-2', { to: 'extract' }))
      expect((await finalState(orchestrator.follow('r-2'))).status).toBe('succeeded')
    })

    test('a run names whether it goes on without who started it', async () => {
      expect(typeof (await open({})).orchestrator.outlives).toBe('boolean')
    })

    test('who stops following does not stop the run', async () => {
      const { orchestrator, runs } = await open({ raw: 'block' })
      await orchestrator.start(requestOf('r-1'))
      const stop = new AbortController()
      const following = until(orchestrator.follow('r-1', { signal: stop.signal }), () => false)
      stop.abort(new Error('seen enough'))
      await expect(following).rejects.toThrow('seen enough')
      expect((await runs.get('r-1')).state.status).toBe('running')
      await orchestrator.cancel('r-1', 'over')
    })

    test('a run that is not there', async () => {
      const { orchestrator, runs } = await open({})
      const missing = { code: 'NO_RUN', exit: 'not_found' }
      await expect(collect(orchestrator.follow('r-1'))).rejects.toMatchObject(missing)
      await expect(orchestrator.cancel('r-1', 'x')).rejects.toMatchObject(missing)
      await expect(runs.get('r-1')).rejects.toMatchObject(missing)
      expect(await runs.list()).toEqual([])
    })
  })
}

/** Reads events up to the first that is wanted. */
export async function until(events: AsyncIterable<RunEvent>, wanted: (event: RunEvent) => boolean): Promise<RunEvent> {
  for await (const event of events) if (wanted(event)) return event
  throw new Error('the run ended before')
}

import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../src/lib/core/run/events.js'
import type { RunStatus } from '../../src/lib/core/run/run.js'
import type { RunRecord, RunStore } from '../../src/lib/ports/run-store.js'
import { selectRun } from '../../src/lib/use-cases/select-run.js'

/** A run to be kept, and what the clock said when it began. */
export interface KeptRun {
  runId: string
  at: string
  status: Exclude<RunStatus, 'running'>
}

/** What every store of runs must do; `open` keeps these runs, which began in this order, and returns the store. */
export function runStoreContract(name: string, open: (runs: readonly KeptRun[]) => Promise<RunStore>): void {
  const three: KeptRun[] = [
    { runId: 'b', at: '2026-05-04T02:00:00.000Z', status: 'succeeded' },
    // The clock was years ahead, and then right again.
    { runId: 'c', at: '2031-05-05T02:00:00.000Z', status: 'failed' },
    { runId: 'a', at: '2026-05-06T02:00:00.000Z', status: 'failed' },
  ]

  describe(name, () => {
    test('newest first is the order in which they began, whatever the clock said', async () => {
      const store = await open(three)
      const seen: RunRecord[] = []
      for await (const record of store.newest()) seen.push(record)
      expect(seen.map(({ state }) => [state.run_id, state.status])).toEqual([
        ['a', 'failed'],
        ['c', 'failed'],
        ['b', 'succeeded'],
      ])
      expect(await store.list()).toEqual(seen)
    })

    test('selectors follow that order', async () => {
      const store = await open(three)
      const named = async (selector: string): Promise<string> => (await selectRun(store, selector)).state.run_id
      expect([await named('@latest'), await named('@-2'), await named('@failed'), await named('b')]).toEqual([
        'a',
        'c',
        'a',
        'b',
      ])
      await expect(named('@-4')).rejects.toMatchObject({ code: 'NO_RUN', message: 'there are only 3 runs' })
      await expect(named('@running')).rejects.toMatchObject({ code: 'NO_RUN', message: 'no run is going on' })
    })

    test('a run is found by its id, and its events are kept', async () => {
      const store = await open(three)
      expect((await store.get('c')).request.run_id).toBe('c')
      expect((await store.events('c')).map(({ type }: RunEvent) => type)).toEqual(['run_started', 'run_closed'])
      await expect(store.get('d')).rejects.toMatchObject({ code: 'NO_RUN' })
      await expect(store.events('d')).rejects.toMatchObject({ code: 'NO_RUN' })
    })

    test('a run that is removed is no run any more; the others keep their order', async () => {
      const store = await open(three)
      await store.remove('c', { keepManifest: false })
      expect((await store.list()).map(({ state }) => state.run_id)).toEqual(['a', 'b'])
      await expect(store.get('c')).rejects.toMatchObject({ code: 'NO_RUN' })
    })

    test('without a run there is none', async () => {
      const store = await open([])
      expect(await store.list()).toEqual([])
      await expect(selectRun(store, '@latest')).rejects.toMatchObject({ message: 'there is no run yet' })
    })
  })
}

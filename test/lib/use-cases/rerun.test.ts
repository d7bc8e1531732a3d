import { describe, expect, test } from 'vitest'
import { planRerun } from '../../../src/lib/use-cases/rerun.js'
import { requestOf } from '../../fakes/requests.js'
import { FakeRunStore, loadsOf, recordOf } from '../../fakes/run-store.js'

const first = recordOf('r-1', ['succeeded', 'succeeded', 'succeeded'], {
  as_of: '2025-01-01',
  reconcile: 'never',
  full_refresh: true,
  allow_deletes: true,
})
const second = recordOf('r-2', ['succeeded', 'succeeded', 'succeeded'])
const runs = new FakeRunStore([second, first])
const loads = loadsOf('r-1', 'r-2')
const again = { parent: 'r-1', as_of: '2025-01-01', reconcile: 'never' } as const

test('extract: against raw as it is, with the as-of date of the run', async () => {
  const request = await planRerun({ runs, loads }, { layer: 'extract', run: 'r-1', only: false, runId: 'r-3' })
  expect(request).toEqual(requestOf('r-3', again))
})

test('curated: rebuilt in full, the layers before it named', async () => {
  const request = await planRerun({ runs, loads }, { layer: 'curated', run: 'r-1', only: false, runId: 'r-3' })
  const done_by = { extract: 'r-1', raw: 'r-1' }
  expect(request).toEqual(requestOf('r-3', { ...again, from: 'curated', rebuild_curated: true, done_by }))
})

describe('raw', () => {
  test('loads the manifest of the run that made it', async () => {
    const third = recordOf('r-3', ['skipped', 'succeeded', 'succeeded'], {
      parent: 'r-2',
      from: 'raw',
      manifest_run: 'r-2',
      done_by: { extract: 'r-2' },
    })
    const ports = { runs: new FakeRunStore([third, second, first]), loads: loadsOf('r-1', 'r-2', 'r-2') }
    const request = await planRerun(ports, { layer: 'raw', run: '@latest', only: true, runId: 'r-4' })
    expect(request).toEqual(
      requestOf('r-4', { parent: 'r-3', from: 'raw', to: 'raw', manifest_run: 'r-2', done_by: { extract: 'r-2' } }),
    )
  })

  test('or that of the run which did the extract for it', async () => {
    const layers = ['skipped', 'skipped', 'succeeded'] as const
    const rebuilt = recordOf('r-3', [...layers], { from: 'curated', done_by: { extract: 'r-2', raw: 'r-2' } })
    const ports = { runs: new FakeRunStore([rebuilt, second, first]), loads }
    const request = await planRerun(ports, { layer: 'raw', run: 'r-3', only: false, runId: 'r-4' })
    expect([request.manifest_run, request.done_by]).toEqual(['r-2', { extract: 'r-2' }])
  })

  test('is refused when a later run has loaded', async () => {
    await expect(
      planRerun({ runs, loads }, { layer: 'raw', run: 'r-1', only: false, runId: 'r-3' }),
    ).rejects.toMatchObject({
      exit: 'not_found',
      message: 'the manifest of run r-1 cannot be loaded once more: run r-2 has loaded since, and raw is ahead of it',
    })
  })

  test('is refused for a manifest that never loaded, when a later run has loaded', async () => {
    await expect(
      planRerun({ runs, loads: loadsOf('r-0', 'r-2') }, { layer: 'raw', run: 'r-1', only: false, runId: 'r-3' }),
    ).rejects.toMatchObject({ exit: 'not_found' })
  })

  test('an earlier load, also one of a pruned run, does not matter', async () => {
    for (const before of [loadsOf('r-0'), loadsOf()]) {
      const request = await planRerun({ runs, loads: before }, { layer: 'raw', run: 'r-1', only: false, runId: 'r-3' })
      expect(request.manifest_run).toBe('r-1')
    }
  })

  test('is refused without a manifest', async () => {
    const failed = new FakeRunStore([recordOf('r-1', ['failed', 'pending', 'pending'])])
    await expect(
      planRerun({ runs: failed, loads: loadsOf() }, { layer: 'raw', run: 'r-1', only: false, runId: 'r-2' }),
    ).rejects.toMatchObject({
      exit: 'not_found',
      message: 'run r-1 has no manifest to load: its extract did not succeed',
    })
  })
})

test('a run that is not there', async () => {
  await expect(
    planRerun({ runs, loads }, { layer: 'curated', run: 'r-9', only: false, runId: 'r-3' }),
  ).rejects.toMatchObject({ code: 'NO_RUN' })
})

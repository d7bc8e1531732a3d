import { expect, test } from 'vitest'
import type { RunRequest } from '../../../src/lib/core/run/request.js'
import type { LayerStatus } from '../../../src/lib/core/run/run.js'
import type { AgainPorts } from '../../../src/lib/use-cases/rerun.js'
import { planResume, type ResumePlan } from '../../../src/lib/use-cases/resume.js'
import { requestOf } from '../../fakes/requests.js'
import { FakeRunStore, loadsOf, recordOf } from '../../fakes/run-store.js'

const plan = (
  layers: [LayerStatus, LayerStatus, LayerStatus],
  loads: AgainPorts['loads'],
  request: Partial<RunRequest> = {},
): Promise<ResumePlan> =>
  planResume({ runs: new FakeRunStore([recordOf('r-1', layers, request)]), loads }, { run: '@failed', runId: 'r-2' })

test('a failed extract is done again, as it was asked for', async () => {
  const asked = {
    as_of: '2025-01-01',
    full_refresh: true,
    allow_deletes: true,
    reconcile: 'never',
    rebuild_curated: true,
  } as const
  const { entry, request } = await plan(['failed', 'pending', 'pending'], loadsOf(), asked)
  expect([entry, request]).toEqual(['extract', requestOf('r-2', { ...asked, parent: 'r-1' })])
})

test('a failed load takes the manifest that is there', async () => {
  const { request, steps } = await plan(['succeeded', 'failed', 'pending'], loadsOf('r-0'), { full_refresh: true })
  expect(request).toEqual(
    requestOf('r-2', { parent: 'r-1', from: 'raw', manifest_run: 'r-1', done_by: { extract: 'r-1' } }),
  )
  expect(steps).toEqual([
    {
      layer: 'extract',
      action: 'skip',
      done_by: 'r-1',
      why: 'its manifest is whole, and raw is still at the version that it was compared with',
    },
    { layer: 'raw', action: 'do', done_by: null, why: 'it did not succeed' },
    { layer: 'curated', action: 'do', done_by: null, why: 'it follows' },
  ])
})

test('a resumed load that failed takes the manifest of the first', async () => {
  const request = { parent: 'r-0', from: 'raw', manifest_run: 'r-0', done_by: { extract: 'r-0' } } as const
  const next = await plan(['skipped', 'failed', 'pending'], loadsOf(), request)
  expect(next.request).toEqual(requestOf('r-2', { ...request, parent: 'r-1' }))
})

test('a failed load without a manifest enters at extract, whatever was loaded', async () => {
  const { entry, request, steps } = await plan(['skipped', 'failed', 'pending'], loadsOf('r-0'), { from: 'raw' })
  expect([entry, request]).toEqual(['extract', requestOf('r-2', { parent: 'r-1' })])
  expect(steps.map(({ layer, action, why }) => [layer, action, why])).toEqual([
    ['extract', 'do', 'it follows'],
    ['raw', 'do', 'it did not succeed'],
    ['curated', 'do', 'it follows'],
  ])
})

test('a failed curated layer goes on from raw', async () => {
  const { request } = await plan(['succeeded', 'succeeded', 'failed'], loadsOf('r-0', 'r-1'))
  expect(request).toEqual(requestOf('r-2', { parent: 'r-1', from: 'curated', done_by: { extract: 'r-1', raw: 'r-1' } }))
})

test('when a later run has loaded, it enters at extract', async () => {
  const runs = new FakeRunStore([
    recordOf('r-3', ['succeeded', 'succeeded', 'failed']),
    recordOf('r-1', ['succeeded', 'failed', 'pending']),
  ])
  const { entry, request, steps } = await planResume(
    { runs, loads: loadsOf('r-0', 'r-3') },
    { run: 'r-1', runId: 'r-4' },
  )
  expect([entry, request]).toEqual(['extract', requestOf('r-4', { parent: 'r-1' })])
  expect(steps[0]).toEqual({
    layer: 'extract',
    action: 'do',
    done_by: null,
    why: 'run r-3 has loaded raw since: what differs is found anew',
  })
})

test('a canceled run of one layer ends where it was to end', async () => {
  const runs = new FakeRunStore([recordOf('r-1', ['canceled', 'skipped', 'skipped'], { to: 'extract' })])
  const { request, steps } = await planResume({ runs, loads: loadsOf() }, { run: 'r-1', runId: 'r-2' })
  expect(request).toEqual(requestOf('r-2', { parent: 'r-1', to: 'extract' }))
  expect(steps[1]).toEqual({ layer: 'raw', action: 'skip', done_by: null, why: 'it was not asked for' })
})

test.each([
  [['succeeded', 'succeeded', 'succeeded'], 'not_found', 'run r-1 succeeded: nothing of it is left to do'],
  [['running', 'pending', 'pending'], 'locked', 'run r-1 is going on'],
] satisfies [[LayerStatus, LayerStatus, LayerStatus], string, string][])(
  'a run %j is refused',
  async (layers, exit, message) => {
    const runs = new FakeRunStore([recordOf('r-1', layers)])
    await expect(planResume({ runs, loads: loadsOf() }, { run: 'r-1', runId: 'r-2' })).rejects.toMatchObject({
      exit,
      message,
    })
  },
)

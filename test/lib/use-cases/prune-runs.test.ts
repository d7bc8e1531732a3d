import { expect, test } from 'vitest'
import { planPrune, pruneRuns } from '../../../src/lib/use-cases/prune-runs.js'
import { FakeRunStore, loadsOf, recordOf } from '../../fakes/run-store.js'

const records = [
  recordOf('r-6', ['failed', 'pending', 'pending']),
  recordOf('r-5', ['running', 'pending', 'pending']),
  recordOf('r-4', ['failed', 'pending', 'pending']),
  recordOf('r-3', ['succeeded', 'succeeded', 'succeeded']),
  recordOf('r-2', ['succeeded', 'succeeded', 'succeeded']),
  recordOf('r-1', ['succeeded', 'succeeded', 'succeeded']),
]
const ports = { runs: new FakeRunStore(records), loads: loadsOf('r-2', 'r-3') }

test('the newest stay, and the newest success, and what is going on; manifests stay that raw was loaded from', async () => {
  expect(await planPrune(ports, 1)).toEqual({
    kept: 3,
    remove: [
      { run_id: 'r-4', keep_manifest: false },
      { run_id: 'r-2', keep_manifest: true },
      { run_id: 'r-1', keep_manifest: false },
    ],
  })
})

test('with room for all, nothing goes', async () => {
  expect(await planPrune(ports, 6)).toEqual({ kept: 6, remove: [] })
})

test('the plan is done', async () => {
  await pruneRuns(ports.runs, await planPrune(ports, 5))
  expect(ports.runs.removed).toEqual([['r-1', { keepManifest: false }]])
})

import { expect, test } from 'vitest'
import { runStarted } from '../../../../src/lib/core/run/run-started.js'
import { requestOf } from '../../../fakes/requests.js'

test('names the layers that are not done, each with the run that did it', () => {
  const request = requestOf('r-2', { parent: 'r-1', from: 'raw', to: 'raw', done_by: { extract: 'r-1' } })
  expect(runStarted({ ...request, reconcile: 'never' }, '2026-05-04T02:00:00.000Z')).toEqual({
    type: 'run_started',
    at: '2026-05-04T02:00:00.000Z',
    run_id: 'r-2',
    parent: 'r-1',
    as_of: '2025-03-24',
    reconciled: false,
    skipped: [
      { layer: 'extract', done_by: 'r-1' },
      { layer: 'curated', done_by: null },
    ],
  })
})

import { expect, test } from 'vitest'
import { DEFAULT_GUARDS } from '../../../../src/lib/core/run/guards.js'
import { newRequest, parseRequest } from '../../../../src/lib/core/run/request.js'

const REQUEST = newRequest({
  run_id: 'r-2',
  as_of: '2026-05-03',
  parent: 'r-1',
  from: 'raw',
  reconcile: 'never',
  allow_rejects: true,
  manifest_run: 'r-1',
  source: 'csv:/in',
  source_given: true,
  done_by: { extract: 'r-1' },
})

test('is one document: what is written down is what is read', () => {
  expect(parseRequest(JSON.parse(JSON.stringify(REQUEST)))).toEqual(REQUEST)
})

test('what a document leaves out has its usual value, and a moment stands for the day before', () => {
  expect(parseRequest({ run_id: 'r-1', as_of: '2026-05-04T02:00:00.123Z', guards: { max_deleted: 0.5 } })).toEqual({
    run_id: 'r-1',
    parent: null,
    as_of: '2026-05-03',
    from: 'extract',
    to: 'curated',
    reconcile: 'always',
    full_refresh: false,
    allow_deletes: false,
    allow_rejects: false,
    manifest_run: null,
    rebuild_curated: false,
    backfill: null,
    target: 'local',
    source: 'sample',
    source_given: false,
    guards: { ...DEFAULT_GUARDS, max_deleted: 0.5 },
    done_by: {},
  })
})

test.each([
  [null, 'a request names its run and as-of date'],
  ['text', 'a request names its run and as-of date'],
  [{ run_id: 'r-1' }, 'a request names its run and as-of date'],
  [{ run_id: 'r-1', as_of: 'today' }, '"today" is no as-of date'],
  [{ run_id: 'r-1', as_of: '2026-05-03', from: 'gold' }, 'a request names no layer gold'],
])('%j is none', (document, message) => {
  expect(() => parseRequest(document)).toThrow(message)
})

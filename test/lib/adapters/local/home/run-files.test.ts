import { mkdir, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readRecord, runFiles } from '../../../../../src/lib/adapters/local/home/run-files.js'
import { DEFAULT_GUARDS } from '../../../../../src/lib/core/run/guards.js'
import { temporaryFolder } from '../../../../support/temporary.js'

/** `request.json` as version 0.1.0 wrote it: what was undefined has no key. */
const FIRST_FORM = {
  request: {
    runId: 'r-2',
    parent: 'r-1',
    asOf: '2026-05-03',
    from: 'raw',
    to: 'curated',
    reconcile: false,
    fullRefresh: true,
    allowDeletes: true,
    manifestRun: 'r-1',
    rebuildCurated: true,
    source: 'csv:/given',
    doneBy: { extract: 'r-1' },
  },
  target: 'nightly',
  source: 'csv:/of-the-target',
  pid: 4711,
}

async function requestIn(document: unknown): Promise<unknown> {
  const home = await temporaryFolder()
  const files = runFiles(home, 'r-2')
  await mkdir(files.folder, { recursive: true })
  await writeFile(files.request, typeof document === 'string' ? document : JSON.stringify(document))
  return (await readRecord(home, 'r-2'))?.request
}

test('the request of a run of version 0.1.0 is read as one of now', async () => {
  expect(await requestIn(FIRST_FORM)).toEqual({
    run_id: 'r-2',
    parent: 'r-1',
    as_of: '2026-05-03',
    from: 'raw',
    to: 'curated',
    reconcile: 'never',
    full_refresh: true,
    allow_deletes: true,
    allow_rejects: false,
    manifest_run: 'r-1',
    rebuild_curated: true,
    backfill: null,
    target: 'nightly',
    source: 'csv:/given',
    source_given: true,
    guards: DEFAULT_GUARDS,
    done_by: { extract: 'r-1' },
  })
})

test('what such a run was not asked has its usual value, and its source is that of the target', async () => {
  const { parent: _, manifestRun, source, ...plain } = FIRST_FORM.request
  const first = { ...plain, from: 'extract', reconcile: true, fullRefresh: false, rebuildCurated: false, doneBy: {} }
  expect(await requestIn({ ...FIRST_FORM, request: first })).toMatchObject({
    parent: null,
    from: 'extract',
    reconcile: 'always',
    full_refresh: false,
    manifest_run: null,
    rebuild_curated: false,
    backfill: null,
    source: 'csv:/of-the-target',
    source_given: false,
    done_by: {},
  })
})

test.each([
  ['one without its run', { ...FIRST_FORM, request: { ...FIRST_FORM.request, runId: undefined } }],
  ['one of a layer that there is not', { ...FIRST_FORM, request: { ...FIRST_FORM.request, from: 'gold' } }],
  ['one that a kill has cut', JSON.stringify(FIRST_FORM).slice(0, 90)],
  ['nothing', 'null'],
])('%s is no run', async (_, document) => {
  expect(await requestIn(document)).toBeUndefined()
})

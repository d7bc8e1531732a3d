import { expect, test } from 'vitest'
import { AwsBookmarkAudit } from '../../../../src/lib/adapters/aws/bookmarks/audit.js'
import { AwsSourceCheck } from '../../../../src/lib/adapters/aws/source-check.js'
import { emptyFlow } from '../../../../src/lib/core/run/run.js'
import { requestOf } from '../../../fakes/requests.js'

const signal = new AbortController().signal
const LOADS = [
  ['apartments', '3', '20240301T020000Z-00ab', '9', '7'],
  ['bookings', '2', 'nightly', null, '0'],
].map(([table_name, seq, run_id, bookmark, source_rows]) => ({
  ...{ table_name, seq, run_id, bookmark, source_rows },
  loaded_at: '2024-03-01T02:30:00Z',
}))

/** What was asked of the source, and what it answers. */
function open(answer: object): { asked: unknown[]; check: AwsSourceCheck; audit: AwsBookmarkAudit } {
  const asked: unknown[] = []
  const look = async (what: unknown, request: unknown): Promise<object> => {
    asked.push([what, request])
    return { version: 1, raw_seq: 3, tables: [], ...answer }
  }
  const warehouse = { read: async () => ({ loads: LOADS }), [Symbol.asyncDispose]: async () => undefined }
  const looks = { look } as never
  return {
    asked,
    check: new AwsSourceCheck(
      async () => looks,
      async () => warehouse as never,
    ),
    audit: new AwsBookmarkAudit(looks),
  }
}

test('a plan is what an extract of that very request would find', async () => {
  const flow = { ...emptyFlow('bookings'), rows_in: 7 }
  const { asked, check } = open({ tables: [{ table: 'bookings', flow }] })
  const request = requestOf('r-1', { reconcile: 'never', guards: { ...requestOf('r-1').guards, max_deleted: 0 } })
  expect(await check.plan(request, signal)).toEqual([flow])
  expect(asked).toEqual([[{ kind: 'plan' }, request]])
})

test('a comparison tells what the last loads knew, and its checks say what was compared with what', async () => {
  const table = {
    ...{ table: 'apartments', differing: 2, sample: [{ id: '4', problem: 'gone from the source' }] },
    ...{ bad: 1, bad_sample: [{ key_text: 'x', rule: 'bad_value:id', problem: 'bad in the source' }] },
    ...{ moved: 1, moved_sample: [{ id: '10', problem: 'in the source, but not in raw' }] },
  }
  const { asked, check } = open({ tables: [table] })
  const checks = await check.compare(signal)
  expect(checks).toEqual([
    {
      ...{ name: 'source_content_apartments', scope: 'checksum', severity: 'error', status: 'fail', bad_rows: 3 },
      sample: [...table.sample, ...table.bad_sample],
      sql: '-- the live source of apartments, typed, against raw by value, by a job to which load 3 was unloaded',
    },
    {
      ...{ name: 'source_moved_apartments', scope: 'checksum', severity: 'info', status: 'pass', bad_rows: 1 },
      sample: table.moved_sample,
      sql: '-- rows of apartments that came, or by their own time of change changed, since 2024-03-01 02:00:00',
    },
  ])
  expect(asked[0]).toMatchObject([
    {
      kind: 'checksum',
      tables: {
        // When its run began, where the id says so, and otherwise when it had loaded.
        apartments: { position: '9', started: '2024-03-01 02:00:00' },
        bookings: { position: null, started: '2024-03-01 02:30:00' },
        user_viewing: null,
      },
    },
    { reconcile: 'always', full_refresh: false, allow_deletes: true, allow_rejects: true },
  ])
})

test('where a run has loaded between, nothing is said of either state', async () => {
  await expect(open({ raw_seq: 4 }).check.compare(signal)).rejects.toMatchObject({ code: 'LOCKED', exit: 'locked' })
})

test('rows are counted against what the last load saw', async () => {
  const { asked, check } = open({
    raw_seq: null,
    tables: [
      { table: 'apartments', rows: 7 },
      { table: 'bookings', rows: 2 },
      { table: 'user_viewing', rows: 0 },
    ],
  })
  const checks = await check.count(signal)
  expect(checks.map(({ name, status, bad_rows, sample }) => [name, status, bad_rows, sample])).toEqual([
    ['source_rows_apartments', 'pass', 0, []],
    ['source_rows_bookings', 'warn', 2, [{ table: 'bookings', source_rows_now: 2, source_rows_seen: 0 }]],
    ['source_rows_user_viewing', 'pass', 0, []],
  ])
  expect(asked[0]).toMatchObject([{ kind: 'rows' }, {}])
  expect(await check.lineOf()).toBeUndefined()
})

test('an audit is of the tables that are asked for, from where each is read, and has all kinds', async () => {
  const { asked, audit } = open({
    tables: [{ table: 'user_viewing', kinds: { equal: { rows: 2, keys: [{ user_id: '1' }] } } }],
  })
  const points = new Map([['user_viewing', { state: 'rewind', position: '2024-01-01 00:00:00' } as const]])
  const [found] = await audit.audit(points, 1, signal)
  expect(found).toMatchObject({ table: 'user_viewing', column: 'viewed_at', inclusive: true })
  expect([found?.reads_from, found?.kinds.map(({ kind, lost, rows }) => [kind, lost, rows])]).toEqual([
    '2024-01-01 00:00:00',
    [
      ['updated', true, 0],
      ['late', true, 0],
      ['deleted', true, 0],
      ['copied', true, 0],
      ['equal', false, 2],
      ['waiting', false, 0],
    ],
  ])
  expect(asked[0]).toMatchObject([
    { kind: 'audit', keys: 1, tables: { user_viewing: { state: 'rewind', position: '2024-01-01 00:00:00' } } },
    { allow_rejects: true },
  ])
})

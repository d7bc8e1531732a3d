import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { GetJobBookmarkCommand, GlueClient } from '@aws-sdk/client-glue'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { AwsBookmarkChanges } from '../../src/lib/adapters/aws/bookmarks/changes.js'
import { AwsClients } from '../../src/lib/adapters/aws/clients.js'
import { systemClock } from '../../src/lib/ports/clock.js'
import { settings } from '../emulator/support.js'
import { DATABASE } from '../support/mysql-tables.js'
import { SMALL_AS_OF } from '../support/small-warehouse.js'
import { sharedOperator } from './pipeline-support.js'

const shared = sharedOperator({ waits: 0.05 })
const LONG = { timeout: 300_000 }

beforeAll(async () => {
  await shared.operator.json(0, 'bootstrap', '--yes')
  await shared.operator.json(0, 'run', '--as-of', SMALL_AS_OF, '--name', 'first')
}, 400_000)
beforeEach(() => shared.box.clearFaults())

const ROWS = { apartments: 3, apartment_attributes: 3, bookings: 6, user_viewing: 2 }

/** What Glue keeps of the job that extracts, by table. */
async function glueState(): Promise<Record<string, object>> {
  const glue = new GlueClient(settings(shared.box))
  try {
    const { JobBookmarkEntry } = await glue.send(new GetJobBookmarkCommand({ JobName: 'extract_raw' }))
    return JSON.parse(JobBookmarkEntry?.JobBookmark ?? '{}')
  } catch (error) {
    expect((error as Error).name).toBe('EntityNotFoundException')
    return {}
  }
}

/** The loads that the rows of each raw table are of. */
async function loadsOfRows(): Promise<Record<string, string[]>> {
  const queries = Object.keys(ROWS).map((name) => `select '${name}' as t, _load_seq as seq from raw_data.stg_${name}`)
  const { result } = await shared.operator.json(
    0,
    'query',
    `select t, seq, count(*) as n from (${queries.join(' union all ')}) q group by t, seq`,
  )
  const found: Record<string, string[]> = {}
  for (const { t, seq, n } of result.rows) found[t] = [...(found[t] ?? []), `${n} of ${seq}`]
  return found
}

const flowOf = (layers: { tables: { table: string }[] }[], at: number, name: string) =>
  layers[at]?.tables.find(({ table }) => table === name)

test('a reset waits, is taken back, and waits again, with who, when and why', LONG, async () => {
  const before = await shared.operator.json(0, 'bookmarks')
  expect(before.warnings).toEqual([])
  expect(Object.keys(await glueState()).sort()).toEqual(Object.keys(ROWS).sort())
  const reason = "C:\\temp isn't {{it}}, é"
  const { result } = await shared.operator.json(0, 'bookmarks', 'reset', 'bookings', '--reason', reason, '--yes')
  expect(result).toEqual({
    seq: 1,
    tables: [{ table: 'bookings', raw_rows: '6', position: '6' }].map((one) => ({ ...one, raw_rows: 6 })),
  })
  expect(await glueState()).toEqual({})
  const waiting = (await shared.operator.json(0, 'bookmarks', 'bookings')).result.rows[0]
  expect([waiting.reset_pending, waiting.reads_from, waiting.raw_rows]).toEqual([true, null, '6'])
  await shared.operator.json(0, 'bookmarks', 'restore', '--yes')
  await shared.operator.json(0, 'bookmarks', 'reset', '--yes')
  const { rows } = (await shared.operator.json(0, 'bookmarks', 'history')).result
  expect(rows.map(({ seq, kind, state }: Record<string, string>) => `${seq} ${kind} ${state}`)).toEqual([
    ...Object.keys(ROWS).map(() => '3 reset pending'),
    '2 restore done',
    '1 reset restored',
  ])
  expect(rows.at(-1)).toMatchObject({ reason, changed_by: expect.stringMatching(/^.+@.+$/), table: 'bookings' })
  expect((await shared.operator.run('bookmarks', 'reset')).code).toBe(64)
})

test('what was thought out before another change came is refused by the warehouse itself', LONG, async () => {
  const { endpoint, region } = shared.box
  for (const [name, value] of Object.entries(shared.box.env)) process.env[name] = value
  const clients = new AwsClients({ endpoint, region })
  const changes = new AwsBookmarkChanges({
    ...{ clients, place: { workgroup: 'rental', database: 'dev' }, clock: systemClock },
    executions: { running: async () => undefined },
    glue: { reset: () => expect.unreachable('is not reset') },
    warn: (text) => expect.unreachable(text),
  })
  const table = {
    table: 'bookings',
    from: { state: 'none', position: '6' },
    to: { state: 'reset', position: null },
  } as const
  const late = { seq: 3, kind: 'reset', of_seq: null, load_seq: 1, reason: null, tables: [table] } as const
  const change = (more: object) => changes.change({ ...late, tables: [table], ...more })
  await expect(change({})).rejects.toMatchObject({
    code: 'LOCKED',
    message: expect.stringMatching(/^the bookmarks were changed/),
  })
  await expect(change({ seq: 4, load_seq: 0 })).rejects.toMatchObject({
    code: 'LOCKED',
    message: expect.stringMatching(/^a run has loaded/),
  })
  expect((await shared.operator.json(0, 'bookmarks', 'history')).result.rows).toHaveLength(6)
})

test('the run after a reset reads and loads every row anew, and the cells are what they were', LONG, async () => {
  expect(await loadsOfRows()).toEqual(
    Object.fromEntries(Object.entries(ROWS).map(([name, n]) => [name, [`${n} of 1`]])),
  )
  const { result } = await shared.operator.json(
    0,
    'run',
    '--reconcile',
    'never',
    '--as-of',
    SMALL_AS_OF,
    '--name',
    'second',
  )
  for (const [name, rows] of Object.entries(ROWS)) {
    expect(flowOf(result.layers, 0, name)).toMatchObject({ rows_in: rows, rows_out: rows, unchanged: 0 })
    expect(flowOf(result.layers, 1, `stg_${name}`)).toMatchObject({ rows_in: rows, inserted: rows })
  }
  expect(await loadsOfRows()).toEqual(
    Object.fromEntries(Object.entries(ROWS).map(([name, n]) => [name, [`${n} of 2`]])),
  )
  const { rows } = (await shared.operator.json(0, 'bookmarks', 'history')).result
  expect(rows[0]).toMatchObject({ seq: '3', state: 'used' })
  const after = await shared.operator.json(0, 'bookmarks')
  expect([
    after.warnings,
    after.result.rows.map(({ reset_pending }: { reset_pending: boolean }) => reset_pending),
  ]).toEqual([[], [false, false, false, false]])
  await shared.operator.expectSame(SMALL_AS_OF)
})

test(
  'Glue stands elsewhere while raw lacks what was extracted, and a rewind waits for the next load',
  LONG,
  async () => {
    await shared.box.mariadb.admin(
      `insert into ${DATABASE}.bookings select 50, user_id, apartment_id, booking_date, checkin_date, checkout_date, total_price, currency, booking_status, payment_status, num_guests from ${DATABASE}.bookings where booking_id = 1`,
    )
    // Only its extract is done: Glue's bookmark has moved, and raw has not.
    await shared.operator.json(0, 'run', '--to', 'extract', '--as-of', SMALL_AS_OF)
    expect((await shared.operator.json(0, 'bookmarks')).warnings).toEqual([
      "bookings: Glue's own bookmark stands at 50, raw ends at 6; runs read by the warehouse alone",
    ])
    await shared.operator.json(0, 'run', '--from', 'raw', '--as-of', SMALL_AS_OF)
    expect((await shared.operator.json(0, 'bookmarks')).warnings).toEqual([])
    const to = ['bookmarks', 'rewind', 'bookings', '--to-run', 'second']
    const back = { table: 'bookings', position: '50', to_state: 'rewind', to_position: '6', raw_rows_again: 1 }
    expect((await shared.operator.json(0, ...to, '--simulate')).result).toMatchObject({ seq: null, tables: [back] })
    expect((await shared.operator.json(0, ...to, '--yes')).result).toMatchObject({ seq: 4, tables: [back] })
    const found = (await shared.operator.json(0, 'bookmarks', 'bookings')).result.rows[0]
    expect(found).toMatchObject({ rewind_pending: true, reads_from: '6', position: '50' })
  },
)

test('while a run is going on nothing is changed', LONG, async () => {
  await shared.box.faults({ job: { mode: 'hang', job: 's3_to_redshift_raw' } })
  await shared.operator.json(69, 'run', '--detach', '--as-of', SMALL_AS_OF, '--name', 'hangs')
  const { error } = await shared.operator.json(75, 'bookmarks', 'reset', '--yes')
  expect(error?.suggestions[0]).toBe('rental-etl watch hangs')
  await shared.operator.json(0, 'cancel', 'hangs', '--reason', 'a test', '--yes')
  expect((await shared.operator.json(0, 'bookmarks', 'history')).result.rows[0]).toMatchObject({ seq: '4' })
})

test('a run that the schedule starts obeys a guard of the settings', LONG, async () => {
  const guards = '    guards: { max_deleted: 0.1, max_deleted_min_rows: 2 }'
  await appendFile(join(shared.operator.folder, 'rental-etl.yml'), `${guards}\n`)
  const { plan } = (await shared.operator.json(0, 'bootstrap', '--dry-run')).result
  const to = JSON.stringify({ guards: { max_deleted: 0.1, max_deleted_min_rows: 2, max_quarantined: 0.5 } })
  expect(plan.parameters).toContainEqual({ name: 'ScheduledRequest', from: expect.any(String), to })
  await shared.box.mariadb.admin(`delete from ${DATABASE}.bookings where booking_id in (50, 1)`)
  const before = new Set(
    (await shared.operator.json(0, 'runs')).result.rows.map(({ run_id }: { run_id: string }) => run_id),
  )
  await shared.operator.json(0, 'bootstrap', '--yes')
  await shared.box.fire('RunRentalAnalyticsDaily')
  let scheduled: string | undefined
  for (const end = Date.now() + 120_000; scheduled === undefined && Date.now() < end; await sleep(500)) {
    const { rows } = (await shared.operator.json(0, 'runs')).result
    scheduled = rows.map(({ run_id }: { run_id: string }) => run_id).find((id: string) => !before.has(id))
  }
  const { result } = await shared.operator.json(1, 'watch', String(scheduled))
  expect([result.status, result.error?.code]).toEqual(['failed', 'GUARD_MAX_DELETED'])
  expect(result.error?.message).toContain('bookings would lose 2 of its 7 rows')
})

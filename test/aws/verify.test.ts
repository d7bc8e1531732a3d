import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { beforeAll, describe, expect, test } from 'vitest'
import { readSqlFiles } from '../../src/lib/adapters/files/sql-files.js'
import { redshiftText } from '../../src/lib/core/release/redshift-text.js'
import { viewStatement } from '../../src/lib/core/sql/statements.js'
import type { CheckResult, SampleRow } from '../../src/lib/core/verify/verify.js'
import { Bucket, Warehouse } from '../emulator/support.js'
import { DATABASE } from '../support/mysql-tables.js'
import { SMALL_AS_OF } from '../support/small-warehouse.js'
import { type Operator, sharedOperator } from './pipeline-support.js'

const shared = sharedOperator({ waits: 0.05 })
const LONG = { timeout: 300_000 }
let bucket: Bucket
let warehouse: Warehouse

beforeAll(async () => {
  await source(
    `alter table bookings modify checkin_date varchar(20)`,
    `update bookings set checkin_date = 'someday' where booking_id = 4`,
  )
  bucket = new Bucket(shared.box, 'lake')
  warehouse = new Warehouse(shared.box)
  await shared.operator.json(0, 'bootstrap', '--yes')
  await run('first')
}, 300_000)

const source = (...sqls: string[]): Promise<unknown> => shared.box.mariadb.admin(`use ${DATABASE}`, ...sqls)
const run = (name: string, ...more: string[]): ReturnType<Operator['json']> =>
  shared.operator.json(0, 'run', '--as-of', SMALL_AS_OF, '--name', name, ...more)

async function verified(code: number, ...words: string[]): Promise<{ verdict: string; open: CheckResult[] }> {
  const { result } = await shared.operator.json(code, 'verify', ...words)
  return { verdict: result.verdict, open: result.checks.filter((check: CheckResult) => check.status !== 'pass') }
}
const names = (open: readonly CheckResult[]): string[] => open.map(({ name, status }) => `${name} ${status}`)

test(
  'after bootstrap and a run, after another that moves nothing, and after a day of changes all is proved',
  LONG,
  async () => {
    expect(await verified(0)).toEqual({ verdict: 'ok', open: [] })
    await run('again')
    expect(await verified(0)).toEqual({ verdict: 'ok', open: [] })
    await source(
      `update bookings set total_price = total_price + 5 where booking_id = 3`,
      `update bookings set checkin_date = '2025-04-01' where booking_id = 4`,
      `update bookings set checkin_date = 'never' where booking_id = 6`,
      `delete from bookings where booking_id = 1`,
      `update apartment_attributes set bedrooms = 4 where id = 2`,
      `insert into user_viewing (user_id, apartment_id, viewed_at) values (12, 1, '2025-03-05 09:00:00')`,
    )
    await run('second')
    expect(await verified(0)).toEqual({ verdict: 'ok', open: [] })
  },
)

/** What somebody does by hand, how it is undone, and the check that names it with this among its first rows. */
type Planted = [what: string, done: string[], undone: string[], check: string, row: SampleRow]

const B = 'raw_data.stg_bookings'
const OTHER = 'not in the lake as it is in raw'
const kept = (table: string): string[] => [`delete from ${table}`, `insert into ${table} select * from kept`]
/** A table is kept while its rows are altered. */
const rows = (table: string, what: string, sql: string, check: string, row: SampleRow): Planted => [
  `${table}: ${what}`,
  [`create table kept as select * from ${table}`, sql],
  [...kept(table), 'drop table kept'],
  check,
  row,
]
const booking = (what: string, set: string, id: number): Planted =>
  rows(B, what, `update ${B} set ${set} where booking_id = ${id}`, 'lake_content_stg_bookings', {
    booking_id: String(id),
    difference: OTHER,
  })
const log = (what: string, sql: string, check: string, row: SampleRow): Planted =>
  rows('raw_data.load_log', what, sql, check, row)
const rejects = (what: string, sql: string, difference: string, key_text: string): Planted =>
  rows('raw_data.quarantine', what, sql, 'quarantine_content_stg_bookings', { key_text, difference })

const PLANTED: Planted[] = [
  booking('a value of the first load', 'total_price = total_price + 0.01', 2),
  booking('a value of the second load', 'total_price = total_price - 5', 3),
  booking('a value made NULL', 'currency = null', 5),
  booking('_load_seq of another load', '_load_seq = 2', 2),
  booking('_load_seq NULL, of the second load', '_load_seq = null', 3),
  booking('_run_id of no run', `_run_id = 'somebody'`, 2),
  booking('_run_id of another run', `_run_id = 'first', _load_seq = 1`, 3),
  booking('_nullified', `_nullified = 'num_guests'`, 5),
  booking('_position', '_position = 3', 2),
  rows(B, '_superseded', `update ${B} set _superseded = 1 where booking_id = 2`, 'lake_content_stg_bookings', {
    booking_id: '2',
    difference: 'more or fewer copies in the lake than raw counts',
  }),
  rows(B, 'a row deleted', `delete from ${B} where booking_id = 5`, 'lake_content_stg_bookings', {
    booking_id: '5',
    difference: 'in the lake, but not in raw',
    run_id: 'first',
  }),
  rows(
    B,
    'a row added',
    `insert into ${B} select 99, user_id, apartment_id, booking_date, checkin_date, checkout_date, total_price,
      currency, booking_status, payment_status, num_guests, _load_seq, _run_id, _position, _superseded, _nullified from ${B} where booking_id = 2`,
    'lake_content_stg_bookings',
    {
      booking_id: '99',
      difference: OTHER,
    },
  ),
  rows(
    B,
    'a deleted row put back',
    `insert into ${B} select 1, user_id, apartment_id, booking_date, checkin_date, checkout_date, total_price,
      currency, booking_status, payment_status, num_guests, 1, 'first', _position, _superseded, _nullified from ${B} where booking_id = 2`,
    'lake_content_stg_bookings',
    {
      booking_id: '1',
      difference: 'deleted in the lake, but in raw',
    },
  ),
  rows(
    'curated.fact_bookings',
    'a value',
    'update curated.fact_bookings set total_price = 1 where booking_id = 2',
    'curated_content_fact_bookings',
    {
      booking_id: '2',
      difference: 'differs from raw',
    },
  ),
  rows(
    'curated.dim_listings',
    'a row deleted',
    'delete from curated.dim_listings where listing_id = 2',
    'curated_content_dim_listings',
    {
      listing_id: '2',
      difference: 'missing',
    },
  ),
  rejects(
    'the text of an open row',
    `update raw_data.quarantine set row_text = '{}' where key_text = '6'`,
    'not in the lake as it is in quarantine',
    '6',
  ),
  rejects(
    'an open row deleted',
    `delete from raw_data.quarantine where key_text = '6'`,
    'in the lake, but not in quarantine',
    '6',
  ),
  rejects(
    'a cleared row opened',
    `update raw_data.quarantine set cleared_run_id = null where key_text = '4'`,
    'cleared in the lake, but not in quarantine',
    '4',
  ),
  rejects(
    'an open row cleared',
    `update raw_data.quarantine set cleared_run_id = 'second' where key_text = '6'`,
    'cleared, but not in the lake',
    '6',
  ),
  log(
    'a row removed',
    `delete from raw_data.load_log where seq = 1 and table_name = 'bookings'`,
    'warehouse_consistent',
    {
      problem: 'raw_data.load_log has not one row for each table of a load',
      found: '1',
    },
  ),
  log('a load removed', 'delete from raw_data.load_log where seq = 1', 'warehouse_consistent', {
    problem: 'raw_data.load_log lacks a load',
  }),
  log(
    'a count',
    `update raw_data.load_log set source_unchanged = 17 where seq = 2 and table_name = 'bookings'`,
    'load_log_as_loaded',
    {
      ...{ table: 'bookings', seq: '2', column: 'source_unchanged', logged: '17' },
    },
  ),
  log(
    'the hash of a manifest',
    `update raw_data.load_log set manifest_hash = 'x' where seq = 2`,
    'lake_files_stg_bookings',
    {
      file: 'runs/second/manifest.json',
      problem: 'is not as it was loaded',
    },
  ),
  [
    'a text is shorter',
    [`alter table ${B} alter column currency type varchar(100)`],
    [`alter table ${B} alter column currency type varchar(65535)`],
    'structure_as_defined',
    { name: B, column: 'currency', problem: 'is VARCHAR(100) instead of VARCHAR(65535)' },
  ],
  [
    'a number is a text, and nothing that reads it can be asked',
    [`alter table ${B} alter column booking_id type varchar(20)`],
    [`alter table ${B} alter column booking_id type bigint using cast(booking_id as bigint)`],
    'structure_as_defined',
    { name: B, column: 'booking_id', problem: 'is VARCHAR(20) instead of BIGINT' },
  ],
  [
    'a table of somebody',
    ['create table curated.mine (a integer)'],
    ['drop table curated.mine'],
    'structure_as_defined',
    { name: 'curated.mine', problem: 'is a table that does not belong here' },
  ],
]

describe('what somebody alters by hand is named with its key', () => {
  test.each(PLANTED)('%s', LONG, async (_, done, undone, check, row) => {
    for (const sql of done) await warehouse.do(sql)
    const { verdict, open } = await verified(1, '--scope', 'ledger')
    for (const sql of undone) await warehouse.do(sql)
    expect(verdict).toBe('fail')
    const found = open.find(({ name }) => name === check)
    expect([names(open), found?.status]).toEqual([names(open), 'fail'])
    expect(found?.sample).toContainEqual(expect.objectContaining(row))
  })

  test('and when all of it is undone, there is nothing to tell', LONG, async () => {
    expect(await verified(0)).toEqual({ verdict: 'ok', open: [] })
  })
})

/** The key of a run's file of bookings, of rows or of rejects. */
async function fileOf(runId: string, kind = 'raw'): Promise<string> {
  const folder = `data/${kind}/bookings/run_id=${runId}/`
  const { Contents } = await bucket.s3.send(new ListObjectsV2Command({ Bucket: 'lake', Prefix: folder }))
  return Contents?.[0]?.Key as string
}
const removed = (key: string): Promise<unknown> => bucket.s3.send(new DeleteObjectCommand({ Bucket: 'lake', Key: key }))

describe('what somebody alters in the bucket is named', () => {
  const FILES: [string, (key: string, bytes: Uint8Array) => Promise<unknown>, string][] = [
    ['a file removed', (key) => removed(key), 'is gone'],
    [
      'a file of the same size in its place',
      (key, bytes) =>
        bucket.put(
          key,
          bytes.map((byte) => byte ^ 1),
        ),
      'is not as it was written',
    ],
    ['a file cut', (key, bytes) => bucket.put(key, bytes.slice(0, 100)), 'is not as it was written'],
  ]
  test.each(FILES)('%s', LONG, async (_, alter, problem) => {
    const all = [await fileOf('first'), await fileOf('second'), await fileOf('first', 'rejected')]
    for (const key of problem === 'is gone' ? all : all.slice(0, 1)) {
      const bytes = await bucket.get(key)
      await alter(key, bytes)
      const { open } = await verified(1, '--scope', 'ledger')
      await bucket.put(key, bytes)
      const found = open.find(({ name }) => name === 'lake_files_stg_bookings')
      expect([found?.status, found?.sample]).toEqual(['fail', [expect.objectContaining({ file: key, problem })]])
      // The rows are not compared with what is not the lake's.
      expect(names(open)).toContain('lake_content_stg_bookings skip')
    }
  })

  test('a file that no load has written', LONG, async () => {
    const key = 'data/raw/bookings/run_id=second/mine.parquet'
    await bucket.put(key, 'x')
    const { open } = await verified(1, '--scope', 'ledger')
    await removed(key)
    expect(open[0]?.sample).toEqual([{ file: key, run_id: 'second', problem: 'is not in the manifest' }])
  })

  test.each([
    ['altered', (text: string) => text.replace(/"unchanged": \d+/, '"unchanged": 41'), 'is not as it was loaded'],
    ['no JSON', () => '{', 'is gone, or no manifest'],
  ])('a manifest that is %s', LONG, async (_, alter, problem) => {
    const key = 'runs/first/manifest.json'
    const text = Buffer.from(await bucket.get(key)).toString()
    await bucket.put(key, alter(text))
    const { open } = await verified(1, '--scope', 'ledger')
    await bucket.put(key, text)
    const files = open.filter(({ name }) => name.startsWith('lake_files_'))
    expect(files.map(({ status, sample }) => [status, sample])).toEqual(
      files.map(() => ['fail', [{ file: key, run_id: 'first', problem }]]),
    )
    expect(files).toHaveLength(4)
  })

  test('files that are older than the bucket keeps them are not checked, and that is told', LONG, async () => {
    const keys = [await fileOf('first'), await fileOf('first', 'rejected')]
    const kept = await Promise.all(keys.map((key) => bucket.get(key)))
    await warehouse.do([
      'create table kept as select * from raw_data.load_log',
      'create table open_rows as select * from raw_data.quarantine',
      `update raw_data.load_log set loaded_at = loaded_at - interval '500 days' where seq = 1`,
      `insert into raw_data.quarantine (id, table_name, rule, key_text, row_text, occurrence, first_run_id)
        values (99, 'bookings', 'bad_value:checkin_date', '98', '{}', 1, 'first')`,
    ])
    for (const key of keys) await removed(key)
    const { verdict, open } = await verified(0, '--scope', 'ledger')
    await warehouse.do([
      ...['delete from raw_data.load_log', 'insert into raw_data.load_log select * from kept', 'drop table kept'],
      ...[
        'delete from raw_data.quarantine',
        'insert into raw_data.quarantine select * from open_rows',
        'drop table open_rows',
      ],
    ])
    for (const [at, key] of keys.entries()) await bucket.put(key, kept[at] as Uint8Array)
    expect([verdict, names(open)]).toEqual([
      'warn',
      ['lake_files', 'lake_content', 'quarantine_content'].map((name) => `${name}_stg_bookings skip`),
    ])
    expect(open[0]?.sql).toContain('older than the 400 days for which the bucket keeps data/')
    expect(open[2]?.sql).toContain('bad rows are open since a load until first, whose files are gone')
  })
})

describe('a view that is not as defined', () => {
  const VIEW = 'vw_bookings_per_user_weekly'
  const VIEWS: [string, (text: string) => string, SampleRow][] = [
    [
      'other values',
      (text) => `select week_start, user_id, bookings + 1 as bookings from (\n${text}\n) t`,
      { view_name: VIEW },
    ],
    [
      'a row less',
      (text) => `select * from (\n${text}\n) t where user_id <> 12`,
      { user_id: '12', difference: 'less often in the view than its definition gives' },
    ],
    [
      'a row twice',
      (text) => `select * from (\n${text}\n) t union all select * from (\n${text}\n) u where user_id = 12`,
      { user_id: '12', difference: 'more often in the view than its definition gives' },
    ],
    [
      'another column',
      (text) => `select *, 1 as mine from (\n${text}\n) t`,
      { view_name: VIEW, difference: 'has other columns' },
    ],
  ]
  test.each([...VIEWS, ['none', () => '', { view_name: VIEW, difference: 'missing' }] as (typeof VIEWS)[number]])(
    '%s',
    LONG,
    async (_, other, row) => {
      const text = (await readSqlFiles('presentation')).find(({ name }) => name === VIEW)?.text as string
      await warehouse.do(`drop view presentation.${VIEW}`)
      if (other(text) !== '') await warehouse.do(redshiftText(viewStatement(VIEW, other(text))))
      const { open } = await verified(1, '--scope', 'views')
      await warehouse.do(`drop view if exists presentation.${VIEW}`)
      await warehouse.do(redshiftText(viewStatement(VIEW, text)))
      const found = open.find(({ name }) => name === 'views_as_defined')
      expect(found?.status).toBe('fail')
      expect(found?.sample).toContainEqual(expect.objectContaining(row))
    },
  )
})

test('and again in order after loads of every kind', { timeout: 600_000 }, async () => {
  await shared.operator.json(0, 'rerun', 'raw', 'second')
  expect(await verified(0)).toEqual({ verdict: 'ok', open: [] })
  await source(`insert into bookings (booking_id, user_id, apartment_id, booking_date, checkin_date, checkout_date, total_price, currency, booking_status)
    values (50, 10, 1, '2025-03-20', '2025-03-21', '2025-03-22', 10, 'USD', 'confirmed'), (51, 10, 1, '2025-03-20', 'x', '2025-03-22', 10, 'USD', 'confirmed')`)
  await run('beyond', '--reconcile', 'never')
  const beyond = await verified(0)
  expect(names(beyond.open)).toEqual(['source_reconciled warn'])
  await shared.box.faults({ job: { mode: 'kill', job: 'redshift_raw_to_curated' } })
  await source(
    'update bookings set total_price = 77 where booking_id = 50',
    'delete from bookings where booking_id = 5',
  )
  await shared.operator.json(1, 'run', '--as-of', SMALL_AS_OF, '--name', 'broken', '--allow-deletes')
  await shared.box.clearFaults()
  const waiting = await verified(0, '--scope', 'ledger')
  expect(waiting.open.every(({ name, status }) => name.startsWith('curated_content_') && status === 'skip')).toBe(true)
  await shared.operator.json(0, 'resume')
  expect(await verified(0)).toEqual({ verdict: 'ok', open: [] })
  await run('whole', '--full-refresh')
  expect(await verified(0)).toEqual({ verdict: 'ok', open: [] })
})

import { setTimeout as sleep } from 'node:timers/promises'
import { GetJobBookmarkCommand, GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue'
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn'
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { AwsClients } from '../../src/lib/adapters/aws/clients.js'
import { Looks, WHOLE } from '../../src/lib/adapters/aws/looks/looks.js'
import type { CheckResult } from '../../src/lib/core/verify/verify.js'
import { systemClock } from '../../src/lib/ports/clock.js'
import { settings } from '../emulator/support.js'
import { DATABASE } from '../support/mysql-tables.js'
import { SMALL_AS_OF } from '../support/small-warehouse.js'
import { type Envelope, sharedOperator } from './pipeline-support.js'

const shared = sharedOperator({ waits: 0.05 })
const LONG = { timeout: 300_000 }
let outputs: Record<string, string>
let queue = ''
/** Glue's entry as the run has left it. */
let bookmark: object

beforeAll(async () => {
  outputs = (await shared.operator.json(0, 'bootstrap', '--yes')).result.outputs
  const sqs = new SQSClient(settings(shared.box))
  queue = (await sqs.send(new CreateQueueCommand({ QueueName: 'notices' }))).QueueUrl as string
  const wanted = new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['QueueArn'] })
  const Endpoint = (await sqs.send(wanted)).Attributes?.['QueueArn']
  const subscription = { TopicArn: outputs['TopicArn'], Protocol: 'sqs', Endpoint }
  await new SNSClient(settings(shared.box)).send(new SubscribeCommand(subscription))
  await shared.operator.json(0, 'run', '--as-of', SMALL_AS_OF, '--name', 'first')
  await shared.operator.json(0, 'run', '--as-of', SMALL_AS_OF, '--name', 'first', '--target', 'local')
  bookmark = await glueBookmark()
}, 300_000)
beforeEach(() => shared.box.clearFaults())

const admin = (...sql: string[]) => shared.box.mariadb.admin(`use ${DATABASE}`, ...sql)

async function glueBookmark(): Promise<object> {
  const get = new GetJobBookmarkCommand({ JobName: 'extract_raw' })
  return (await new GlueClient(settings(shared.box)).send(get)).JobBookmarkEntry as object
}

/** A command on both targets, which read one database; only what a check looked at differs. */
async function both(code: number, ...words: string[]): Promise<[aws: Envelope, local: Envelope]> {
  return [await shared.operator.json(code, ...words), await shared.operator.json(code, ...words, '--target', 'local')]
}

const found = ({ result }: Envelope): object[] =>
  result.checks
    .filter(({ name }: CheckResult) => name.startsWith('source_'))
    .map(({ sql: _, ...check }: CheckResult) => check)

test('a source that is as raw has it', LONG, async () => {
  const { verdict, checks } = (await shared.operator.json(0, 'verify', '--scope', 'checksum')).result
  expect([verdict, checks.map(({ status, bad_rows }: CheckResult) => `${status} ${bad_rows}`)]).toEqual([
    'ok',
    Array.from({ length: 8 }, () => 'pass 0'),
  ])
  expect(checks.find(({ name }: CheckResult) => name === 'source_content_bookings').sql).toBe(
    '-- the live source of bookings, typed, against raw by value, by a job to which load 1 was unloaded',
  )
})

test('what has changed in the source is told as on one machine: plan, audit, values and rows', LONG, async () => {
  await admin(
    `update bookings set booking_status = 'canceled', num_guests = 9 where booking_id = 2`,
    `delete from bookings where booking_id = 3`,
    `insert into bookings select 50, user_id, apartment_id, booking_date, checkin_date, checkout_date, total_price, currency, booking_status, payment_status, num_guests from bookings where booking_id = 1`,
    `insert into apartments select 4, title, source, price, currency, listing_created_on, is_active, last_modified_timestamp from apartments where id = 1`,
    `insert into user_viewing select user_id + 1, apartment_id, viewed_at, is_wishlisted, call_to_action from user_viewing order by viewed_at desc limit 1`,
  )
  const [plan, localPlan] = await both(0, 'run', '--dry-run', '--as-of', SMALL_AS_OF)
  expect({ ...plan.result, run_id: '' }).toEqual({ ...localPlan.result, run_id: '' })
  const bookings = plan.result.layers[0].tables.find(({ table }: { table: string }) => table === 'bookings')
  expect(bookings).toMatchObject({ rows_in: 6, rows_out: 2, deleted: 1, unchanged: 4 })

  const [audit, localAudit] = await both(0, 'bookmarks', 'audit')
  expect(audit.result).toEqual(localAudit.result)
  const kinds = audit.result.tables.flatMap(({ kinds }: { kinds: { kind: string; rows: number }[] }) =>
    kinds.flatMap(({ kind, rows }) => (rows > 0 ? [kind] : [])),
  )
  expect([kinds, audit.result.lost]).toEqual([['late', 'updated', 'deleted', 'waiting', 'equal'], 3])

  const [red, localRed] = await both(1, 'verify', '--scope', 'checksum,freshness')
  expect(found(red)).toEqual(found(localRed))
  expect(found(red)).toContainEqual(
    expect.objectContaining({ name: 'source_rows_apartments', status: 'warn', bad_rows: 1 }),
  )
  const content = found(red).find((check) => (check as CheckResult).name === 'source_content_bookings') as CheckResult
  expect(content.sample).toEqual([
    { booking_id: '2', column: 'booking_status', in_source: 'canceled', in_raw: 'confirmed', problem: 'differs' },
    { booking_id: '2', column: 'num_guests', in_source: '9', problem: 'differs' },
    { booking_id: '3', problem: 'gone from the source' },
  ])
})

test('a look that fails tells the cause with the exit of a run, and nobody is noticed', LONG, async () => {
  await admin('rename table user_viewing to away')
  const { error } = await shared.operator.json(65, 'run', '--dry-run', '--as-of', SMALL_AS_OF)
  await admin('rename table away to user_viewing')
  expect([error?.code, error?.message]).toEqual([
    'SOURCE_SCHEMA',
    expect.stringMatching(/^the source could not be looked at: .* lacks the table user_viewing/),
  ])
  expect(error?.suggestions.join()).not.toContain('look-')
  const { Messages = [] } = await new SQSClient(settings(shared.box)).send(
    new ReceiveMessageCommand({ QueueUrl: queue, WaitTimeSeconds: 2 }),
  )
  expect(Messages).toEqual([])
})

test('a look is stopped with its job; while it goes on, a run may begin', LONG, async () => {
  for (const [name, value] of Object.entries(shared.box.env)) process.env[name] = value
  const { endpoint, region } = shared.box
  const clients = new AwsClients({ endpoint, region })
  const looks = new Looks({
    ...{ clients, bucket: 'lake', clock: systemClock, looksArn: outputs['LooksArn'] as string },
    ...{ defaults: { target: 'prod', source: '' }, jobs: ['look_at_source', 's3_to_redshift_raw'] },
    ...{ pace: { first: 50, most: 200, settle: 500 }, stopPace: { look: 50, grace: 3000, most: 20_000 } },
  })
  await shared.box.faults({ job: { mode: 'hang', job: 'look_at_source' } })
  const stop = new AbortController()
  const looking = looks.look({ kind: 'rows' }, WHOLE, stop.signal)
  looking.catch(() => undefined)
  for (const end = Date.now() + 60_000; !(await lookJobs()).includes('RUNNING') && Date.now() < end; ) await sleep(100)
  await shared.operator.json(69, 'run', '--detach', '--to', 'extract', '--as-of', SMALL_AS_OF, '--name', 'beside')
  await shared.operator.json(0, 'cancel', 'beside', '--reason', 'seen that it began', '--yes')
  stop.abort(new Error('stopped by Ctrl-C'))
  await expect(looking).rejects.toThrow('stopped by Ctrl-C')
  expect((await lookJobs()).filter((state) => state !== 'SUCCEEDED' && state !== 'FAILED')).toEqual(['STOPPED'])
  await clients[Symbol.asyncDispose]()
})

async function lookJobs(): Promise<(string | undefined)[]> {
  const get = new GetJobRunsCommand({ JobName: 'look_at_source' })
  return ((await new GlueClient(settings(shared.box)).send(get)).JobRuns ?? []).map(({ JobRunState }) => JobRunState)
}

test('no look is a run: not in the list, the workflow, the records, the lake, or what Glue keeps', LONG, async () => {
  const { rows } = (await shared.operator.json(0, 'runs')).result
  expect(rows.map(({ run_id }: { run_id: string }) => run_id)).toEqual(['beside', 'first'])
  const list = new ListExecutionsCommand({ stateMachineArn: outputs['WorkflowArn'] })
  const { executions = [] } = await new SFNClient(settings(shared.box)).send(list)
  expect(executions.map(({ name }) => name).sort()).toEqual(['beside', 'first'])
  const { Contents = [] } = await new S3Client({ ...settings(shared.box), forcePathStyle: true }).send(
    new ListObjectsV2Command({ Bucket: 'lake' }),
  )
  const ofLooks = Contents.flatMap(({ Key = '' }) => (Key.includes('look-') ? [Key] : []))
  // Of each look that was done to its end its document, and of none a copy of raw.
  expect(ofLooks.length).toBe(5)
  expect(ofLooks.filter((key) => !/^glue\/temp\/look-[\w-]+\/look\.json$/.test(key))).toEqual([])
  expect(await glueBookmark()).toEqual(bookmark)
  const loads = await shared.operator.json(0, 'query', 'select count(*) as n from raw_data.load_log where seq > 1')
  expect(loads.result.rows[0].n).toBe('0')
})

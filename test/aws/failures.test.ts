import { GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue'
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { settings, Warehouse } from '../emulator/support.js'
import { DATABASE } from '../support/mysql-tables.js'
import { SMALL_AS_OF } from '../support/small-warehouse.js'
import { asOperatorUser } from './operator-user.js'
import { type Operator, sharedOperator } from './pipeline-support.js'

// Policies decide: jobs and Redshift have the template's roles, and whoever types the policy that docs/aws.md prints.
const shared = sharedOperator({ auth: true, waits: 0.05 })
const LONG = { timeout: 400_000 }
let operator: Operator
let queue = ''

beforeAll(async () => {
  const { result } = await shared.operator.json(0, 'bootstrap', '--yes')
  const sqs = new SQSClient(settings(shared.box))
  queue = (await sqs.send(new CreateQueueCommand({ QueueName: 'notices' }))).QueueUrl as string
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['QueueArn'] }),
  )
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        ...{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage' },
        Resource: Attributes?.['QueueArn'],
      },
    ],
  })
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue, Attributes: { Policy } }))
  const sns = new SNSClient(settings(shared.box))
  await sns.send(
    new SubscribeCommand({ TopicArn: result.outputs.TopicArn, Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }),
  )
  operator = await asOperatorUser(shared, result.outputs)
  await operator.json(0, 'run', '--as-of', SMALL_AS_OF, '--name', 'first')
}, 400_000)
beforeEach(() => shared.box.clearFaults())

/** The notice that has come since the last one was read: subject and message. */
async function notice(): Promise<[string, string]> {
  const sqs = new SQSClient(settings(shared.box))
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue, WaitTimeSeconds: 5 }))
  const { Subject, Message } = JSON.parse(Messages[0]?.Body ?? '{}')
  return [Subject, Message]
}

async function jobStates(job: string): Promise<(string | undefined)[]> {
  const glue = new GlueClient(settings(shared.box))
  const { JobRuns = [] } = await glue.send(new GetJobRunsCommand({ JobName: job }))
  return JobRuns.map(({ JobRunState }) => JobRunState)
}

/** What raw holds of a booking. */
async function status(id: number): Promise<string | undefined> {
  const { result } = await operator.json(
    0,
    'query',
    `select booking_status from raw_data.stg_bookings where booking_id = ${id}`,
  )
  return result.rows[0]?.booking_status
}

test(
  'a table that is gone: the layer, the cause and the way on, in the terminal, by notice, and later',
  LONG,
  async () => {
    const admin = (...sql: string[]) => shared.box.mariadb.admin(...sql)
    await admin(`rename table ${DATABASE}.bookings to ${DATABASE}.away`)
    const failed = await operator.run('run', '--as-of', SMALL_AS_OF, '--name', 'gone')
    expect([failed.code, failed.stderr]).toEqual([65, expect.stringContaining('bookings')])
    const [subject, message] = await notice()
    expect([subject, message]).toEqual([
      'rental-etl: ExtractRaw failed',
      expect.stringMatching(/Run gone failed at ExtractRaw: .*bookings/),
    ])
    expect(message).toContain('Next: rental-etl resume gone')
    const shown = await operator.run('runs', 'show', '@failed')
    expect(shown.stdout).toMatch(/failed[\s\S]*layer extract: .*bookings/)
    expect(shown.stdout + shown.stderr).toContain('bookings')
    expect((await operator.run('logs', 'gone', '--failed')).stdout).toContain('bookings')

    await admin(
      `rename table ${DATABASE}.away to ${DATABASE}.bookings`,
      `update ${DATABASE}.bookings set booking_status = 'canceled' where booking_id = 2`,
    )
    const resumed = await operator.json(0, 'resume')
    expect([resumed.result.parent, resumed.result.status, await status(2)]).toEqual(['gone', 'succeeded', 'canceled'])
    await operator.expectSame(SMALL_AS_OF)
  },
)

test(
  'a statement that fails in the middle of the load changes nothing, and resume loads the manifest',
  LONG,
  async () => {
    const admin = (...sql: string[]) => shared.box.mariadb.admin(...sql)
    await admin(`update ${DATABASE}.bookings set booking_status = 'pending' where booking_id = 5`)
    await operator.json(0, 'run', '--to', 'extract', '--as-of', SMALL_AS_OF, '--name', 'found')
    const warehouse = new Warehouse(shared.box)
    // What the load notes of a booking comes before its row is put in, and after the log of the copies.
    await warehouse.do(['alter table curated.changed_bookings rename to changed_away'])
    const failed = await operator.run('run', '--from', 'raw', '--as-of', SMALL_AS_OF, '--name', 'middle')
    expect([failed.code === 0, failed.stderr]).toEqual([false, expect.stringContaining('changed_bookings')])
    await warehouse.do(['alter table curated.changed_away rename to changed_bookings'])
    expect(await status(5)).toBe('confirmed')
    const resumed = await operator.json(0, 'resume', 'middle')
    expect([resumed.result.layers[0].status, await status(5)]).toEqual(['skipped', 'pending'])
    await operator.expectSame(SMALL_AS_OF)
  },
)

test('a run that is cancelled leaves no job behind; while it goes on, no other starts', LONG, async () => {
  await shared.box.faults({ job: { mode: 'hang', job: 'extract_raw' } })
  const detached = await operator.json(69, 'run', '--detach', '--as-of', SMALL_AS_OF, '--name', 'hangs')
  expect(detached.result.status).toBe('running')
  expect((await operator.run('run', '--as-of', SMALL_AS_OF)).code).toBe(75)
  for (const end = Date.now() + 100_000; !(await jobStates('extract_raw')).includes('RUNNING') && Date.now() < end; )
    await new Promise((resolve) => setTimeout(resolve, 200))
  const canceled = await operator.json(0, 'cancel', 'hangs', '--reason', 'a test', '--yes')
  expect(canceled.result).toMatchObject({ run_id: 'hangs', status: 'canceled' })
  for (const job of ['extract_raw', 's3_to_redshift_raw', 'redshift_raw_to_curated'])
    expect(
      (await jobStates(job)).filter((state) => state !== 'SUCCEEDED' && state !== 'FAILED' && state !== 'STOPPED'),
    ).toEqual([])
  await shared.box.clearFaults()
  const watched = await operator.json(1, 'watch', 'hangs')
  expect([watched.result.status, watched.result.error?.message]).toEqual([
    'canceled',
    expect.stringContaining('a test'),
  ])
})

test('the ways to say again', LONG, async () => {
  const curated = await operator.json(0, 'rerun', 'curated', '@latest')
  expect(curated.result.layers.map(({ status: one }: { status: string }) => one)).toEqual([
    'skipped',
    'skipped',
    'succeeded',
  ])
  const full = await operator.json(0, 'run', '--full-refresh', '--as-of', SMALL_AS_OF)
  expect(full.result.layers[1].tables.every(({ inserted }: { inserted: number }) => inserted > 0)).toBe(true)
  await operator.expectSame(SMALL_AS_OF, '--full-refresh')
  const { result } = await operator.json(0, 'runs')
  expect(result.rows.length).toBeGreaterThan(6)
  expect(result.rows[0].status).toBe('succeeded')
})

test('by bookmarks alone what is new is taken, and nothing else', LONG, async () => {
  const admin = (...sql: string[]) => shared.box.mariadb.admin(...sql)
  await admin(
    `update ${DATABASE}.bookings set booking_status = 'canceled' where booking_id = 3`,
    `insert into ${DATABASE}.bookings select 99, user_id, apartment_id, booking_date, checkin_date, checkout_date, total_price, currency, booking_status, payment_status, num_guests from ${DATABASE}.bookings where booking_id = 1`,
  )
  const { result } = await operator.json(0, 'run', '--reconcile', 'never', '--as-of', SMALL_AS_OF)
  expect(result.reconciled).toBe(false)
  expect([await status(3), await status(99)]).toEqual(['confirmed', 'confirmed'])
  await operator.json(0, 'run', '--as-of', SMALL_AS_OF)
  expect(await status(3)).toBe('canceled')
  await operator.expectSame(SMALL_AS_OF)
})

import { setTimeout as sleep } from 'node:timers/promises'
import { CloudFormationClient, DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation'
import { BatchStopJobRunCommand, GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue'
import { DeleteObjectCommand } from '@aws-sdk/client-s3'
import { SFNClient, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ErrorReport } from '../../src/lib/core/errors.js'
import type { Call } from '../emulator/box.js'
import { Bucket, runJob, settings, Warehouse } from '../emulator/support.js'
import { SMALL_AS_OF } from '../support/small-warehouse.js'
import { sharedOperator } from './pipeline-support.js'
import { type Right, RolePolicy } from './role-policies.js'

// Policies decide: each right of a role is taken away in turn, and what needs it has to fail and to name it.
const shared = sharedOperator({ auth: true, waits: 0.02 })
const LONG = { timeout: 200_000 }
const roles: Record<string, RolePolicy> = {}
let glue: GlueClient
let looksArn = ''

/** What a run calls, from its start to its end. */
let calls: Call[] = []
let failed = 0

beforeAll(async () => {
  looksArn = (await shared.operator.json(0, 'bootstrap', '--yes')).result.outputs.LooksArn
  glue = new GlueClient(settings(shared.box))
  const stack = new CloudFormationClient(settings(shared.box))
  const { StackResources = [] } = await stack.send(new DescribeStackResourcesCommand({ StackName: 'rental-etl' }))
  for (const { LogicalResourceId = '', PhysicalResourceId = '', ResourceType } of StackResources)
    if (ResourceType === 'AWS::IAM::Role')
      roles[LogicalResourceId] = await RolePolicy.of(shared.box, PhysicalResourceId)
  await shared.box.forgetCalls()
  await shared.operator.json(0, 'run', '--as-of', SMALL_AS_OF, '--name', 'first')
  calls = await shared.box.calls()
}, 300_000)
beforeEach(() => shared.box.clearFaults())

/** A step of a run, started as the workflow starts it. @returns what it ended with */
async function step(job: string, runId: string, more: Record<string, string> = {}): Promise<string> {
  // All rows, so that each step has something to read and to write.
  const request = { run_id: runId, as_of: SMALL_AS_OF, manifest_run: runId, full_refresh: true }
  const run = await runJob(glue, job, { '--request': JSON.stringify(request), ...more })
  return `${run.JobRunState} ${run.ErrorMessage ?? ''}`
}

const extract = () => step('extract_raw', 'first')
const snapshot = () => step('s3_to_redshift_raw', 'first', { '--step': 'snapshot' })
const load = () => step('s3_to_redshift_raw', 'first')
const curated = () => step('redshift_raw_to_curated', 'first')

/** What Glue and Redshift do by themselves, and the box does not do: AWS's documentation asks for these. */
const OF_AWS: Record<string, string> = {
  'logs:CreateLogGroup': 'Glue writes the output of a job as its role',
  'logs:CreateLogStream': 'Glue writes the output of a job as its role',
  'logs:PutLogEvents': 'Glue writes the output of a job as its role',
  'logs:PutRetentionPolicy': 'Glue writes the output of a job as its role',
  'cloudwatch:PutMetricData': 'Glue writes the metrics of a job as its role',
  'glue:GetConnection': 'Glue joins the network of the connection before the script begins',
  'glue:GetJobBookmark': 'the library of Glue keeps the state of bookmarks',
  'glue:ResetJobBookmark': 'the library of Glue keeps the state of bookmarks',
  'glue:GetJob': 'the library of Glue keeps the state of bookmarks',
  'glue:GetJobRun': 'the library of Glue keeps the state of bookmarks',
  's3:GetBucketLocation': 'the file systems of Glue and Redshift ask where a bucket is',
  's3:AbortMultipartUpload': 'a writer of large files that fails takes its parts back',
}

const LOAD: [action: string, folder: string, work: () => Promise<string>][] = [
  ['s3:GetObject', '/scripts/*', curated],
  ['s3:GetObject', '/runs/*', load],
  ['s3:PutObject', '/runs/*', curated],
  ['s3:PutObject', '/glue/temp/*', snapshot],
  ['s3:DeleteObject', '/glue/temp/*', snapshot],
  ['s3:ListBucket', '', load],
  ['redshift-data:BatchExecuteStatement', '', curated],
  ['redshift-data:DescribeStatement', '', curated],
  ['redshift-data:GetStatementResult', '', curated],
  ['redshift-serverless:GetCredentials', '', curated],
]

const COPY: typeof LOAD = [
  ['s3:GetObject', '/data/*', load],
  ['s3:GetObject', '/runs/*', load],
  ['s3:PutObject', '/glue/temp/*', snapshot],
  ['s3:ListBucket', '', snapshot],
]
const OF_UNLOAD = { action: 's3:GetObject', resource: 'arn:aws:s3:::lake/glue/temp/*' }

const EXTRACT: typeof LOAD = [
  ['s3:GetObject', '/scripts/*', extract],
  ['secretsmanager:GetSecretValue', '', extract],
  // The manifest of an earlier attempt is removed first; those below leave none.
  ['s3:DeleteObject', '/runs/*', extract],
  ['s3:ListBucket', '', extract],
  ['s3:GetObject', '/glue/temp/*', extract],
  ['s3:PutObject', '/glue/temp/*', extract],
  ['s3:DeleteObject', '/glue/temp/*', extract],
  ['s3:GetObject', '/data/*', extract],
  ['s3:PutObject', '/data/*', extract],
  ['s3:DeleteObject', '/data/*', extract],
  ['s3:PutObject', '/runs/*', extract],
]

const OF_STATES: Record<string, string> = {
  'glue:GetJobRuns': 'AWS asks for it where a workflow waits for a job',
  ...Object.fromEntries(
    [
      ...['CreateLogDelivery', 'GetLogDelivery', 'UpdateLogDelivery', 'DeleteLogDelivery', 'ListLogDeliveries'],
      ...['PutResourcePolicy', 'DescribeResourcePolicies', 'DescribeLogGroups'],
    ].map((name) => [`logs:${name}`, 'Step Functions writes the log of a workflow as its role']),
  ),
}

/** The right of that name: its resource ends like that, where more than one has the name. */
function found(role: RolePolicy, action: string, folder: string): Right {
  const right = role.rights().find((one) => one.action === action && one.resource.endsWith(folder))
  if (!right) throw new Error(`the role has no ${action} on …${folder}`)
  return right
}

// Before the others: these have runs that load after the first one, and take its manifest away.
describe('what comes between', () => {
  test('a transaction that loses against another one is done again, whole', LONG, async () => {
    const before = await loads()
    await shared.box.forgetCalls()
    // The look, the copies, and then the load.
    for (const at of [99, 99, 4]) await shared.box.faults({ statement: { at, error: 'serialization' } })
    expect(await load()).toBe('SUCCEEDED ')
    const sizes = (await shared.box.calls()).flatMap(({ statements = [] }) => statements)
    expect([sizes.length, sizes.at(-1)]).toEqual([4, sizes.at(-2)])
    expect(await loads()).toBe(before + 1)
  })

  test('a file of the manifest that is gone: nothing is loaded, and what to type', LONG, async () => {
    const before = await loads()
    const bucket = new Bucket(shared.box, 'lake')
    const manifest = JSON.parse(Buffer.from(await bucket.get('runs/first/manifest.json')).toString())
    const { path } = manifest.tables[0].files[0]
    const bytes = await bucket.get(path)
    await bucket.s3.send(new DeleteObjectCommand({ Bucket: 'lake', Key: path }))
    const { error } = await shared.operator.json(74, 'rerun', 'raw', 'first')
    expect(error).toMatchObject({
      code: 'IO',
      message: `s3://lake/${path} is gone; the extract of run first cannot be loaded`,
      suggestions: expect.arrayContaining([expect.stringMatching(/^rental-etl run /)]),
    })
    expect(await loads()).toBe(before)
    await bucket.put(path, bytes)
  })
})

for (const [name, tried, beside] of [
  ['LoadRole', LOAD, []],
  ['CopyRole', COPY, [OF_UNLOAD]],
  ['GlueRole', EXTRACT, []],
] as const) {
  describe(name, () => {
    // One that fails has removed what the extract is told.
    beforeAll(async () => {
      expect(await snapshot()).toBe('SUCCEEDED ')
    })

    test.each(tried)('without %s on …%s a job fails, and says so', LONG, async (action, folder, work) => {
      const role = roles[name] as RolePolicy
      const told = await role.without(found(role, action, folder), work)
      expect(told).toMatch(/^FAILED (ACCESS|AccessDenied): /)
      expect(told).toContain(action)
    })

    test('has no other right, but what AWS itself needs', () => {
      const role = roles[name] as RolePolicy
      const known = [...tried.map(([action, folder]) => found(role, action, folder)), ...beside]
      const others = role
        .rights()
        .filter((right) => !known.some((one) => one.action === right.action && one.resource === right.resource))
      expect(others.filter(({ action }) => !(action in OF_AWS))).toEqual([])
    })
  })
}

const JOBS = { extract: 'extract_raw', raw: 's3_to_redshift_raw', curated: 'redshift_raw_to_curated' } as const

describe('StatesRole', () => {
  const layers = Object.keys(JOBS) as (keyof typeof JOBS)[]
  const startJobs = layers.flatMap((layer) =>
    ['glue:StartJobRun', 'glue:GetJobRun'].map((action) => [action, layer] as const),
  )

  test.each(startJobs)('without %s on the job of layer %s a run fails, and says so', LONG, async (action, layer) => {
    const role = roles['StatesRole'] as RolePolicy
    // What the workflow may start and not ask after goes on without it.
    await shared.box.faults({ job: { mode: 'kill', job: JOBS[layer] } })
    const { error } = await role.without(found(role, action, `job/${JOBS[layer]}`), () => failing(layer))
    expect([error.code, error.layer]).toEqual(['ACCESS', layer])
    expect(error.message).toContain(action)
    expect(error.suggestions[0]).toContain('rental-etl bootstrap')
    await idle()
  })

  test.each(layers)(
    'without glue:BatchStopJobRun on the job of layer %s a stop is refused, and cancel ends the job',
    LONG,
    async (layer) => {
      const role = roles['StatesRole'] as RolePolicy
      await shared.box.faults({ job: { mode: 'hang', job: JOBS[layer] } })
      await shared.box.forgetCalls()
      await role.without(found(role, 'glue:BatchStopJobRun', `job/${JOBS[layer]}`), async () => {
        const name = `stop-${layer}`
        await shared.operator.json(69, 'run', '--detach', '--from', layer, '--as-of', SMALL_AS_OF, '--name', name)
        await until(async () => (await states(JOBS[layer])).includes('RUNNING'))
        await shared.operator.json(0, 'cancel', name, '--reason', 'a test', '--yes')
      })
      expect(await refused('glue:BatchStopJobRun', /StatesRole/)).toBe(true)
      expect((await states(JOBS[layer]))[0]).toBe('STOPPED')
    },
  )

  test.each(['glue:StartJobRun', 'glue:GetJobRun'])(
    'without %s on the job of a look the source is not looked at, and the command says so',
    LONG,
    async (action) => {
      const role = roles['StatesRole'] as RolePolicy
      await shared.box.faults({ job: { mode: 'kill', job: 'look_at_source' } })
      const look = () => shared.operator.json(77, 'verify', '--scope', 'freshness')
      const { error } = await role.without(found(role, action, 'job/look_at_source'), look)
      expect(error?.message).toContain(action)
      expect(error?.suggestions[0]).toContain('rental-etl bootstrap')
    },
  )

  test('without glue:BatchStopJobRun on the job of a look its stop is refused', LONG, async () => {
    const role = roles['StatesRole'] as RolePolicy
    await shared.box.faults({ job: { mode: 'hang', job: 'look_at_source' } })
    await shared.box.forgetCalls()
    const sfn = new SFNClient(settings(shared.box))
    await role.without(found(role, 'glue:BatchStopJobRun', 'job/look_at_source'), async () => {
      const input = JSON.stringify({ run_id: 'look-1', as_of: SMALL_AS_OF, look: { kind: 'rows' } })
      const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: looksArn, input }))
      await until(async () => (await states('look_at_source')).includes('RUNNING'))
      await sfn.send(new StopExecutionCommand({ executionArn }))
      await until(() => refused('glue:BatchStopJobRun', /StatesRole/))
    })
    const [run] = (await glue.send(new GetJobRunsCommand({ JobName: 'look_at_source' }))).JobRuns ?? []
    await glue.send(new BatchStopJobRunCommand({ JobName: 'look_at_source', JobRunIds: [run?.Id ?? ''] }))
  })

  test('without sns:Publish nobody is told, and the run says that', LONG, async () => {
    const role = roles['StatesRole'] as RolePolicy
    await shared.box.faults({ job: { mode: 'kill', job: JOBS.curated } })
    const { warnings } = await role.without(found(role, 'sns:Publish', ''), () => failing('curated'))
    expect(warnings.join()).toMatch(/the notice could not be published: .*sns:Publish/)
  })

  test('has no other right, but what AWS itself needs', () => {
    const role = roles['StatesRole'] as RolePolicy
    const tried = ['glue:StartJobRun', 'glue:GetJobRun', 'glue:BatchStopJobRun', 'sns:Publish']
    const others = role.rights().filter(({ action }) => !tried.includes(action) && !(action in OF_STATES))
    expect(others).toEqual([])
    expect(role.rights().filter(({ action }) => tried.includes(action))).toHaveLength(4 * 3 + 1)
  })
})

test('ScheduleRole: without states:StartExecution a schedule starts nothing', LONG, async () => {
  const role = roles['ScheduleRole'] as RolePolicy
  expect(role.rights().map(({ action }) => action)).toEqual(['states:StartExecution'])
  const before = (await shared.operator.json(0, 'runs')).result.rows.length
  await shared.box.forgetCalls()
  await role.without(found(role, 'states:StartExecution', ''), async () => {
    await shared.box.fire('RunRentalAnalyticsDaily')
    await until(() => refused('states:StartExecution', /ScheduleRole/))
  })
  expect((await shared.operator.json(0, 'runs')).result.rows).toHaveLength(before)
})

describe('what a run costs', () => {
  const POLLING = [
    ...['states:GetExecutionHistory', 'logs:FilterLogEvents', 'glue:GetJobRun'],
    'redshift-data:DescribeStatement',
  ]

  test('few calls beside polling: the operator makes 60 at most, and a transaction has 40 statements at most', () => {
    const own = calls.filter(({ identity, action }) => identity.endsWith(':root') && !POLLING.includes(action))
    expect(own.map(({ action }) => action)).toContain('states:StartExecution')
    expect(own.length).toBeLessThanOrEqual(60)
    const sizes = calls.flatMap(({ statements = [] }) => statements)
    // Snapshot, load and curated each look before their transaction.
    expect([sizes.length >= 6, Math.max(...sizes) <= 40]).toEqual([true, true])
  })

  test('a second bootstrap changes nothing', async () => {
    await shared.box.forgetCalls()
    await shared.operator.json(0, 'bootstrap', '--yes')
    const made = await shared.box.calls()
    expect(made.filter(({ mutating }) => mutating).map(({ action }) => action)).toEqual([])
    expect(made.length).toBeGreaterThan(3)
  })
})

test('with all of their rights the jobs succeed', LONG, async () => {
  expect([await snapshot(), await extract(), await load(), await curated()]).toEqual(Array(4).fill('SUCCEEDED '))
})

/** A run that enters at a layer and fails, as it is shown later. */
async function failing(layer: string): Promise<{ error: ErrorReport & { layer: string }; warnings: string[] }> {
  const name = `failing-${++failed}`
  const { code } = await shared.operator.run('run', '--from', layer, '--as-of', SMALL_AS_OF, '--name', name)
  expect(code).not.toBe(0)
  return (await shared.operator.json(0, 'runs', 'show', name)).result
}

async function states(job: string): Promise<(string | undefined)[]> {
  const { JobRuns = [] } = await glue.send(new GetJobRunsCommand({ JobName: job }))
  return JobRuns.map(({ JobRunState }) => JobRunState)
}

/** Returns once no job is going on. */
async function idle(): Promise<void> {
  const going = ['STARTING', 'RUNNING', 'STOPPING']
  for (const job of Object.values(JOBS))
    await until(async () => !(await states(job)).some((state) => going.includes(state ?? '')))
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await isSo()); await sleep(100))
    if (Date.now() > end) throw new Error('it has not come to it')
}

/** True when a role was refused a call. */
async function refused(action: string, who: RegExp): Promise<boolean> {
  return (await shared.box.calls()).some(
    (call) => call.action === action && who.test(call.identity) && call.status === 403,
  )
}

async function loads(): Promise<number> {
  const [row] = await new Warehouse(shared.box).rows('select max(seq) from raw_data.load_log')
  return Number(row?.[0])
}

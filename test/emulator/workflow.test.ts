import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateJobCommand,
  DeleteJobCommand,
  GetJobRunsCommand,
  GlueClient,
  StartJobRunCommand,
} from '@aws-sdk/client-glue'
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Bucket, jobEnd, roleOf, settings, sharedBox } from './support.js'

// The workflow of the product, on jobs that are a few lines. Its waits last a hundredth of their time.
const shared = sharedBox({ waits: 0.01 })
const JOBS = { extract: 'extract_raw', load: 's3_to_redshift_raw', curated: 'redshift_raw_to_curated' }
const SCRIPTS = {
  ok: "import sys\nprint('ARGV', sys.argv[1:])\n",
  bad: "import sys\nif 'snapshot' not in sys.argv: raise ValueError('guard: bookings lost 40% of its rows')\n",
  slow: 'import time\ntime.sleep(120)\n',
}
const FULL = { as_of: '2026-06-30', from: 'extract', to: 'curated' }

let glue: GlueClient
let sfn: SFNClient
let topic: string
let queue: string
let sqs: SQSClient
let machine: string

beforeAll(async () => {
  const of = settings(shared.box)
  glue = new GlueClient(of)
  sfn = new SFNClient(of)
  sqs = new SQSClient(of)
  const sns = new SNSClient(of)
  const code = await new Bucket(shared.box, 'code').create()
  for (const [name, text] of Object.entries(SCRIPTS)) await code.put(`${name}.py`, text)
  topic = (await sns.send(new CreateTopicCommand({ Name: 'notices' }))).TopicArn as string
  queue = (await sqs.send(new CreateQueueCommand({ QueueName: 'notices' }))).QueueUrl as string
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue, AttributeNames: ['QueueArn'] }),
  )
  await sns.send(new SubscribeCommand({ TopicArn: topic, Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }))
  machine = await createMachine('RentalAnalyticsWorkflow', topic)
})
beforeEach(async () => {
  await shared.box.clearFaults()
  await jobs()
  await notices()
})

async function createMachine(name: string, TopicArn: string): Promise<string> {
  let definition = await readFile(new URL('../../templates/workflow.asl.json', import.meta.url), 'utf8')
  const values = {
    ExtractJobName: JOBS.extract,
    LoadJobName: JOBS.load,
    CuratedJobName: JOBS.curated,
    JobTimeoutMinutes: '120',
    TopicArn,
  }
  for (const [key, value] of Object.entries(values)) definition = definition.replaceAll(`\${${key}}`, value)
  const created = await sfn.send(
    new CreateStateMachineCommand({ name, definition, roleArn: roleOf(shared.box, 'states') }),
  )
  return created.stateMachineArn as string
}

/** The three jobs anew, each of them fine unless it is said. */
async function jobs(scripts: Partial<Record<keyof typeof JOBS, keyof typeof SCRIPTS>> = {}): Promise<void> {
  for (const [key, Name] of Object.entries(JOBS) as [keyof typeof JOBS, string][]) {
    await glue.send(new DeleteJobCommand({ JobName: Name }))
    const ScriptLocation = `s3://code/${scripts[key] ?? 'ok'}.py`
    const Command = { Name: 'glueetl', ScriptLocation }
    await glue.send(new CreateJobCommand({ Name, Role: roleOf(shared.box, 'glue'), Command, GlueVersion: '5.0' }))
  }
}

interface Ended extends DescribeExecutionCommandOutput {
  events: HistoryEvent[]
  path: (string | undefined)[]
}

async function run(name: string, input?: object, { on = machine, stopAt = '' } = {}): Promise<Ended> {
  const start = { stateMachineArn: on, name, ...(input ? { input: JSON.stringify(input) } : {}) }
  const { executionArn } = await sfn.send(new StartExecutionCommand(start))
  for (let stopped = false; ; await sleep(50)) {
    const found = await sfn.send(new DescribeExecutionCommand({ executionArn }))
    const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }))
    const path = events.flatMap((event) => event.stateEnteredEventDetails?.name ?? [])
    if (found.status !== 'RUNNING') return { ...found, events, path }
    if (!stopAt || stopped || !events.some(({ type }) => type === stopAt)) continue
    await sleep(300)
    await sfn.send(new StopExecutionCommand({ executionArn, error: 'Operator', cause: 'test' }))
    stopped = true
  }
}

async function notices(): Promise<{ Subject: string; Message: string }[]> {
  const found: { Subject: string; Message: string }[] = []
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10 }))
    if (Messages.length === 0) return found
    for (const { Body = '', ReceiptHandle } of Messages) {
      found.push(JSON.parse(Body) as { Subject: string; Message: string })
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle }))
    }
  }
}

async function runsOf(
  job: keyof typeof JOBS,
): Promise<{ request: Record<string, unknown>; state: string | undefined }[]> {
  const { JobRuns = [] } = await glue.send(new GetJobRunsCommand({ JobName: JOBS[job] }))
  // Beside the layers, the job of raw is asked for the snapshot that the extract reads.
  const layers = JobRuns.filter((run) => run.Arguments?.['--step'] !== 'snapshot')
  return layers.map((run) => ({
    request: JSON.parse(run.Arguments?.['--request'] ?? '{}') as Record<string, unknown>,
    state: run.JobRunState,
  }))
}

describe('a run that succeeds', () => {
  test('hands its request to the three jobs, and its time-out as a number', async () => {
    const ended = await run('run-1', FULL)
    expect(ended.status).toBe('SUCCEEDED')
    expect((await runsOf('extract'))[0]?.request).toMatchObject({ run_id: 'run-1', ...FULL })
    const { JobRuns } = await glue.send(new GetJobRunsCommand({ JobName: JOBS.extract }))
    expect(JobRuns?.[0]).toMatchObject({ Timeout: 120, JobRunState: 'SUCCEEDED', GlueVersion: '5.0', Attempt: 0 })
    for (const job of ['load', 'curated'] as const) expect(await runsOf(job)).toHaveLength(1)
  })

  test('needs no input', async () => {
    expect((await run('run-2')).status).toBe('SUCCEEDED')
    expect((await runsOf('extract'))[0]?.request['as_of']).toMatch(/^20\d\d-/)
  })

  test('takes the event of a schedule as no request', async () => {
    const event = { version: '0', source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} }
    expect((await run('run-3', event)).status).toBe('SUCCEEDED')
    expect((await runsOf('extract'))[0]?.request).not.toHaveProperty('source')
  })

  test.each([
    ['raw', 'raw', ['load']],
    ['curated', 'curated', ['curated']],
    ['extract', 'extract', ['extract']],
    ['raw', 'curated', ['load', 'curated']],
  ])('from %s to %s runs %s', async (from, to, done) => {
    expect((await run(`from-${from}-to-${to}`, { from, to })).status).toBe('SUCCEEDED')
    for (const job of ['extract', 'load', 'curated'] as const)
      expect(await runsOf(job)).toHaveLength(done.includes(job) ? 1 : 0)
  })

  test('has a history in the words of AWS', async () => {
    const { events } = await run('history', { from: 'curated', to: 'curated' })
    const task = events.filter(({ type }) => type?.startsWith('Task'))
    expect(task.map(({ type }) => type)).toEqual([
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
    ])
    const of = { resourceType: 'glue', resource: 'startJobRun.sync' }
    expect(task[1]?.taskScheduledEventDetails).toMatchObject(of)
    const { JobName, Arguments } = JSON.parse(task[1]?.taskScheduledEventDetails?.parameters ?? '{}')
    expect(JobName).toBe(JOBS.curated)
    expect(JSON.parse(Arguments['--request'])).toMatchObject({ run_id: 'history' })
    expect(task[3]?.taskSubmittedEventDetails).toMatchObject(of)
    expect(JSON.parse(task[3]?.taskSubmittedEventDetails?.output ?? '{}').JobRunId).toMatch(/^jr_[0-9a-f]{64}$/)
    const output = JSON.parse(task[4]?.taskSucceededEventDetails?.output ?? '{}')
    expect(output).toMatchObject({ JobRunState: 'SUCCEEDED', JobName: JOBS.curated, Timeout: 120 })
    expect(events.map(({ id, previousEventId }) => [id, previousEventId]).slice(1)).toEqual(
      events.slice(1).map((_, at) => [at + 2, at + 1]),
    )
  })
})

describe('a run that fails', () => {
  test.each([
    ['a layer that there is not', { from: 'nowhere' }],
    ['a layer of another type', { from: 3 }],
  ])('for %s', async (what, input) => {
    const ended = await run(`bad-${what.length}`, input)
    expect(ended).toMatchObject({
      status: 'FAILED',
      error: 'CheckRequestFailed',
      cause: expect.stringContaining('InvalidRequest'),
    })
    expect(await runsOf('extract')).toEqual([])
  })

  test('for a job that failed: once, with a notice that says where and why', async () => {
    await jobs({ load: 'bad' })
    const ended = await run('run-9', FULL)
    const cause = 'ValueError: guard: bookings lost 40% of its rows'
    expect(ended).toMatchObject({ status: 'FAILED', error: 'LoadRawFailed', cause })
    const failed = ended.events.find(({ type }) => type === 'TaskFailed')?.taskFailedEventDetails
    expect(failed).toMatchObject({ error: 'States.TaskFailed', resourceType: 'glue', resource: 'startJobRun.sync' })
    expect(JSON.parse(failed?.cause ?? '{}')).toMatchObject({ JobRunState: 'FAILED', ErrorMessage: cause })
    expect(await runsOf('load')).toHaveLength(1)
    expect(await runsOf('curated')).toEqual([])
    const [notice] = await notices()
    expect(notice?.Subject).toContain('LoadRaw')
    expect(notice?.Message).toMatch(/Run run-9 failed at LoadRaw: ValueError/)
  })

  test('for a job that there is not', async () => {
    await glue.send(new DeleteJobCommand({ JobName: JOBS.curated }))
    const ended = await run('run-10', FULL)
    expect(ended).toMatchObject({ status: 'FAILED', error: 'CuratedLayerFailed' })
    expect(ended.cause).toMatch(/^Glue\.EntityNotFoundException: /)
  })

  test('for a job that is busy, after it was tried again five times', async () => {
    await jobs({ extract: 'slow' })
    await glue.send(new StartJobRunCommand({ JobName: JOBS.extract }))
    const ended = await run('busy', FULL)
    expect(ended.cause).toMatch(/^Glue\.ConcurrentRunsExceededException: /)
    expect(ended.events.filter(({ type }) => type === 'TaskScheduled')).toHaveLength(1 + 6 + 1)
    expect(await runsOf('extract')).toHaveLength(1)
  })

  test('with the first error, when the notice is refused', async () => {
    await jobs({ extract: 'bad' })
    await shared.box.faults({ refuse: ['sns:Publish'] })
    const ended = await run('no-notice', FULL)
    expect(ended).toMatchObject({ status: 'FAILED', error: 'ExtractRawFailed' })
    const refused = ended.events.filter((event) => event.taskFailedEventDetails?.resourceType === 'sns')
    expect(refused).toHaveLength(4)
    expect(refused[0]?.taskFailedEventDetails?.error).toMatch(/^SNS\./)
    expect(await notices()).toEqual([])
  })
})

test('one that is stopped stops its job, and stays ABORTED', async () => {
  await jobs({ extract: 'slow' })
  const ended = await run('stopped', FULL, { stopAt: 'TaskSubmitted' })
  expect(ended).toMatchObject({ status: 'ABORTED', error: 'Operator', cause: 'test' })
  const { JobRuns } = await glue.send(new GetJobRunsCommand({ JobName: JOBS.extract }))
  const over = await jobEnd(glue, JOBS.extract, JobRuns?.[0]?.Id as string)
  expect(over.JobRunState).toBe('STOPPED')
  await sleep(300)
  const { executionArn } = ended
  expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({ status: 'ABORTED' })
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }))
  expect(events.at(-1)?.type).toBe('ExecutionAborted')
})

test('one that is stopped stays ABORTED, though it catches nothing', async () => {
  await jobs({ extract: 'slow' })
  const Resource = 'arn:aws:states:::glue:startJobRun.sync'
  const States = { A: { Type: 'Task', Resource, Parameters: { JobName: JOBS.extract }, End: true } }
  const definition = JSON.stringify({ StartAt: 'A', States })
  const bare = { name: 'bare', definition, roleArn: roleOf(shared.box, 'states') }
  const { stateMachineArn: on = '' } = await sfn.send(new CreateStateMachineCommand(bare))
  const { executionArn } = await run('bare', {}, { on, stopAt: 'TaskSubmitted' })
  await sleep(500)
  expect(await sfn.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({ status: 'ABORTED' })
})

describe('names, lists and pages', () => {
  test('a name is taken, unless the same is asked for while it runs', async () => {
    await jobs({ extract: 'slow' })
    const start = { stateMachineArn: machine, name: 'named', input: JSON.stringify(FULL) }
    const { executionArn } = await sfn.send(new StartExecutionCommand(start))
    expect((await sfn.send(new StartExecutionCommand(start))).executionArn).toBe(executionArn)
    const other = new StartExecutionCommand({ ...start, input: '{}' })
    await expect(sfn.send(other)).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' })
    await sfn.send(new StopExecutionCommand({ executionArn }))
    await expect(sfn.send(new StartExecutionCommand(start))).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' })
  })

  test('executions by status, events in reverse', async () => {
    const { executionArn } = await run('listed', { from: 'nowhere' })
    const list = new ListExecutionsCommand({ stateMachineArn: machine, statusFilter: 'FAILED' })
    expect((await sfn.send(list)).executions?.[0]?.name).toBe('listed')
    const page = new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 2 })
    const { events, nextToken } = await sfn.send(page)
    expect(events?.map(({ type }) => type)).toEqual(['ExecutionFailed', 'FailStateEntered'])
    expect(nextToken).toBeDefined()
  })
})

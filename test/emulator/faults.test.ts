import { setTimeout as sleep } from 'node:timers/promises'
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation'
import {
  BatchStopJobRunCommand,
  CreateJobCommand,
  GetJobCommand,
  GlueClient,
  StartJobRunCommand,
} from '@aws-sdk/client-glue'
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn'
import { CreateTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Bucket, jobEnd, roleOf, runJob, settings, sharedBox, Warehouse } from './support.js'

const shared = sharedBox()
let glue: GlueClient
let warehouse: Warehouse
let code: Bucket
beforeAll(async () => {
  glue = new GlueClient(settings(shared.box))
  warehouse = new Warehouse(shared.box)
  code = await new Bucket(shared.box, 'code').create()
  const ScriptLocation = await code.put(
    'job.py',
    'import time\nprint("begun", flush=True)\ntime.sleep(2)\nprint("done")\n',
  )
  const Command = { Name: 'pythonshell', ScriptLocation }
  await glue.send(new CreateJobCommand({ Name: 'job', Role: roleOf(shared.box, 'glue'), Command }))
})
beforeEach(() => shared.box.clearFaults())

test('calls are throttled as often as it is asked for, in the words of each service', async () => {
  const { box } = shared
  const of = settings(box)
  await box.faults({
    throttle: {
      'glue:GetJob': 2,
      's3:PutObject': 1,
      'states:ListExecutions': 1,
      'cloudformation:CreateStack': 1,
      'redshift-data:ExecuteStatement': 1,
    },
  })
  const get = new GetJobCommand({ JobName: 'job' })
  for (let at = 0; at < 2; at += 1) await expect(glue.send(get)).rejects.toMatchObject({ name: 'ThrottlingException' })
  expect((await glue.send(get)).Job?.Name).toBe('job')
  await expect(code.put('x', 'x')).rejects.toMatchObject({ name: 'SlowDown', $metadata: { httpStatusCode: 503 } })
  await code.put('x', 'x')
  const list = new ListExecutionsCommand({
    stateMachineArn: `arn:aws:states:${box.region}:${box.account}:stateMachine:x`,
  })
  await expect(new SFNClient(of).send(list)).rejects.toMatchObject({ name: 'ThrottlingException' })
  const create = new CreateStackCommand({ StackName: 's', TemplateBody: '{}' })
  await expect(new CloudFormationClient(of).send(create)).rejects.toMatchObject({ name: 'ThrottlingException' })
  await expect(warehouse.start('select 1')).rejects.toMatchObject({ name: 'ThrottlingException' })
  await warehouse.do('select 1')
})

test('an SDK that tries again gets through', async () => {
  await shared.box.faults({ throttle: { 'glue:GetJob': 2 } })
  const patient = new GlueClient({ ...settings(shared.box), maxAttempts: 3 })
  expect((await patient.send(new GetJobCommand({ JobName: 'job' }))).Job?.Name).toBe('job')
})

test('a call is refused until the faults are cleared', async () => {
  const sns = new SNSClient(settings(shared.box))
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 't' }))
  const publish = new PublishCommand({ TopicArn, Message: 'm' })
  await shared.box.faults({ refuse: ['sns:Publish'] })
  for (let at = 0; at < 2; at += 1)
    await expect(sns.send(publish)).rejects.toMatchObject({
      name: expect.stringMatching(/^(AuthorizationError|AccessDenied)/),
    })
  await shared.box.clearFaults()
  expect((await sns.send(publish)).MessageId).toBeDefined()
})

describe('credentials that expired', () => {
  const keys = { accessKeyId: 'AKIASOMEBODYELSE0001', secretAccessKey: 'x' }

  test('are said so by each service; those of the box never are', async () => {
    const of = settings(shared.box, keys)
    const who = new GetCallerIdentityCommand({})
    await new STSClient(of).send(who)
    await shared.box.faults({ expired: ['*'] })
    const { QueueUrl } = { QueueUrl: `${shared.box.endpoint}/${shared.box.account}/q` }
    for (const [service, call] of [
      ['glue', () => new GlueClient(of).send(new GetJobCommand({ JobName: 'job' }))],
      ['sts', () => new STSClient(of).send(who)],
      ['s3', () => new Bucket(shared.box, 'code', keys).get('job.py')],
      ['sqs', () => new SQSClient(of).send(new SendMessageCommand({ QueueUrl, MessageBody: 'm' }))],
    ] as const)
      await expect(call(), service).rejects.toMatchObject({ name: expect.stringMatching(/^ExpiredToken/) })
    await new STSClient(settings(shared.box)).send(who)
  })
})

describe('a statement', () => {
  test('of a batch fails, the k-th, and nothing of the batch stays', async () => {
    await warehouse.do('create table t (id int)')
    await shared.box.faults({ statement: { at: 2, error: 'disk is full' } })
    const failed = await warehouse.run(['insert into t values (1)', 'insert into t values (2)', 'select 1'])
    expect(failed).toMatchObject({ Status: 'FAILED', Error: 'ERROR: disk is full' })
    expect(failed.SubStatements?.map(({ Status }) => Status)).toEqual(['FINISHED', 'FAILED', 'ABORTED'])
    expect(await warehouse.rows('select count(*) from t')).toEqual([[0]])
  })

  test('fails as a conflict does, once', async () => {
    await shared.box.faults({ statement: { error: 'serialization' } })
    expect((await warehouse.run('select 1')).Error).toMatch(/^ERROR: 1023 DETAIL: Serializable isolation violation/)
    expect((await warehouse.run('select 1')).Status).toBe('FINISHED')
  })
})

describe('a job', () => {
  test('hangs until it is stopped', async () => {
    await shared.box.faults({ job: { mode: 'hang' } })
    const { JobRunId } = await glue.send(new StartJobRunCommand({ JobName: 'job', Timeout: 1 }))
    expect(await Promise.race([jobEnd(glue, 'job', JobRunId as string), sleep(3500, 'it hangs')])).toBe('it hangs')
    await glue.send(new BatchStopJobRunCommand({ JobName: 'job', JobRunIds: [JobRunId as string] }))
    expect((await jobEnd(glue, 'job', JobRunId as string)).JobRunState).toBe('STOPPED')
  })

  test('is killed, once, when it has said something', async () => {
    await shared.box.faults({ job: { mode: 'kill', job: 'job', when: 'begun' } })
    const killed = { JobRunState: 'FAILED', ErrorMessage: 'Command failed with exit code 137' }
    expect(await runJob(glue, 'job')).toMatchObject(killed)
    expect(await runJob(glue, 'job')).toMatchObject({ JobRunState: 'SUCCEEDED' })
  })

  test('of another name is let be', async () => {
    await shared.box.faults({ job: { mode: 'kill', job: 'other' } })
    expect(await runJob(glue, 'job')).toMatchObject({ JobRunState: 'SUCCEEDED' })
  })
})

test('calls are recorded: what, by whom, on what, and whether it changes something', async () => {
  const { box } = shared
  await box.forgetCalls()
  await code.put('recorded', 'x')
  await glue.send(new GetJobCommand({ JobName: 'job' }))
  await glue.send(new GetJobCommand({ JobName: 'none' })).catch(() => undefined)
  await warehouse.run(['select 1', 'with a as (select 1) select * from a'])
  await warehouse.run('delete from t')
  const root = `arn:aws:iam::${box.account}:root`
  const calls = (await box.calls()).filter(({ action }) => !/Describe/.test(action))
  const mine = { identity: root }
  expect(calls).toMatchObject([
    { ...mine, action: 's3:PutObject', resource: 'arn:aws:s3:::code/recorded', mutating: true, status: 200 },
    {
      ...mine,
      action: 'glue:GetJob',
      resource: `arn:aws:glue:${box.region}:${box.account}:job/job`,
      mutating: false,
      status: 200,
    },
    { ...mine, action: 'glue:GetJob', mutating: false, status: 400 },
    { ...mine, action: 'redshift-data:BatchExecuteStatement', mutating: false },
    {
      ...mine,
      action: 'redshift-data:ExecuteStatement',
      mutating: true,
      resource: expect.stringMatching(/:workgroup\/rental$/),
    },
  ])
})

test('a fault that there is not is refused', async () => {
  await expect(shared.box.faults({ nonsense: 1 } as never)).rejects.toThrow(/no such fault/)
})

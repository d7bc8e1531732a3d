import { readFile } from 'node:fs/promises'
import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation'
import { DescribeRuleCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { AwsClients } from '../../src/lib/adapters/aws/clients.js'
import { type StackSettings, stackParameters } from '../../src/lib/adapters/aws/stack/parameters.js'
import { releaseFiles } from '../../src/lib/adapters/aws/stack/release-files.js'
import { AwsStack } from '../../src/lib/adapters/aws/stack/stack.js'
import { stackTemplate } from '../../src/lib/adapters/aws/stack/template.js'
import { DEFAULT_GUARDS } from '../../src/lib/core/run/guards.js'
import type { StackEvent } from '../../src/lib/ports/stack.js'
import { settings as clientSettings, sharedBox } from '../emulator/support.js'
import { STACK_SETTINGS } from '../support/stack-settings.js'

const shared = sharedBox()
const never = new AbortController().signal
const read = (name: string): Promise<string> => readFile(new URL(`../../templates/${name}`, import.meta.url), 'utf8')
const template = stackTemplate(await read('stack.yaml'), {
  WORKFLOW: await read('workflow.asl.json'),
  LOOK: await read('look.asl.json'),
})

/** With a resource that nobody can make. */
const broken = template.replace(
  /^Outputs:$/m,
  '  Doomed:\n    Type: AWS::CloudFormation::WaitCondition\n    Properties: { Count: 0, Handle: none, Timeout: "1" }\nOutputs:',
)

let secret = ''
let sent: (readonly string[])[] = []

beforeAll(async () => {
  const client = new SecretsManagerClient(clientSettings(shared.box))
  const made = await client.send(
    new CreateSecretCommand({ Name: 'source', SecretString: '{"username":"etl","password":"x"}' }),
  )
  secret = made.ARN as string
  for (const [name, value] of Object.entries(shared.box.env)) process.env[name] = value
})
beforeEach(() => {
  sent = []
})

function stackOf(
  name: string,
  changes: Partial<StackSettings> = {},
  options: { text?: string; version?: string } = {},
): AwsStack {
  const bucket = changes.bucket ?? `lake-${name}`
  const settings: StackSettings = {
    ...STACK_SETTINGS,
    ...{ bucket, source_secret: secret, notify: 'ops@example.com' },
    ...changes,
    // Names are of an account, and several stacks are tried in one.
    parameters: {
      ...Object.fromEntries(
        [
          'WorkflowName',
          'ScheduleName',
          'GlueRoleName',
          'LoadRoleName',
          'CopyRoleName',
          'ExtractJobName',
          'LoadJobName',
          'CuratedJobName',
          'LookJobName',
          'SourceConnectionName',
        ].map((key) => [key, `${key}-${name}`]),
      ),
      ...changes.parameters,
    },
  }
  const release = releaseFiles(
    { 'extract_raw.py': options.version ?? '1', 'run_script.py': '', 'rental_etl/__init__.py': '' },
    {},
  )
  const { endpoint, region } = shared.box
  return new AwsStack({
    ...{ clients: new AwsClients({ endpoint, region }), stack: name, bucket, release, now: () => new Date() },
    template: options.text ?? template,
    parameters: (scheduled) => stackParameters(settings, { prefix: release.prefix, scheduled }),
    warehouse: [['create schema a'], ['create view b']],
    prepare: async () => undefined,
    send: async (statements) => void sent.push(statements),
  })
}

async function apply(stack: AwsStack): Promise<StackEvent[]> {
  const events: StackEvent[] = []
  for await (const event of stack.apply(never)) events.push(event)
  return events
}

async function mutating(work: () => Promise<unknown>): Promise<string[]> {
  await shared.box.forgetCalls()
  await work()
  return (await shared.box.calls()).filter((call) => call.mutating).map(({ action }) => action)
}

async function rule(name: string): Promise<string | undefined> {
  const client = new EventBridgeClient(clientSettings(shared.box))
  return (await client.send(new DescribeRuleCommand({ Name: `ScheduleName-${name}` }))).State
}

test('nothing, a plan that changes nothing, the stack, and nothing left to do', async () => {
  const stack = stackOf('first')
  expect(await stack.status(never)).toEqual({ stack: 'first', status: null, outputs: {}, parameters: {} })
  expect(await mutating(() => stack.plan(never))).toEqual([])
  const plan = await stack.plan(never)
  expect([plan.status, plan.unchanged, plan.uploads.length, plan.statements]).toEqual([null, false, 4, 2])
  expect(plan.changes.every(({ action }) => action === 'add')).toBe(true)

  const events = await apply(stack)
  expect(events.filter(({ type }) => type === 'step')).toHaveLength(4)
  expect(sent).toEqual([['create schema a'], ['create view b']])
  const status = await stack.status(never)
  expect(status.status).toBe('UPDATE_COMPLETE')
  expect(Object.keys(status.outputs).sort()).toEqual([
    'Bucket',
    'CopyRoleArn',
    'GlueRoleArn',
    'LoadRoleArn',
    'LooksArn',
    'TopicArn',
    'WorkflowArn',
  ])
  expect(await rule('first')).toBe('ENABLED')
  const made = await new CloudFormationClient(clientSettings(shared.box)).send(
    new DescribeStackResourcesCommand({ StackName: 'first' }),
  )
  // Where there is no subnet and an address is given, all that the template has.
  expect(made.StackResources?.map(({ LogicalResourceId }) => LogicalResourceId).sort()).toEqual(
    plan.changes.map(({ resource }) => resource).sort(),
  )

  expect(await stackOf('first').plan(never)).toMatchObject({
    unchanged: true,
    changes: [],
    parameters: [],
    uploads: [],
    statements: 0,
  })
  expect(await mutating(() => apply(stackOf('first')))).toEqual([])
})

test('a change of a setting, and a new release, touch what they are about', async () => {
  await apply(stackOf('second'))
  sent = []
  const changed = { schedule: '30 3 * * *', guards: { ...DEFAULT_GUARDS, max_deleted: 0.5 } }
  const later = stackOf('second', changed, { version: '2' })
  const plan = await later.plan(never)
  expect(plan.parameters.map(({ name }) => name)).toEqual(['ReleasePrefix', 'ScheduledRequest', 'ScheduleExpression'])
  expect(plan.changes.map(({ action, resource }) => [action, resource])).toEqual([
    ['modify', 'ExtractJob'],
    ['modify', 'LookJob'],
    ['modify', 'LoadJob'],
    ['modify', 'CuratedJob'],
    ['modify', 'Schedule'],
  ])
  await apply(later)
  expect(sent).toHaveLength(2)
  const { parameters } = await later.status(never)
  expect(parameters).toMatchObject({ ScheduleExpression: 'cron(30 3 * * ? *)', ScheduleState: 'ENABLED' })
  expect((await stackOf('second', changed, { version: '2' }).plan(never)).unchanged).toBe(true)
})

test('it goes on after a stop at any point, and the schedule is on only when all is there', async () => {
  const stopped = stackOf('third')
  const events = stopped.apply(never)
  for (let next = await events.next(); !next.done; next = await events.next())
    if (next.value.type === 'step' && next.value.message.startsWith('uploading')) break
  await events.return(undefined)
  expect([await rule('third'), sent]).toEqual(['DISABLED', []])
  await apply(stackOf('third'))
  expect([await rule('third'), sent.length]).toEqual(['ENABLED', 2])
})

test('a resource that cannot be made is named, with why, and the stack is what it was', async () => {
  await apply(stackOf('fourth'))
  const error = await apply(stackOf('fourth', {}, { text: broken })).catch((thrown) => thrown)
  expect([error.code, error.message]).toEqual([
    'JOB_FAILED',
    expect.stringMatching(/^stack fourth is UPDATE_ROLLBACK_COMPLETE; Doomed: /),
  ])
  expect((await stackOf('fourth').plan(never)).changes).toEqual([])
})

test('a stack that failed when it was made takes no change, and says what to type', async () => {
  await expect(apply(stackOf('fifth', {}, { text: broken }))).rejects.toMatchObject({ code: 'JOB_FAILED' })
  const { Stacks } = await new CloudFormationClient(clientSettings(shared.box)).send(
    new DescribeStacksCommand({ StackName: 'fifth' }),
  )
  expect(Stacks?.[0]?.StackStatus).toBe('ROLLBACK_COMPLETE')
  await expect(apply(stackOf('fifth'))).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    suggestions: [
      expect.any(String),
      'aws cloudformation delete-stack --stack-name fifth   # then rental-etl bootstrap',
    ],
  })
})

test('a name of a bucket that is taken: that, and the setting that names it', async () => {
  await new S3Client({ ...clientSettings(shared.box), forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: 'taken' }),
  )
  await expect(apply(stackOf('seventh', { bucket: 'taken' }))).rejects.toMatchObject({
    code: 'JOB_FAILED',
    message: expect.stringMatching(/taken.*already exists/),
    suggestions: expect.arrayContaining([expect.stringMatching(/^rental-etl config explain bucket/)]),
  })
})

test('what CloudFormation does not take at all is told, and nothing is left of it', async () => {
  await expect(apply(stackOf('sixth', { bucket: 'Not A Bucket' }))).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('BucketName'),
  })
})

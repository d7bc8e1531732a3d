import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AwsClients } from '../../src/lib/adapters/aws/clients.js'
import { AwsOrchestrator } from '../../src/lib/adapters/aws/runs/orchestrator.js'
import { AwsRunStore } from '../../src/lib/adapters/aws/runs/run-store.js'
import { until } from '../contract/orchestrator.js'
import { type Box, startBox } from '../emulator/box.js'
import { credentials } from '../emulator/setup.js'
import { requestOf } from '../fakes/requests.js'
import { RUN_RIGHTS } from './operator-policy.js'
import { clientsOf, type OnBox, workflowOn } from './workflow.js'

/** All that a user needs for runs: to start, follow, list, cancel and prune them. */
const RESOURCES: Record<(typeof RUN_RIGHTS)[number], (on: OnBox) => string> = {
  'states:StartExecution': ({ options }) => options.workflowArn,
  'states:ListExecutions': ({ options }) => options.workflowArn,
  'states:DescribeExecution': executions,
  'states:GetExecutionHistory': executions,
  'states:StopExecution': executions,
  'glue:GetJobRun': () => 'arn:aws:glue:*:*:job/*',
  'glue:GetJobRuns': () => 'arn:aws:glue:*:*:job/*',
  'glue:BatchStopJobRun': () => 'arn:aws:glue:*:*:job/*',
  'logs:FilterLogEvents': () => 'arn:aws:logs:*:*:log-group:/aws-glue/*',
  's3:GetObject': ({ options }) => `arn:aws:s3:::${options.bucket}/runs/*`,
  's3:PutObject': ({ options }) => `arn:aws:s3:::${options.bucket}/runs/*`,
  's3:DeleteObject': ({ options }) => `arn:aws:s3:::${options.bucket}/runs/*`,
  's3:ListBucket': ({ options }) => `arn:aws:s3:::${options.bucket}`,
}
const RIGHTS = RUN_RIGHTS.map((action) => [action, RESOURCES[action]] as const)

const OF_WORKFLOW = ['glue:StartJobRun', 'glue:GetJobRun', 'sns:Publish']

function executions({ options }: OnBox): string {
  return `${options.workflowArn.replace(':stateMachine:', ':execution:')}:*`
}

let box: Box
let root: AwsClients
let user: AwsClients
let iam: IAMClient
let on: OnBox
let number = 0

beforeAll(async () => {
  box = await startBox({ auth: true, waits: 0.01 })
  root = clientsOf(box)
  iam = new IAMClient({ endpoint: box.endpoint, region: box.region, credentials: credentials(box) })
  const glue = await role('Jobs', 'glue', [{ Action: 's3:GetObject', Resource: '*' }])
  const states = await role('States', 'states', [{ Action: [...OF_WORKFLOW, 'glue:BatchStopJobRun'], Resource: '*' }])
  on = await workflowOn(
    box,
    root,
    { extract: `say('log', level='info', message='m')\ntime.sleep(300)\n` },
    { glue, states },
  )
  await iam.send(new CreateUserCommand({ UserName: 'operator' }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'operator' }))
  const file = join(box.folder, 'operator')
  const keys = `aws_access_key_id=${AccessKey?.AccessKeyId}\naws_secret_access_key=${AccessKey?.SecretAccessKey}`
  await writeFile(file, `[operator]\n${keys}\n`)
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = file
  user = new AwsClients({ region: box.region, endpoint: box.endpoint, profile: 'operator' })
})
afterAll(async () => {
  delete process.env['AWS_SHARED_CREDENTIALS_FILE']
  await user?.[Symbol.asyncDispose]()
  await root?.[Symbol.asyncDispose]()
  await box?.[Symbol.asyncDispose]()
})

const policy = (Statement: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: Statement.map((one) => ({ Effect: 'Allow', ...one })) })

async function role(RoleName: string, service: string, statements: object[]): Promise<string> {
  const trust = { Principal: { Service: `${service}.amazonaws.com` }, Action: 'sts:AssumeRole' }
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy([trust]) }))
  await mayDo(RoleName, statements)
  return `arn:aws:iam::${box.account}:role/${RoleName}`
}

async function mayDo(RoleName: string, statements: object[]): Promise<void> {
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: policy(statements) }))
}

async function grant(actions: readonly (typeof RIGHTS)[number][]): Promise<void> {
  const statements = actions.map(([Action, resource]) => ({ Action, Resource: resource(on) }))
  await iam.send(
    new PutUserPolicyCommand({ UserName: 'operator', PolicyName: 'p', PolicyDocument: policy(statements) }),
  )
}

/** A run from its start to its removal, whose job the workflow stops, or is left to us. */
async function everything(stopPace = { look: 50, grace: 3000, most: 20_000 }): Promise<string[]> {
  const options = { ...on.options, clients: user }
  const orchestrator = new AwsOrchestrator({ ...options, jobs: on.jobs, stopPace })
  const store = new AwsRunStore(options)
  const runId = `r-${++number}`
  await orchestrator.start(requestOf(runId))
  await until(orchestrator.follow(runId), ({ type }) => type === 'log')
  await orchestrator.cancel(runId, 'seen enough')
  const found = (await store.list()).map(({ state }) => state.status)
  await store.remove(runId, { keepManifest: false })
  return found
}

/** What a refused call has left going on. */
async function endAll(): Promise<void> {
  for (const { state } of await on.store.list())
    if (state.status === 'running') await on.orchestrator.cancel(state.run_id, 'over')
}

test('these rights are enough', async () => {
  await grant(RIGHTS)
  expect(await everything()).toEqual(['canceled'])
})

test.each(RIGHTS.filter(([action]) => action !== 'glue:BatchStopJobRun').map(([action]) => [action]))(
  'without %s something is refused, and it says what',
  async (missing) => {
    await grant(RIGHTS.filter(([action]) => action !== missing))
    await expect(everything()).rejects.toMatchObject({
      code: 'ACCESS',
      exit: 'access',
      message: expect.stringContaining(`may not ${missing}`),
    })
    await endAll()
  },
)

test('a job that the workflow may not stop is stopped all the same, or that is told', async () => {
  await mayDo('States', [{ Action: OF_WORKFLOW, Resource: '*' }])
  const inVain = { look: 50, grace: 200, most: 20_000 }
  await grant(RIGHTS.filter(([action]) => action !== 'glue:BatchStopJobRun'))
  await expect(everything(inVain)).rejects.toMatchObject({
    code: 'ACCESS',
    message: expect.stringContaining('may not glue:BatchStopJobRun'),
  })
  await on.orchestrator.cancel(`r-${number}`, 'by root')
  await grant(RIGHTS)
  expect((await everything(inVain))[0]).toBe('canceled')
})

import { setTimeout as sleep } from 'node:timers/promises'
import { DeleteRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import { beforeAll, expect, test, vi } from 'vitest'
import { AwsClients } from '../../src/lib/adapters/aws/clients.js'
import { DataApi } from '../../src/lib/adapters/aws/redshift/data-api.js'
import { settings } from '../emulator/support.js'
import { SMALL_AS_OF } from '../support/small-warehouse.js'
import { RUN_RIGHTS } from './operator-policy.js'
import { type Keys, operatorUser, type Policy } from './operator-user.js'
import { sharedOperator } from './pipeline-support.js'

// Signatures are checked and policies decide: jobs, workflow, schedule and Redshift have the template's own roles.
const shared = sharedOperator({ auth: true, waits: 0.05 })
let policy: Policy
let keys: Keys
let grant: (given: Policy) => Promise<void>

beforeAll(async () => {
  const { outputs } = (await shared.operator.json(0, 'bootstrap', '--yes')).result
  const user = await operatorUser(shared.box, outputs)
  policy = user.policy
  keys = user.keys
  grant = user.grant
})

const listed = (one: string | string[]): string[] => [one].flat()

/** Does something while the operator lacks a right. */
async function without<Result>(action: string, work: () => Promise<Result>): Promise<Result> {
  const Statement = policy.Statement.map((one) => ({
    ...one,
    Action: listed(one.Action).filter((name) => name !== action),
  })).filter(({ Action }) => Action.length > 0)
  await grant({ ...policy, Statement })
  try {
    return await work()
  } finally {
    await grant(policy)
  }
}

test('with the rights that docs/aws.md prints, runs are done, proved and read, and nothing is made', {
  timeout: 500_000,
}, async () => {
  const user = shared.operator.as(keys)
  // The database knows a user from the first call on; who owns the tables lets it read, as docs/aws.md says.
  expect((await user.json(77, 'query', 'select 1 as one')).error?.message).toContain('IAM:operator')
  await shared.operator.grant('grant role analysts to "IAM:operator"')
  const ran = await user.json(0, 'run', '--as-of', SMALL_AS_OF)
  expect(ran.result.status).toBe('succeeded')
  expect((await user.json(0, 'metrics', 'occupancy', '--all')).result.rows.length).toBeGreaterThan(0)
  expect((await user.json(0, 'runs')).result.rows).toHaveLength(1)
  expect((await user.json(0, 'status')).result.status).toMatch(/_COMPLETE$/)
  const looked: { name: string; status: string }[] = (await user.json(0, 'doctor')).result.checks
  // What it shows is of a day long ago.
  expect(looked.filter(({ status }) => status !== 'ok').map(({ name, status }) => [name, status])).toEqual([
    ['source', 'skip'],
    ['warehouse', 'warn'],
  ])
  const refused = await user.json(77, 'query', 'select * from raw_data.stg_bookings')
  expect(refused.error?.message).toContain('stg_bookings')
  // The source is looked at by a job of the template's role.
  const dry = await user.json(0, 'run', '--dry-run', '--as-of', SMALL_AS_OF)
  expect(dry.result.layers[0].tables.map(({ unchanged }: { unchanged: number }) => unchanged)).toEqual([3, 3, 6, 2])
  await shared.operator.expectSame(SMALL_AS_OF)
})

const NEEDED: [action: string, words: string[]][] = [
  ['cloudformation:DescribeStacks', ['runs']],
  ['redshift-data:ExecuteStatement', ['metrics', 'occupancy', '--all']],
  ['redshift-data:BatchExecuteStatement', ['query', 'select 1 as one']],
  ['redshift-data:DescribeStatement', ['query', 'select 1 as one']],
  ['redshift-data:GetStatementResult', ['query', 'select 1 as one']],
  ['redshift-serverless:GetCredentials', ['query', 'select 1 as one']],
]

test.each(NEEDED)('without %s a command is refused, and says so', async (action, words) => {
  const { error } = await without(action, () => shared.operator.as(keys).json(77, ...words))
  expect(error).toMatchObject({ code: 'ACCESS', message: expect.stringContaining(`may not ${action}`) })
})

test('without redshift-data:CancelStatement what is given up is not stopped, and the command ends all the same', async () => {
  const cancel = 'redshift-data:CancelStatement'
  expect([await givenUp(), await without(cancel, givenUp)]).toEqual([200, 403])
})

/** Gives a statement up that goes on. @returns what the service said to its end */
async function givenUp(): Promise<number | undefined> {
  for (const [name, value] of Object.entries({ ...shared.box.env, ...keys })) vi.stubEnv(name, value)
  await using clients = new AwsClients({ region: shared.box.region, endpoint: shared.box.endpoint })
  const called = async (action: string) => (await shared.box.calls()).find((call) => call.action === action)?.status
  try {
    await shared.box.forgetCalls()
    const stop = new AbortController()
    const api = new DataApi({ workgroup: 'rental', database: 'dev' }, clients, stop.signal)
    const ended = api.run(['select pg_sleep(5)']).catch((error) => error.message)
    while ((await called('redshift-data:DescribeStatement')) === undefined) await sleep(20)
    stop.abort(new Error('given up'))
    expect(await ended).toBe('given up')
    while ((await called('redshift-data:CancelStatement')) === undefined) await sleep(20)
    return await called('redshift-data:CancelStatement')
  } finally {
    vi.unstubAllEnvs()
  }
}

/** On what `verify` writes for COPY. */
const VERIFY_RIGHT = 's3:PutObject'

/** What `verify` says of the lake, and why it was not checked. */
async function lookedAt(): Promise<{ verdict: string; why: string[] }> {
  const { result } = await shared.operator.as(keys).json(0, 'verify', '--scope', 'ledger')
  const skips = result.checks.filter(({ status }: { status: string }) => status === 'skip')
  return { verdict: result.verdict, why: [...new Set<string>(skips.map(({ sql }: { sql: string }) => sql))] }
}

test('with the grants that docs/aws.md prints all is proved; a right that is missing is named', {
  timeout: 300_000,
}, async () => {
  const user = shared.operator.as(keys)
  expect((await user.json(77, 'verify', '--scope', 'ledger')).error?.suggestions[0]).toContain('grant usage on schema')
  await shared.operator.grant('grant usage on schema raw_data to "IAM:operator"')
  await shared.operator.grant('grant select on all tables in schema raw_data to "IAM:operator"')
  const { result } = await user.json(0, 'verify')
  expect([result.verdict, result.checks.filter(({ status }: { status: string }) => status !== 'pass')]).toEqual([
    'ok',
    [],
  ])

  await shared.operator.grant('revoke temp on database dev from public')
  expect(await lookedAt()).toEqual({
    verdict: 'warn',
    why: [expect.stringMatching(/permission denied.*: grant temp on database "dev" to "IAM:operator";$/)],
  })
  await shared.operator.grant('grant temp on database dev to "IAM:operator"')
  expect(await lookedAt()).toEqual({ verdict: 'ok', why: [] })

  const text = JSON.stringify(policy).replace('/glue/temp/verify/*', '/glue/temp/other/*')
  await grant(JSON.parse(text))
  expect(await lookedAt()).toEqual({
    verdict: 'warn',
    why: [
      expect.stringMatching(
        /s3:PutObject.*its policy has to have .*"s3:PutObject","Resource":"arn:aws:s3:::lake\/glue\/temp\/verify\/\*"/,
      ),
    ],
  })
  await grant(policy)
  await new IAMClient(settings(shared.box)).send(
    new DeleteRolePolicyCommand({ RoleName: 'RentalPipelineCopyRole', PolicyName: 'lake' }),
  )
  expect(await lookedAt()).toEqual({
    verdict: 'warn',
    why: [
      expect.stringMatching(/S3ServiceException.*RentalPipelineCopyRole needs s3:GetObject on arn:aws:s3:::lake\/data/),
    ],
  })
})

test('bookmarks are changed with what the error of a refusal prints', async () => {
  const user = shared.operator.as(keys)
  // Who reads raw may not yet change what the next run reads; what the error prints is enough for that.
  const { error } = await user.json(77, 'bookmarks', 'reset', '--yes')
  expect(error?.message).toContain('the user IAM:operator of the database may not change the bookmarks')
  for (const sql of error?.suggestions[0]?.split(/; *(?:--.*)?/) ?? []) if (sql !== '') await shared.operator.grant(sql)
  expect((await user.json(0, 'bookmarks', 'reset', '--yes')).warnings).toEqual([])
  expect((await user.json(0, 'bookmarks')).warnings).toEqual([])
  expect((await user.json(0, 'bookmarks', 'restore', '--yes')).result.seq).toBe(2)
})

test.each([
  ['glue:GetJobBookmark', ['bookmarks'], "Glue's own bookmark was not looked at"],
  ['glue:ResetJobBookmark', ['bookmarks', 'reset', '--yes'], "Glue's own bookmark of job extract_raw was not reset"],
])('without %s a command does its work, and warns', async (action, words, warning) => {
  const { warnings } = await without(action, () => shared.operator.as(keys).json(0, ...words))
  expect(warnings).toEqual([expect.stringContaining(warning)])
  expect(warnings[0]).toContain(`may not ${action}`)
})

test('every right of the policy is tried, here or with the runs', () => {
  const glue = ['glue:GetJobBookmark', 'glue:ResetJobBookmark']
  const tried = [
    ...NEEDED.map(([action]) => action),
    'redshift-data:CancelStatement',
    ...glue,
    ...RUN_RIGHTS,
    VERIFY_RIGHT,
  ]
  // Some are given on several resources.
  const given = [...new Set(policy.Statement.flatMap(({ Action }) => listed(Action)))]
  expect(given.toSorted()).toEqual([...new Set<string>(tried)].toSorted())
})

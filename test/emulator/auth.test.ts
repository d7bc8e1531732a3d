import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateConnectionCommand,
  CreateJobCommand,
  GetJobRunsCommand,
  GlueClient,
  StartJobRunCommand,
} from '@aws-sdk/client-glue'
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam'
import { DescribeStatementCommand } from '@aws-sdk/client-redshift-data'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn'
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { beforeAll, describe, expect, test } from 'vitest'
import { jdbc } from './setup.js'
import { Bucket, jobEnd, type Keys, roleOf, runJob, settings, sharedBox, Warehouse } from './support.js'

// With AUTH: signatures are checked, and policies decide.
const shared = sharedBox({ auth: true })
let iam: IAMClient
let lake: Bucket
let root: Warehouse
beforeAll(async () => {
  iam = new IAMClient(settings(shared.box))
  lake = await new Bucket(shared.box, 'lake').create()
  await lake.put(
    'code/job.py',
    'import boto3\nprint(boto3.client("sts").get_caller_identity()["Arn"])\nboto3.client("s3").put_object(Bucket="lake", Key="data/x", Body=b"")\n',
  )
  root = new Warehouse(shared.box)
})

type Statement = { Action: string | string[]; Resource: string | string[]; Effect?: string; Condition?: object }
/** Who may do nothing may do something that there is not. */
const NOTHING: Statement = { Action: 'sqs:SendMessage', Resource: 'arn:aws:sqs:*:*:none' }
const policy = (statements: Statement[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [NOTHING, ...statements].map((one) => ({ Effect: 'Allow', ...one })),
  })

async function user(UserName: string, ...statements: Statement[]): Promise<Keys> {
  await iam.send(new CreateUserCommand({ UserName }))
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument: policy(statements) }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }))
  return { accessKeyId: AccessKey?.AccessKeyId as string, secretAccessKey: AccessKey?.SecretAccessKey as string }
}

async function role(
  RoleName: string,
  principal: object,
  statements: Statement[],
  Tags: { Key: string; Value: string }[] = [],
): Promise<string> {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }],
  }
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust), Tags }))
  await grant(RoleName, ...statements)
  return roleOf(shared.box, RoleName)
}

async function grant(RoleName: string, ...statements: Statement[]): Promise<void> {
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: policy(statements) }))
}

const denied = { name: expect.stringMatching(/^AccessDenied/) }

test('a key that there is not, and a secret that is wrong', async () => {
  const who = (keys: Keys): Promise<unknown> =>
    new STSClient(settings(shared.box, keys)).send(new GetCallerIdentityCommand({}))
  const known = await user('known')
  expect(await who(known)).toMatchObject({ Arn: `arn:aws:iam::${shared.box.account}:user/known` })
  await expect(who({ accessKeyId: 'AKIANOBODY0000000001', secretAccessKey: 'x' })).rejects.toThrow(/security token/)
  await expect(who({ ...known, secretAccessKey: 'x' })).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' })
})

test('a user may do what the policy says, on what it says', async () => {
  const keys = await user(
    'op',
    { Action: 's3:GetObject', Resource: 'arn:aws:s3:::lake/code/*' },
    { Action: 'glue:StartJobRun', Resource: `arn:aws:glue:*:*:job/mine` },
  )
  const mine = new Bucket(shared.box, 'lake', keys)
  expect((await mine.get('code/job.py')).length).toBeGreaterThan(0)
  await expect(mine.put('code/job.py', '')).rejects.toMatchObject(denied)
  const glue = new GlueClient(settings(shared.box, keys))
  await expect(glue.send(new StartJobRunCommand({ JobName: 'mine' }))).rejects.toMatchObject({
    name: 'EntityNotFoundException',
  })
  await expect(glue.send(new StartJobRunCommand({ JobName: 'other' }))).rejects.toMatchObject(denied)
  const calls = await shared.box.calls()
  expect(calls.at(-1)).toMatchObject({
    action: 'glue:StartJobRun',
    identity: expect.stringMatching(/user\/op$/),
    status: 403,
  })
})

test('a job is a session of its role, which has to trust Glue', async () => {
  const glue = new GlueClient(settings(shared.box))
  const create = (Name: string, Role: string): Promise<unknown> => {
    const Command = { Name: 'pythonshell', ScriptLocation: 's3://lake/code/job.py' }
    return glue.send(new CreateJobCommand({ Name, Role, Command }))
  }
  const reads: Statement = { Action: 's3:GetObject', Resource: 'arn:aws:s3:::lake/code/*' }
  const writes: Statement = { Action: 's3:PutObject', Resource: 'arn:aws:s3:::lake/data/*' }
  await create('reader', await role('Reader', { Service: 'glue.amazonaws.com' }, [reads]))
  const refused = await runJob(glue, 'reader')
  expect(refused).toMatchObject({
    JobRunState: 'FAILED',
    ErrorMessage: expect.stringMatching(/AccessDenied.*PutObject/),
  })
  await grant('Reader', reads, writes)
  expect(await runJob(glue, 'reader')).toMatchObject({ JobRunState: 'SUCCEEDED' })
  await create('stranger', await role('Stranger', { Service: 'ec2.amazonaws.com' }, [reads, writes]))
  expect((await runJob(glue, 'stranger')).ErrorMessage).toMatch(/its trust policy does not name the service/)
})

const SPARK = `import sys
from awsglue.context import GlueContext
from pyspark.context import SparkContext
context = GlueContext(SparkContext.getOrCreate())
options = {"useConnectionProperties": "true", "connectionName": "source", "dbtable": "t"}
rows = context.create_dynamic_frame.from_options("mysql", options).toDF()
rows.coalesce(1).write.mode("overwrite").parquet("s3://lake/spark/")
print("ROWS", context.spark_session.read.parquet("s3://lake/spark/").count())
`

test('Spark reaches S3 and the secret of its connection by the rights of its role', async () => {
  const { box } = shared
  const glue = new GlueClient(settings(box))
  const { url, user, password } = jdbc(box)
  await box.mariadb.admin(
    `create table ${box.mysql.database}.t (id int)`,
    `insert into ${box.mysql.database}.t values (1), (2)`,
  )
  const login = JSON.stringify({ username: user, password })
  const secret = new CreateSecretCommand({ Name: 'source', SecretString: login })
  const { ARN = '' } = await new SecretsManagerClient(settings(box)).send(secret)
  const ConnectionProperties = { JDBC_CONNECTION_URL: url, SECRET_ID: ARN }
  const connection = { Name: 'source', ConnectionType: 'JDBC' as const, ConnectionProperties }
  await glue.send(new CreateConnectionCommand({ ConnectionInput: connection }))
  await lake.put('code/spark.py', SPARK)
  const reads: Statement[] = [
    { Action: 's3:GetObject', Resource: 'arn:aws:s3:::lake/*' },
    { Action: 'glue:GetConnection', Resource: '*' },
    { Action: 's3:ListBucket', Resource: 'arn:aws:s3:::lake' },
    { Action: ['s3:PutObject', 's3:DeleteObject'], Resource: 'arn:aws:s3:::lake/spark/*' },
  ]
  const Role = await role('Spark', { Service: 'glue.amazonaws.com' }, reads)
  const Command = { Name: 'glueetl', ScriptLocation: 's3://lake/code/spark.py' }
  await glue.send(new CreateJobCommand({ Name: 'spark', Role, Command, GlueVersion: '5.0' }))
  expect((await runJob(glue, 'spark')).ErrorMessage).toMatch(/^ClientError: .*GetSecretValue/)
  await grant('Spark', ...reads, { Action: 'secretsmanager:GetSecretValue', Resource: ARN })
  expect(await runJob(glue, 'spark')).toMatchObject({ JobRunState: 'SUCCEEDED' })
  const identity = expect.stringMatching(/assumed-role\/Spark\/GlueJobRunnerSession$/)
  expect(await box.calls()).toContainEqual(
    expect.objectContaining({
      action: 's3:PutObject',
      identity,
      resource: expect.stringMatching(/lake\/spark\/.*parquet$/),
    }),
  )
}, 180_000)

describe('the Data API', () => {
  const may: Statement[] = [
    {
      Action: ['redshift-data:ExecuteStatement', 'redshift-data:BatchExecuteStatement'],
      Resource: 'arn:aws:redshift-serverless:*:*:workgroup/rental',
    },
    { Action: ['redshift-data:DescribeStatement', 'redshift-data:GetStatementResult'], Resource: '*' },
  ]
  const credentials: Statement = { Action: 'redshift-serverless:GetCredentials', Resource: '*' }

  test('needs the right to get credentials, too, and shows results to their owner alone', async () => {
    const without = new Warehouse(shared.box, await user('without', ...may))
    await expect(without.start('select 1')).rejects.toThrow(/GetCredentials/)
    const owner = new Warehouse(shared.box, await user('owner', ...may, credentials))
    const id = await owner.start('select 1')
    expect((await owner.ended(id)).Status).toBe('FINISHED')
    await expect(root.client.send(new DescribeStatementCommand({ Id: id }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })

  test('makes a database user of each identity, who owns what it makes and no more', async () => {
    const analyst = new Warehouse(shared.box, await user('analyst', ...may, credentials))
    await root.do(['create schema core', 'create table core.t (id int)', 'insert into core.t values (1)'])
    expect(await analyst.rows('select current_user')).toEqual([['IAM:analyst']])
    expect(await analyst.run('select * from core.t')).toMatchObject({
      Status: 'FAILED',
      Error: expect.stringMatching(/permission denied/),
    })
    await root.do(['grant usage on schema core to "IAM:analyst"', 'grant select on core.t to "IAM:analyst"'])
    expect(await analyst.rows('select * from core.t')).toEqual([[1]])
    expect(await analyst.run('drop table core.t')).toMatchObject({ Error: expect.stringMatching(/must be owner/) })
  })

  test('gives a session the database roles of its tag, and a secret its user', async () => {
    const sts = new STSClient(settings(shared.box))
    await root.do(['create role loader', 'create schema raw', 'grant all on schema raw to role loader'])
    const RoleArn = await role(
      'Loader',
      { AWS: `arn:aws:iam::${shared.box.account}:root` },
      [...may, credentials],
      [{ Key: 'RedshiftDbRoles', Value: 'loader' }],
    )
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 's' }))
    const session = new Warehouse(shared.box, {
      accessKeyId: Credentials?.AccessKeyId as string,
      secretAccessKey: Credentials?.SecretAccessKey as string,
      sessionToken: Credentials?.SessionToken as string,
    })
    expect(await session.rows('select current_user')).toEqual([['IAMR:Loader']])
    await session.do('create table raw.t (id int)')
    const secrets = new SecretsManagerClient(settings(shared.box))
    const { ARN } = await secrets.send(
      new CreateSecretCommand({ Name: 'warehouse', SecretString: '{"username":"admin","password":"x"}' }),
    )
    const reader = await user('reader', ...may, { Action: 'secretsmanager:GetSecretValue', Resource: ARN as string })
    expect(await new Warehouse(shared.box, reader).rows('select current_user', { SecretArn: ARN })).toEqual([['admin']])
    await expect(session.start('select 1', { SecretArn: ARN })).rejects.toThrow(/GetSecretValue/)
  })

  test('lets COPY and UNLOAD do what the role of the statement may, whoever sends it', async () => {
    const bucket: Statement = { Action: 's3:ListBucket', Resource: 'arn:aws:s3:::lake' }
    const arn = await role('Copy', { Service: ['redshift.amazonaws.com'] }, [bucket])
    const unload = (): Promise<object> =>
      root.run(`unload ('select 1 as n') to 's3://lake/out/' iam_role '${arn}' format parquet allowoverwrite`)
    const copy = (): Promise<object> => root.run(`copy n from 's3://lake/out/' iam_role '${arn}' format as parquet`)
    await root.do('create table n (n int)')
    const refused = { Status: 'FAILED', Error: expect.stringMatching(/S3ServiceException.*not authorized.*PutObject/) }
    expect(await unload()).toMatchObject(refused)
    await grant('Copy', bucket, { Action: 's3:PutObject', Resource: 'arn:aws:s3:::lake/out/*' })
    expect(await unload()).toMatchObject({ Status: 'FINISHED' })
    expect(await copy()).toMatchObject({ Status: 'FAILED', Error: expect.stringMatching(/not authorized.*GetObject/) })
    await grant('Copy', bucket, { Action: ['s3:PutObject', 's3:GetObject'], Resource: 'arn:aws:s3:::lake/out/*' })
    expect(await copy()).toMatchObject({ Status: 'FINISHED', ResultRows: 1 })
  })
})

test('a workflow starts and stops jobs with its own role alone', async () => {
  const sfn = new SFNClient(settings(shared.box))
  const glue = new GlueClient(settings(shared.box))
  const roleArn = await role('States', { Service: 'states.amazonaws.com' }, [])
  const States = {
    A: {
      Type: 'Task',
      Resource: 'arn:aws:states:::glue:startJobRun.sync',
      Parameters: { JobName: 'reader' },
      End: true,
    },
  }
  const definition = JSON.stringify({ StartAt: 'A', States })
  const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name: 'm', definition, roleArn }))
  const run = async (): Promise<{
    status?: string | undefined
    error?: string | undefined
    cause?: string | undefined
  }> => {
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }))
    for (;;) {
      const found = await sfn.send(new DescribeExecutionCommand({ executionArn }))
      if (found.status !== 'RUNNING') return found
      await sleep(50)
    }
  }
  expect(await run()).toMatchObject({
    status: 'FAILED',
    error: 'Glue.AccessDeniedException',
    cause: expect.stringMatching(/StartJobRun/),
  })
  const on = `arn:aws:glue:*:*:job/reader`
  await grant('States', { Action: ['glue:StartJobRun'], Resource: on })
  expect(await run()).toMatchObject({ status: 'FAILED', cause: expect.stringMatching(/GetJobRun/) })
  // The run goes on without the workflow, and would be in the way of the next one.
  const { JobRuns } = await glue.send(new GetJobRunsCommand({ JobName: 'reader' }))
  expect(await jobEnd(glue, 'reader', JobRuns?.[0]?.Id as string)).toMatchObject({ JobRunState: 'SUCCEEDED' })
  await grant('States', { Action: ['glue:StartJobRun', 'glue:GetJobRun'], Resource: on })
  expect(await run()).toMatchObject({ status: 'SUCCEEDED' })
})

test('a policy that asks for TLS does not lock out the box, which answers http', async () => {
  const { PutBucketPolicyCommand } = await import('@aws-sdk/client-s3')
  const Statement = [
    {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: ['arn:aws:s3:::lake', 'arn:aws:s3:::lake/*'],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  ]
  await lake.s3.send(
    new PutBucketPolicyCommand({ Bucket: 'lake', Policy: JSON.stringify({ Version: '2012-10-17', Statement }) }),
  )
  const keys = await user('tls', { Action: 's3:GetObject', Resource: '*' })
  expect((await new Bucket(shared.box, 'lake', keys).get('code/job.py')).length).toBeGreaterThan(0)
})

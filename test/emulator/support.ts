import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { GetJobRunCommand, type GlueClient, type JobRun, StartJobRunCommand } from '@aws-sdk/client-glue'
import {
  BatchExecuteStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementCommandOutput,
  ExecuteStatementCommand,
  type Field,
  GetStatementResultCommand,
  RedshiftDataClient,
} from '@aws-sdk/client-redshift-data'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll } from 'vitest'
import { type Box, type Options, startBox } from './box.js'

export interface Keys {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
}

/** A box for all tests of a file; there from the first of them on. */
export function sharedBox(options: Options = {}): { readonly box: Box } {
  const started: { box?: Box } = {}
  beforeAll(async () => {
    started.box = await startBox(options)
  })
  afterAll(() => started.box?.[Symbol.asyncDispose]())
  return started as { readonly box: Box }
}

/** How a client reaches the box: as its root, or with other keys. */
export function settings(
  box: Box,
  keys?: Keys,
): { endpoint: string; region: string; credentials: Keys; maxAttempts: number } {
  const root = {
    accessKeyId: box.env['AWS_ACCESS_KEY_ID'] as string,
    secretAccessKey: box.env['AWS_SECRET_ACCESS_KEY'] as string,
  }
  // Nothing is tried again behind a test's back.
  return { endpoint: box.endpoint, region: box.region, credentials: keys ?? root, maxAttempts: 1 }
}

export const roleOf = (box: Box, name: string): string => `arn:aws:iam::${box.account}:role/${name}`

export class Bucket {
  readonly s3: S3Client
  readonly name: string

  constructor(box: Box, name: string, keys?: Keys) {
    this.s3 = new S3Client(settings(box, keys))
    this.name = name
  }

  async create(): Promise<this> {
    await this.s3.send(new CreateBucketCommand({ Bucket: this.name }))
    return this
  }

  async put(key: string, body: string | Uint8Array): Promise<string> {
    await this.s3.send(new PutObjectCommand({ Bucket: this.name, Key: key, Body: body }))
    return `s3://${this.name}/${key}`
  }

  async get(key: string): Promise<Uint8Array> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: this.name, Key: key }))
    return (await Body?.transformToByteArray()) as Uint8Array
  }
}

export class Warehouse {
  readonly client: RedshiftDataClient

  constructor(box: Box, keys?: Keys) {
    this.client = new RedshiftDataClient(settings(box, keys))
  }

  static readonly where = { WorkgroupName: 'rental', Database: 'dev' }

  async start(sqls: string | string[], more: object = {}): Promise<string> {
    const { Id } =
      typeof sqls === 'string'
        ? await this.client.send(new ExecuteStatementCommand({ ...Warehouse.where, Sql: sqls, ...more }))
        : await this.client.send(new BatchExecuteStatementCommand({ ...Warehouse.where, Sqls: sqls, ...more }))
    return Id as string
  }

  async ended(id: string): Promise<DescribeStatementCommandOutput> {
    for (;;) {
      const found = await this.client.send(new DescribeStatementCommand({ Id: id }))
      if (['FINISHED', 'FAILED', 'ABORTED'].includes(found.Status as string)) return found
      await sleep(20)
    }
  }

  /** Runs to the end, well or not. */
  async run(sqls: string | string[], more: object = {}): Promise<DescribeStatementCommandOutput> {
    return await this.ended(await this.start(sqls, more))
  }

  /** Runs, and has to succeed. */
  async do(sqls: string | string[], more: object = {}): Promise<DescribeStatementCommandOutput> {
    const done = await this.run(sqls, more)
    if (done.Status !== 'FINISHED') throw new Error(`${done.Status}: ${done.Error}`)
    return done
  }

  /** Rows of a statement, each value bare. */
  async rows(sql: string, more: object = {}): Promise<unknown[][]> {
    const { Id } = await this.do(sql, more)
    const { Records } = await this.client.send(new GetStatementResultCommand({ Id }))
    return (Records ?? []).map((row) => row.map(bare))
  }
}

function bare(field: Field): unknown {
  return field.isNull ? null : Object.values(field).find((value) => value !== undefined)
}

/** Starts a job. @returns its run when it is over */
export async function runJob(glue: GlueClient, JobName: string, args: Record<string, string> = {}): Promise<JobRun> {
  const { JobRunId } = await glue.send(new StartJobRunCommand({ JobName, Arguments: args }))
  return await jobEnd(glue, JobName, JobRunId as string)
}

const GOING = ['STARTING', 'RUNNING', 'STOPPING', 'WAITING']

export async function jobEnd(glue: GlueClient, JobName: string, RunId: string): Promise<JobRun> {
  for (;;) {
    const { JobRun } = await glue.send(new GetJobRunCommand({ JobName, RunId }))
    if (!GOING.includes(JobRun?.JobRunState as string)) return JobRun as JobRun
    await sleep(50)
  }
}

/** One that has ended and was not waited for is no longer running. */
export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

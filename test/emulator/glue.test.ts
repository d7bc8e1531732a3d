import { setTimeout as sleep } from 'node:timers/promises'
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  BatchStopJobRunCommand,
  CreateJobCommand,
  GetJobBookmarkCommand,
  GetJobCommand,
  GetJobRunsCommand,
  GlueClient,
  type JobCommand,
  ResetJobBookmarkCommand,
  StartJobRunCommand,
  UpdateJobCommand,
} from '@aws-sdk/client-glue'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { jdbc } from './setup.js'
import { Bucket, isRunning, jobEnd, roleOf, runJob, settings, sharedBox } from './support.js'

// A minute of a job's time-out lasts half a second.
const shared = sharedBox({ minute: 0.5 })
let glue: GlueClient
let code: Bucket
beforeAll(async () => {
  glue = new GlueClient(settings(shared.box))
  code = await new Bucket(shared.box, 'code').create()
})

async function job(Name: string, script: string, more: object = {}): Promise<string> {
  const ScriptLocation = await code.put(`${Name}.py`, script)
  const Command: JobCommand = { Name: 'pythonshell', PythonVersion: '3.9', ScriptLocation }
  const settings = { Role: roleOf(shared.box, 'glue'), Command, GlueVersion: '5.0', Timeout: 600, ...more }
  await glue.send(new CreateJobCommand({ Name, ...settings }))
  return Name
}

async function logs(run: string, kind: 'output' | 'error', group = '/aws-glue/python-jobs'): Promise<string[]> {
  const of = { logGroupName: `${group}/${kind}`, logStreamNames: [run] }
  const { events } = await new CloudWatchLogsClient(settings(shared.box)).send(new FilterLogEventsCommand(of))
  return (events ?? []).map(({ message }) => message as string)
}

describe('a run', () => {
  test('gets the arguments of the job and its own, and tells what it printed', async () => {
    const name = await job('told', 'import sys\nprint(sys.argv[1:])\nprint("hm", file=sys.stderr)\n', {
      DefaultArguments: { '--a': 'job', '--b': 'job', '--empty': '' },
      NonOverridableArguments: { '--c': 'fixed' },
    })
    const run = await runJob(glue, name, { '--b': 'run', '--c': 'run' })
    expect(run).toMatchObject({ JobRunState: 'SUCCEEDED', Attempt: 0, Arguments: { '--b': 'run', '--c': 'run' } })
    expect(run.ErrorMessage).toBeUndefined()
    const [line = ''] = await logs(run.Id as string, 'output')
    const given = JSON.parse(line.replaceAll("'", '"'))
    const wanted = ['--JOB_NAME', name, '--JOB_RUN_ID', run.Id, '--a', 'job', '--b', 'run', '--empty', '--c', 'fixed']
    expect(given).toEqual(wanted)
    expect(await logs(run.Id as string, 'error')).toEqual(['hm'])
  })

  test('finds the modules that its job names', async () => {
    const uri = await code.put('lib/helper.py', 'WORD = "found"\n')
    const name = await job('modules', 'import helper\nprint(helper.WORD)\n', {
      DefaultArguments: { '--extra-py-files': uri },
    })
    const run = await runJob(glue, name)
    expect(await logs(run.Id as string, 'output')).toEqual(['found'])
  })

  test('that fails says why', async () => {
    const run = await runJob(glue, await job('fails', 'raise ValueError("lost\\nrows")\n'))
    expect(run).toMatchObject({ JobRunState: 'FAILED', ErrorMessage: 'ValueError: lost' })
    const silent = await runJob(glue, await job('silent', 'import sys; sys.exit(3)\n'))
    expect(silent).toMatchObject({ JobRunState: 'FAILED', ErrorMessage: 'Command failed with exit code 3' })
    const Command = { Name: 'pythonshell', ScriptLocation: 's3://code/none.py' }
    await glue.send(new CreateJobCommand({ Name: 'noscript', Role: roleOf(shared.box, 'glue'), Command }))
    expect(await runJob(glue, 'noscript')).toMatchObject({
      JobRunState: 'FAILED',
      ErrorMessage: expect.stringMatching(/NoSuchKey/),
    })
  })

  test('ends at its time-out, in minutes', async () => {
    const name = await job('endless', 'import time; time.sleep(600)\n', { Timeout: 1000 })
    const { JobRunId } = await glue.send(new StartJobRunCommand({ JobName: name, Timeout: 2 }))
    const run = await jobEnd(glue, name, JobRunId as string)
    expect(run).toMatchObject({ JobRunState: 'TIMEOUT', Timeout: 2 })
    expect(run.ExecutionTime).toBeGreaterThanOrEqual(1)
  })

  test('is stopped with all its processes; a second one may not run beside it', async () => {
    const script = `import subprocess, time\np = subprocess.Popen(['sleep', '600'])\nprint(p.pid, flush=True)\ntime.sleep(600)\n`
    const name = await job('stopped', script)
    const { JobRunId = '' } = await glue.send(new StartJobRunCommand({ JobName: name }))
    let child = Number.NaN
    while (Number.isNaN(child)) {
      await sleep(50)
      child = Number((await logs(JobRunId, 'output').catch(() => []))[0] ?? Number.NaN)
    }
    await expect(glue.send(new StartJobRunCommand({ JobName: name }))).rejects.toMatchObject({
      name: 'ConcurrentRunsExceededException',
    })
    const stop = new BatchStopJobRunCommand({ JobName: name, JobRunIds: [JobRunId, 'jr_none'] })
    const { SuccessfulSubmissions, Errors } = await glue.send(stop)
    expect(SuccessfulSubmissions).toEqual([{ JobName: name, JobRunId }])
    expect(Errors?.[0]?.ErrorDetail?.ErrorCode).toBe('EntityNotFoundException')
    expect(await jobEnd(glue, name, JobRunId)).toMatchObject({ JobRunState: 'STOPPED' })
    await vi.waitFor(() => expect(isRunning(child)).toBe(false), 5000)
    const again = await glue.send(stop)
    expect(again.Errors?.[0]?.ErrorDetail?.ErrorCode).toBe('InvalidInputException')
  })

  test('of a job that there is not', async () => {
    await expect(glue.send(new StartJobRunCommand({ JobName: 'none' }))).rejects.toMatchObject({
      name: 'EntityNotFoundException',
    })
  })
})

test('runs are listed newest first, in pages', async () => {
  const name = await job('listed', 'pass\n')
  const ids: unknown[] = []
  for (let at = 0; at < 3; at += 1) ids.unshift((await runJob(glue, name)).Id)
  const first = await glue.send(new GetJobRunsCommand({ JobName: name, MaxResults: 2 }))
  expect(first.JobRuns?.map(({ Id }) => Id)).toEqual(ids.slice(0, 2))
  const rest = await glue.send(new GetJobRunsCommand({ JobName: name, NextToken: first.NextToken }))
  expect(rest.JobRuns?.map(({ Id }) => Id)).toEqual(ids.slice(2))
})

test('a job has numbers as numbers, and UpdateJob replaces all of it', async () => {
  const name = await job('settings', 'pass\n', {
    MaxRetries: 1,
    Description: 'd',
    ExecutionProperty: { MaxConcurrentRuns: 3 },
  })
  const before = (await glue.send(new GetJobCommand({ JobName: name }))).Job
  expect(before).toMatchObject({
    Timeout: 600,
    MaxRetries: 1,
    Description: 'd',
    ExecutionProperty: { MaxConcurrentRuns: 3 },
  })
  const Command = { Name: 'glueetl', ScriptLocation: 's3://code/settings.py' }
  const JobUpdate = { Role: roleOf(shared.box, 'glue'), Command, WorkerType: 'G.1X' as const, NumberOfWorkers: 2 }
  await glue.send(new UpdateJobCommand({ JobName: name, JobUpdate }))
  const after = (await glue.send(new GetJobCommand({ JobName: name }))).Job
  expect(after).toMatchObject({
    Timeout: 480,
    MaxRetries: 0,
    NumberOfWorkers: 2,
    ExecutionProperty: { MaxConcurrentRuns: 1 },
  })
  expect(after?.Description).toBeUndefined()
})

describe('arguments, by awsglue', () => {
  const resolve = async (name: string, wanted: string[], args: Record<string, string>): Promise<string> => {
    const script = `import sys\nfrom awsglue.utils import getResolvedOptions\nprint(getResolvedOptions(sys.argv, ${JSON.stringify(wanted)}))\n`
    const run = await runJob(glue, await job(name, script), args)
    return run.ErrorMessage ?? (await logs(run.Id as string, 'output')).join('\n')
  }

  test.each([
    ['a hyphen is an underscore', ['as-of'], { '--as-of': 'x' }, "'as_of': 'x'"],
    ['a prefix is accepted', ['run_id'], { '--run': 'x' }, "'run_id': 'x'"],
    ['the bookmark option is there unasked', [], {}, "'job_bookmark_option': 'job-bookmark-disable'"],
    ['TempDir is there unasked', [], { '--TempDir': 's3://t/' }, "'RedshiftTempDir': 's3://t/'"],
    ['one that is missing', ['as_of'], {}, 'GlueArgumentError: the following arguments are required: --as_of'],
    [
      'one without a value',
      ['a', 'b'],
      { '--a': '', '--b': 'x' },
      'GlueArgumentError: argument --a: expected one argument',
    ],
    ['a reserved one', ['JOB_RUN_ID'], {}, 'RuntimeError: Using reserved arguments JOB_RUN_ID'],
    [
      'one end of a range',
      [],
      { '--job-bookmark-option': 'job-bookmark-pause', '--job-bookmark-from': 'x' },
      'RuntimeError: Missing option',
    ],
  ] as [string, string[], Record<string, string>, string][])('%s', async (what, wanted, args, found) => {
    expect(await resolve(`args-${what.replaceAll(' ', '-')}`, wanted, args)).toContain(found)
  })
})

const SPARK = `
import sys, time
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
args = getResolvedOptions(sys.argv, ["JOB_NAME", "url", "user", "password", "table", "keys", "to", "fail"])
context = GlueContext(SparkContext.getOrCreate())
job = Job(context)
job.init(args["JOB_NAME"], args)
options = {"url": args["url"], "user": args["user"], "password": args["password"], "dbtable": args["table"], "jobBookmarkKeys": args["keys"].split(",")}
rows = context.create_dynamic_frame.from_options("mysql", options, transformation_ctx="source").toDF()
rows.coalesce(1).write.mode("overwrite").parquet(args["to"])
print("IDS", [r[0] for r in context.spark_session.read.parquet(args["to"]).select("id").orderBy("id").collect()], context.spark_session.version)
if args["fail"] == "yes":
    raise RuntimeError("before the commit")
job.commit()
`

test('Spark reads MariaDB and writes S3; a bookmark moves at the commit alone, and is reset', async () => {
  const { box } = shared
  await box.mariadb.admin(
    `create table ${box.mysql.database}.views (id int primary key, day int, n int)`,
    `insert into ${box.mysql.database}.views values (1, 1, 1), (2, 1, 2), (3, 2, 1)`,
  )
  const { url, user, password } = jdbc(box)
  const more = {
    Command: { Name: 'glueetl', ScriptLocation: 's3://code/spark.py' },
    WorkerType: 'G.1X',
    NumberOfWorkers: 2,
  }
  const name = await job('spark', SPARK, more)
  const args = {
    '--url': url,
    '--user': user,
    '--password': password,
    '--table': 'views',
    '--keys': 'day,n',
    '--to': 's3://code/out/',
  }
  const bookmark = { '--job-bookmark-option': 'job-bookmark-enable' }
  const ids = async (
    more: Record<string, string> = {},
    fail = 'no',
  ): Promise<[string | undefined, number[], string]> => {
    const began = Date.now()
    const run = await runJob(glue, name, { ...args, ...bookmark, ...more, '--fail': fail })
    const found = (await logs(run.Id as string, 'output', '/aws-glue/jobs')).find((line) => line.startsWith('IDS'))
    console.log(`a Spark job took ${Date.now() - began} ms`)
    if (!found)
      throw new Error(
        `${run.ErrorMessage}\n${(await logs(run.Id as string, 'error', '/aws-glue/jobs')).slice(-5).join('\n')}`,
      )
    expect(found).toContain(' 3.5.4')
    return [run.JobRunState, JSON.parse(found.replace(/^IDS (\[.*\]).*/, '$1')), run.Id as string]
  }
  const entry = async (): Promise<{ Run?: number | undefined; JobBookmark?: string | undefined }> =>
    (await glue.send(new GetJobBookmarkCommand({ JobName: name }))).JobBookmarkEntry ?? {}
  await expect(entry()).rejects.toMatchObject({ name: 'EntityNotFoundException' })

  const [failed] = await ids({}, 'yes')
  expect(failed).toBe('FAILED')
  await expect(entry()).rejects.toMatchObject({ name: 'EntityNotFoundException' })
  const [, all, first] = await ids()
  expect(all).toEqual([1, 2, 3])
  expect(await entry()).toMatchObject({ Run: 1, RunId: first, JobName: name })
  expect(JSON.parse((await entry()).JobBookmark ?? '')).toEqual({ source: { day: '2', n: '1' } })

  await box.mariadb.admin(`insert into ${box.mysql.database}.views values (4, 2, 2), (5, 3, 1), (6, 1, 9)`)
  // 6 lies below the position: it is never read, as on Glue.
  expect((await ids({}, 'yes'))[1]).toEqual([4, 5])
  expect((await ids())[1]).toEqual([4, 5])
  expect(await entry()).toMatchObject({ Run: 2, PreviousRunId: first })
  expect((await ids({ '--job-bookmark-option': 'job-bookmark-disable' }))[1]).toEqual([1, 2, 3, 4, 5, 6])
  expect(await entry()).toMatchObject({ Run: 2 })

  await glue.send(new ResetJobBookmarkCommand({ JobName: name, RunId: first }))
  expect((await ids())[1]).toEqual([4, 5])
  await glue.send(new ResetJobBookmarkCommand({ JobName: name }))
  expect((await ids())[1]).toEqual([1, 2, 3, 4, 5, 6])
  await expect(glue.send(new ResetJobBookmarkCommand({ JobName: name, RunId: 'jr_none' }))).rejects.toMatchObject({
    name: 'EntityNotFoundException',
  })
}, 300_000)

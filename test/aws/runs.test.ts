import { setTimeout as sleep } from 'node:timers/promises'
import { BatchStopJobRunCommand, GetJobRunsCommand, StartJobRunCommand } from '@aws-sdk/client-glue'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { CreateStateMachineCommand, StartExecutionCommand } from '@aws-sdk/client-sfn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AwsClients } from '../../src/lib/adapters/aws/clients.js'
import { AwsRunStore } from '../../src/lib/adapters/aws/runs/run-store.js'
import type { RunRecord } from '../../src/lib/ports/run-store.js'
import { type LayerScript, orchestratorContract, until } from '../contract/orchestrator.js'
import { runStoreContract } from '../contract/run-store.js'
import { type Box, startBox } from '../emulator/box.js'
import { requestOf } from '../fakes/requests.js'
import { collect, finalState } from '../support/collect.js'
import { clientsOf, type JobBodies, type OnBox, workflowOn } from './workflow.js'

let box: Box
let clients: AwsClients
beforeAll(async () => {
  // Its waits last a hundredth of their time, and a minute of a job half a second.
  box = await startBox({ waits: 0.01, minute: 0.5 })
  clients = clientsOf(box)
})
afterAll(async () => {
  await clients?.[Symbol.asyncDispose]()
  await box?.[Symbol.asyncDispose]()
})

const BODIES = {
  succeed: '',
  fail: `say('failed', code='SOURCE_CONTENT', message='no', suggestions=[])\nraise SystemExit(1)\n`,
  block: 'time.sleep(300)\n',
}

const open = (bodies: JobBodies = {}, more: { timeoutMinutes?: number } = {}): Promise<OnBox> =>
  workflowOn(box, clients, bodies, more)

orchestratorContract('AwsOrchestrator', async (script: LayerScript) => {
  const bodies = Object.fromEntries(Object.entries(script).map(([layer, how]) => [layer, BODIES[how]]))
  const { orchestrator, store } = await open(bodies)
  return { orchestrator, runs: store }
})

/** Executions that do nothing but end, one after the other. */
runStoreContract('AwsRunStore', async (runs) => {
  const { options } = await open()
  const sfn = await clients.stepFunctions()
  const failed = { Variable: '$.fails', IsPresent: true, Next: 'No' }
  const States = {
    End: { Type: 'Choice', Choices: [failed], Default: 'Yes' },
    Yes: { Type: 'Succeed' },
    No: { Type: 'Fail', Error: 'No', Cause: 'no' },
  }
  const definition = JSON.stringify({ StartAt: 'End', States })
  const name = `${options.workflowArn.split(':').at(-1)}Ends`
  const roleArn = `arn:aws:iam::${box.account}:role/any`
  const { stateMachineArn = '' } = await sfn.send(new CreateStateMachineCommand({ name, definition, roleArn }))
  const store = new AwsRunStore({ ...options, workflowArn: stateMachineArn })
  for (const { runId, status } of runs) {
    const input = status === 'failed' ? '{"fails":true}' : '{}'
    await sfn.send(new StartExecutionCommand({ stateMachineArn, name: runId, input }))
    while ((await store.get(runId)).state.status === 'running') await sleep(50)
  }
  return store
})

async function keys({ bucket }: OnBox['options']): Promise<string[]> {
  const { Contents = [] } = await (await clients.s3()).send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix: 'runs/' }),
  )
  return Contents.map(({ Key = '' }) => Key)
}

async function jobStates({ glue, jobs }: OnBox, job: keyof OnBox['jobs']): Promise<(string | undefined)[]> {
  const { JobRuns = [] } = await glue.send(new GetJobRunsCommand({ JobName: jobs[job] }))
  return JobRuns.map(({ JobRunState }) => JobRunState)
}

describe('a run', () => {
  test('is followed with what its jobs say, and leaves a record that says the same', async () => {
    const flow = `{'table': 'stg_bookings', 'rows_in': 7, 'inserted': 7}`
    const on = await open({
      extract: `say('log', level='warn', message='column x is not known')\n`,
      raw: `say('table_progress', layer='raw', table='stg_bookings', rows=3, step='loading')\nsay('table_done', layer='raw', flow=${flow})\n`,
    })
    await on.orchestrator.start(requestOf('r-1'))
    expect(await keys(on.options)).toEqual(['runs/r-1/request.json'])
    const events = await collect(on.orchestrator.follow('r-1'))
    expect(events.map((event) => `${event.type} ${'layer' in event ? event.layer : ''}`)).toEqual([
      'run_started ',
      ...['layer_started extract', 'log extract', 'layer_succeeded extract'],
      ...['layer_started raw', 'table_progress raw', 'table_done raw', 'layer_succeeded raw'],
      ...['layer_started curated', 'layer_succeeded curated', 'run_closed '],
    ])
    const { request, state } = await on.store.get('r-1')
    expect(request).toEqual(requestOf('r-1'))
    expect(state.warnings).toEqual(['column x is not known'])
    expect(state.layers[1]?.tables).toMatchObject([{ table: 'stg_bookings', rows_in: 7, inserted: 7, late: 0 }])
    expect(await on.store.events('r-1')).toEqual(events)
    expect(await keys(on.options)).toEqual(
      ['events.jsonl', 'request.json', 'run.json'].map((name) => `runs/r-1/${name}`),
    )
  })

  test('whose job fails tells what that said, or what its traceback says', async () => {
    const said = await open({
      extract: `say('failed', code='SOURCE_SCHEMA', message='bookings has no column id', suggestions=['rental-etl doctor'])\nraise SystemExit(1)\n`,
    })
    await said.orchestrator.start(requestOf('r-1'))
    expect((await finalState(said.orchestrator.follow('r-1'))).error).toEqual({
      code: 'SOURCE_SCHEMA',
      message: 'bookings has no column id',
      suggestions: ['rental-etl doctor'],
      layer: 'extract',
    })
    const bug = await open({ curated: `raise ValueError('three is not two')\n` })
    await bug.orchestrator.start(requestOf('r-1'))
    expect((await finalState(bug.orchestrator.follow('r-1'))).error).toMatchObject({
      code: 'JOB_FAILED',
      message: expect.stringContaining('ValueError: three is not two'),
      layer: 'curated',
    })
  })

  test('whose job takes too long, or is stopped in the console, has failed, and says which way goes on', async () => {
    const slow = await open({ extract: BODIES.block }, { timeoutMinutes: 1 })
    await slow.orchestrator.start(requestOf('r-1'))
    expect((await finalState(slow.orchestrator.follow('r-1'))).error).toEqual({
      code: 'JOB_FAILED',
      message: `job ${slow.jobs.extract} ended as TIMEOUT: Job run exceeded timeout`,
      suggestions: ['rental-etl resume r-1', 'rental-etl logs r-1 --failed'],
      layer: 'extract',
    })
    const stopped = await open({ raw: BODIES.block })
    await stopped.orchestrator.start(requestOf('r-1'))
    await until(stopped.orchestrator.follow('r-1'), (event) => event.type === 'layer_started' && event.layer === 'raw')
    while (!(await jobStates(stopped, 'load')).includes('RUNNING')) await sleep(50)
    const { JobRuns = [] } = await stopped.glue.send(new GetJobRunsCommand({ JobName: stopped.jobs.load }))
    const JobRunIds = JobRuns.filter(({ JobRunState }) => JobRunState === 'RUNNING').map(({ Id = '' }) => Id)
    await stopped.glue.send(new BatchStopJobRunCommand({ JobName: stopped.jobs.load, JobRunIds }))
    expect((await finalState(stopped.orchestrator.follow('r-1'))).error).toEqual({
      code: 'JOB_FAILED',
      message: `job ${stopped.jobs.load} was stopped`,
      suggestions: ['rental-etl resume r-1', 'rental-etl logs r-1 --failed'],
      layer: 'raw',
    })
  })

  test('whose job is busy with something else tries again', async () => {
    const on = await open({ curated: `time.sleep(float(request.get('sleep', 0)))\n` })
    const Arguments = { '--request': '{"run_id":"by-hand","sleep":1.2}' }
    await on.glue.send(new StartJobRunCommand({ JobName: on.jobs.curated, Arguments }))
    await on.orchestrator.start(requestOf('r-1', { from: 'curated' }))
    const final = await finalState(on.orchestrator.follow('r-1'))
    expect(final.status).toBe('succeeded')
    expect(final.layers[2]?.attempts).toBeGreaterThan(1)
    expect(final.warnings[0]).toContain('Glue.ConcurrentRunsExceededException')
  })

  test('of a schedule is one of the settings, as of the day before', async () => {
    const on = await open()
    const sfn = await clients.stepFunctions()
    const event = { 'detail-type': 'Scheduled Event', source: 'aws.events' }
    for (const [name, input] of [
      ['2d0c59c1-empty', {}],
      ['2d0c59c1-event', event],
    ] as const) {
      const start = { stateMachineArn: on.options.workflowArn, name, input: JSON.stringify(input) }
      await sfn.send(new StartExecutionCommand(start))
      while ((await on.store.get(name)).state.status === 'running') await sleep(100)
    }
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    const runs = await on.store.list()
    expect(runs.map(({ request }) => [request.run_id, request.as_of, request.target, request.source])).toEqual([
      ['2d0c59c1-event', yesterday, 'prod', 'mysql://db/rental_db'],
      ['2d0c59c1-empty', yesterday, 'prod', 'mysql://db/rental_db'],
    ])
    expect(runs.map(({ state }: RunRecord) => state.status)).toEqual(['succeeded', 'succeeded'])
    expect(await keys(on.options)).toContain('runs/2d0c59c1-event/run.json')
  })
})

describe('cancel', () => {
  test('stops the run of the job, and keeps the reason', async () => {
    const on = await open({ raw: BODIES.block })
    await on.orchestrator.start(requestOf('r-1'))
    await until(on.orchestrator.follow('r-1'), (event) => event.type === 'layer_started' && event.layer === 'raw')
    while (!(await jobStates(on, 'load')).includes('RUNNING')) await sleep(50)
    expect(await on.orchestrator.cancel('r-1', 'wrong day')).toBe('wrong day')
    expect(await jobStates(on, 'load')).toEqual(['STOPPED', 'SUCCEEDED'])
    expect((await on.store.get('r-1')).state.error).toMatchObject({
      code: 'CANCELED',
      message: 'wrong day',
      layer: 'raw',
    })
  })
})

describe('start', () => {
  test('a name is taken, also by a run that is going on', async () => {
    const on = await open({ extract: 'time.sleep(2)\n' })
    const taken = { code: 'USAGE', message: 'there is a run r-1 already' }
    await on.orchestrator.start(requestOf('r-1', { to: 'extract' }))
    await expect(on.orchestrator.start(requestOf('r-1', { to: 'extract' }))).rejects.toMatchObject(taken)
    await finalState(on.orchestrator.follow('r-1'))
    await expect(on.orchestrator.start(requestOf('r-1'))).rejects.toMatchObject(taken)
    expect(await on.store.list()).toHaveLength(1)
  })

  test('without the workflow, without the bucket', async () => {
    const on = await open()
    const gone = new AwsRunStore({ ...on.options, bucket: 'no-such-bucket' })
    await expect(gone.get('r-1')).rejects.toMatchObject({ code: 'NOT_FOUND', suggestions: ['rental-etl bootstrap'] })
    const { AwsOrchestrator } = await import('../../src/lib/adapters/aws/runs/orchestrator.js')
    const workflowArn = `${on.options.workflowArn}Gone`
    const orchestrator = new AwsOrchestrator({ ...on.options, jobs: on.jobs, workflowArn })
    await expect(orchestrator.start(requestOf('r-1'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      suggestions: ['rental-etl bootstrap'],
    })
    expect(await keys(on.options)).toEqual([])
  })
})

test('a run that was removed does not come back', async () => {
  const on = await open()
  await on.orchestrator.start(requestOf('r-1', { to: 'extract' }))
  await finalState(on.orchestrator.follow('r-1'))
  await on.store.remove('r-1', { keepManifest: false })
  expect(await on.store.list()).toEqual([])
  expect(await keys(on.options)).toEqual(['runs/r-1/removed.json'])
})

test('a look that is throttled is told, and passes', async () => {
  const on = await open({ extract: 'time.sleep(3)\n' })
  await on.orchestrator.start(requestOf('r-1', { to: 'extract' }))
  const told: unknown[] = []
  let isThrottled = false
  for await (const event of on.orchestrator.follow('r-1', { onTrouble: (error) => told.push(error) })) {
    if (event.type === 'layer_started' && !isThrottled) {
      isThrottled = true
      // As many as the SDK tries by itself, and one more.
      await box.faults({ throttle: { 'states:GetExecutionHistory': 6 } })
    }
  }
  await box.clearFaults()
  expect(told).toMatchObject([{ code: 'IO' }])
})

import { describe, expect, test } from 'vitest'
import { AwsOrchestrator } from '../../../../../src/lib/adapters/aws/runs/orchestrator.js'
import { AwsRunStore } from '../../../../../src/lib/adapters/aws/runs/run-store.js'
import { EtlError } from '../../../../../src/lib/core/errors.js'
import { FakeAws, named } from '../../../../fakes/aws-runs.js'
import { CURATED, history, LOAD, SUCCESS, started } from '../../../../fakes/histories.js'
import { requestOf } from '../../../../fakes/requests.js'
import { collect } from '../../../../support/collect.js'

const DONE = history(started('{}'), LOAD, CURATED, SUCCESS)

function open(): { aws: FakeAws; orchestrator: AwsOrchestrator; store: AwsRunStore } {
  const aws = new FakeAws()
  const jobs = { extract: 'extract', load: 'load', curated: 'curated' }
  const stopPace = { look: 1, grace: 2, most: 50 }
  const orchestrator = new AwsOrchestrator({ ...aws.options(), jobs, stopPace })
  return { aws, orchestrator, store: new AwsRunStore(aws.options()) }
}

describe('start', () => {
  test('the request is the input, and is kept before', async () => {
    const { aws, orchestrator } = open()
    await orchestrator.start(requestOf('r-1'))
    expect(aws.json('runs/r-1/request.json')).toEqual(requestOf('r-1'))
    expect(JSON.parse(aws.executions[0]?.input ?? '')).toEqual(requestOf('r-1'))
    expect(aws.calls.indexOf('PutObject')).toBeLessThan(aws.calls.indexOf('StartExecution'))
    // Who may start a run need not be one who may remove.
    expect(aws.calls).not.toContain('DeleteObject')
    expect(orchestrator.outlives).toBe(true)
  })

  const taken = { code: 'USAGE', exit: 'usage', message: 'there is a run r-1 already' }

  test('a name that is taken: by an execution, by a record, at the very moment', async () => {
    const { aws, orchestrator, store } = open()
    aws.begin('r-1', DONE, 'SUCCEEDED')
    await expect(orchestrator.start(requestOf('r-1'))).rejects.toMatchObject(taken)
    await store.get('r-1')
    aws.executions.length = 0
    await expect(orchestrator.start(requestOf('r-1'))).rejects.toMatchObject(taken)
    aws.files.clear()
    aws.failures['StartExecution'] = [named('ExecutionAlreadyExists')]
    await expect(orchestrator.start(requestOf('r-1'))).rejects.toMatchObject(taken)
  })

  test('one that has just ended is no other run, whatever the list says', async () => {
    const { aws, orchestrator } = open()
    const other = aws.begin('r-0', DONE)
    aws.on['DescribeExecution'] = () => Object.assign(other, { status: 'SUCCEEDED' })
    aws.on['ListExecutions'] = () => Object.assign(other, { status: 'RUNNING' })
    await orchestrator.start(requestOf('r-1'))
    expect(aws.executions.map(({ name }) => name)).toEqual(['r-1', 'r-0'])
  })

  test('a start that was refused leaves nothing, and one that was not heard of its request', async () => {
    const { aws, orchestrator } = open()
    aws.failures['StartExecution'] = [named('StateMachineDoesNotExist')]
    await expect(orchestrator.start(requestOf('r-1'))).rejects.toMatchObject({ code: 'NOT_FOUND', exit: 'not_found' })
    expect([...aws.files.keys()]).toEqual([])
    aws.failures['StartExecution'] = [new EtlError('not reached', { code: 'IO' })]
    await expect(orchestrator.start(requestOf('r-1'))).rejects.toMatchObject({ code: 'IO' })
    expect([...aws.files.keys()]).toEqual(['runs/r-1/request.json'])
    await orchestrator.start(requestOf('r-1', { to: 'raw' }))
    expect(aws.json('runs/r-1/request.json')).toMatchObject({ to: 'raw' })
  })

  test('the name of a run that was removed is free once it is forgotten', async () => {
    const { aws, orchestrator, store } = open()
    aws.begin('r-1', DONE, 'SUCCEEDED')
    await store.remove('r-1', { keepManifest: false })
    await expect(orchestrator.start(requestOf('r-1'))).rejects.toMatchObject(taken)
    aws.executions.length = 0
    await orchestrator.start(requestOf('r-1'))
    expect((await store.get('r-1')).state.status).toBe('running')
  })
})

describe('follow', () => {
  test('what is kept asks Step Functions for nothing', async () => {
    const { aws, orchestrator } = open()
    aws.begin('r-1', DONE, 'SUCCEEDED')
    const first = await collect(orchestrator.follow('r-1'))
    aws.executions.length = 0
    expect(await collect(orchestrator.follow('r-1'))).toEqual(first)
  })

  test('an execution that has just been started may appear a little later', async () => {
    const { aws, orchestrator } = open()
    await orchestrator.start(requestOf('r-1'))
    Object.assign(aws.executions[0] as object, { events: DONE, status: 'SUCCEEDED' })
    aws.failures['DescribeExecution'] = [named('ExecutionDoesNotExist'), named('ExecutionDoesNotExist')]
    expect((await collect(orchestrator.follow('r-1'))).at(-1)?.type).toBe('run_closed')
  })

  test('a request of which nothing came is no run', async () => {
    const { aws, orchestrator } = open()
    aws.files.set('runs/r-1/request.json', '{}')
    await expect(collect(orchestrator.follow('r-1'))).rejects.toMatchObject({ code: 'NO_RUN' })
  })
})

describe('cancel', () => {
  test('of a run that Step Functions has forgotten', async () => {
    const { aws, orchestrator, store } = open()
    aws.begin(
      'r-1',
      history(started('{}'), { type: 'ExecutionAborted', executionAbortedEventDetails: { cause: 'first' } }),
      'ABORTED',
    )
    aws.begin('r-2', DONE, 'SUCCEEDED')
    await store.list()
    aws.executions.length = 0
    expect([await orchestrator.cancel('r-1', 'x'), await orchestrator.cancel('r-2', 'x')]).toEqual(['first', 'x'])
    await expect(orchestrator.cancel('r-3', 'x')).rejects.toMatchObject({ code: 'NO_RUN' })
  })

  test('returns once the execution and its job have stopped, with the reason that is kept', async () => {
    const { aws, orchestrator } = open()
    aws.begin('r-1')
    const run = { JobName: 'load', Id: 'jr_1', JobRunState: 'RUNNING', Arguments: { '--request': '{"run_id":"r-1"}' } }
    aws.runs.push(run)
    expect(await orchestrator.cancel('r-1', 'first')).toBe('first')
    expect([aws.executions[0]?.status, run.JobRunState]).toEqual(['ABORTED', 'STOPPED'])
    expect(await orchestrator.cancel('r-1', 'second')).toBe('first')
  })

  test('one that ended by itself has no reason to keep', async () => {
    const { aws, orchestrator } = open()
    aws.begin('r-1', DONE, 'SUCCEEDED')
    expect(await orchestrator.cancel('r-1', 'late')).toBe('late')
    expect(aws.calls).not.toContain('StopExecution')
  })
})

import { expect, test } from 'vitest'
import { Looks, WHOLE } from '../../../../../src/lib/adapters/aws/looks/looks.js'
import { FakeAws } from '../../../../fakes/aws-runs.js'
import { entered, history, scheduled, started, submitted, succeeded } from '../../../../fakes/histories.js'

const never = new AbortController().signal
const ID = /^look-\d{8}T\d{6}Z-[0-9a-f]{4}$/
const EXTRACT = [entered('ExtractRaw'), scheduled('look'), submitted('jr_1')]
const ended = (...events: Parameters<typeof history>) => history(started('{}'), EXTRACT, ...events)
const DONE = ended(succeeded(), { type: 'ExecutionSucceeded' })
const failed = (cause: string) =>
  ended(
    {
      type: 'TaskFailed',
      taskFailedEventDetails: { resourceType: 'glue', resource: 'startJobRun.sync', error: 'States.TaskFailed', cause },
    },
    { type: 'ExecutionFailed', executionFailedEventDetails: { error: 'States.TaskFailed', cause } },
  )
const RUN = JSON.stringify({ JobName: 'look', JobRunState: 'FAILED', ErrorMessage: 'SOURCE_SCHEMA: it lacks bookings' })

/** @param end the history and status of each look once it was started */
function open(
  end?: { events: ReturnType<typeof history>; status: string },
  document?: object,
): { aws: FakeAws; looks: Looks } {
  const aws = new FakeAws()
  const { workflowArn: looksArn, ...options } = aws.options()
  aws.on['GetExecutionHistory'] = ({ executionArn }) => {
    const one = aws.executions[0]
    if (one && end) Object.assign(one, end)
    const id = executionArn?.split(':').at(-1)
    if (document) aws.files.set(`glue/temp/${id}/look.json`, JSON.stringify(document))
  }
  const stopPace = { look: 1, grace: 2, most: 50 }
  return { aws, looks: new Looks({ ...options, looksArn, jobs: ['look', 'load'], stopPace }) }
}

test('a look is an execution of its own name with a request that says so, and leaves no record of a run', async () => {
  const document = { version: 1, raw_seq: 3, tables: [{ table: 'bookings', rows: 7 }] }
  const { aws, looks } = open({ events: DONE, status: 'SUCCEEDED' }, document)
  expect(await looks.look({ kind: 'rows' }, WHOLE, never)).toEqual(document)
  const [execution] = aws.executions
  expect(execution?.name).toMatch(ID)
  expect(JSON.parse(execution?.input ?? '')).toEqual({
    ...WHOLE,
    ...{ run_id: execution?.name, to: 'extract', look: { kind: 'rows' } },
  })
  expect([...aws.files.keys()]).toEqual([`glue/temp/${execution?.name}/look.json`])
})

test('one whose job failed tells what that said, with its code and its commands', async () => {
  const { aws, looks } = open({ events: failed(RUN), status: 'FAILED' })
  const message = JSON.stringify({
    ...{ event: 'failed', code: 'SOURCE_SCHEMA', message: 'it lacks bookings' },
    suggestions: ['GRANT SELECT', 'rental-etl resume look-1'],
  })
  aws.lines.push({ logGroupName: '/aws-glue/jobs/output', logStreamName: 'jr_1', timestamp: 1, message })
  await expect(looks.look({ kind: 'plan' }, WHOLE, never)).rejects.toMatchObject({
    code: 'SOURCE_SCHEMA',
    exit: 'invalid',
    message: 'the source could not be looked at: it lacks bookings',
  })
})

test('a command about a run is none for a look: its history is', async () => {
  const { aws, looks } = open({ events: failed(RUN), status: 'FAILED' })
  const error = await looks.look({ kind: 'plan' }, WHOLE, never).catch((thrown) => thrown)
  expect([error.code, error.message]).toEqual([
    'JOB_FAILED',
    'the source could not be looked at: SOURCE_SCHEMA: it lacks bookings',
  ])
  const arn = `arn:aws:states:eu-west-1:123456789012:execution:W:${aws.executions[0]?.name}`
  expect(error.suggestions).toEqual([
    `aws stepfunctions get-execution-history --reverse-order --execution-arn ${arn}   # what the look did`,
  ])
})

test('a document that is missing is a fault of its surroundings', async () => {
  const { looks } = open({ events: DONE, status: 'SUCCEEDED' })
  await expect(looks.look({ kind: 'rows' }, WHOLE, never)).rejects.toMatchObject({ code: 'IO', exit: 'io' })
})

test('Ctrl-C stops the execution and its job, and is what it was', async () => {
  const stop = new AbortController()
  const { aws, looks } = open({ events: history(started('{}'), EXTRACT), status: 'RUNNING' })
  const run = { JobName: 'look', Id: 'jr_1', JobRunState: 'RUNNING', Arguments: {} as Record<string, string> }
  aws.on['FilterLogEvents'] = () => {
    run.Arguments['--request'] = JSON.stringify({ run_id: aws.executions[0]?.name })
    aws.runs.push(run)
    stop.abort(new Error('stopped by Ctrl-C'))
  }
  const looking = looks.look({ kind: 'rows' }, WHOLE, stop.signal)
  aws.on['StopExecution'] = () => {
    aws.on['GetExecutionHistory'] = () => undefined
  }
  await expect(looking).rejects.toThrow('stopped by Ctrl-C')
  expect([aws.executions[0]?.status, run.JobRunState]).toEqual(['ABORTED', 'STOPPED'])
})

test('one that was told to stop before it began starts nothing', async () => {
  const { aws, looks } = open()
  await expect(looks.look({ kind: 'rows' }, WHOLE, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop')
  expect(aws.calls).toEqual([])
})

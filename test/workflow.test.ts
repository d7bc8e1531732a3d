import { readFile } from 'node:fs/promises'
import aslValidator from 'asl-validator'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import {
  type ExecutionOutcome,
  executeWorkflow,
  type Json,
  LOCAL_SUBSTITUTIONS,
  readWorkflow,
  type WorkflowTask,
} from '../src/lib/adapters/local/workflow/workflow-engine.js'
import { parseRequest } from '../src/lib/core/run/request.js'
import { serviceError } from './fakes/jobs.js'
import { requestOf } from './fakes/requests.js'

const GLUE = 'arn:aws:states:::glue:startJobRun.sync'
const SNS = 'arn:aws:states:::sns:publish'
const REQUEST = requestOf('r-1')
const INPUT = JSON.parse(JSON.stringify(REQUEST)) as { [key: string]: Json }

/** The one argument of a job, read again. */
function requestIn(parameters: { [key: string]: Json } | undefined): unknown {
  const { '--request': text, ...others } = (parameters?.Arguments ?? {}) as Record<string, string>
  expect(others).toEqual(parameters?.step === undefined ? {} : { '--step': parameters.step })
  return JSON.parse(String(text))
}

interface Played {
  outcome: ExecutionOutcome
  /** States whose task was done, in order, but for the snapshot. */
  states: string[]
  /** What the snapshot was asked, each time. */
  snapshots: { [key: string]: Json }[]
  parameters: { [key: string]: Json }[]
  notices: { [key: string]: Json }[]
}

async function play(
  input: { [key: string]: Json },
  glue: (state: string, call: number) => Json = () => ({ JobRunState: 'SUCCEEDED' }),
  sns: () => Json = () => ({ MessageId: 'm-1' }),
): Promise<Played> {
  const played: Omit<Played, 'outcome'> = { states: [], snapshots: [], parameters: [], notices: [] }
  const startJobRun: WorkflowTask = async (parameters, state) => {
    if (state === 'SnapshotRaw') {
      played.snapshots.push(parameters)
      return glue(state, played.snapshots.length)
    }
    played.states.push(state)
    played.parameters.push(parameters)
    return glue(state, played.states.filter((name) => name === state).length)
  }
  const publish: WorkflowTask = async (parameters) => {
    played.notices.push(parameters)
    return sns()
  }
  const outcome = await executeWorkflow(await readWorkflow(LOCAL_SUBSTITUTIONS), {
    name: 'r-1',
    input,
    tasks: { [GLUE]: startJobRun, [SNS]: publish },
    retryDelayMs: 0,
  })
  return { outcome, ...played }
}

const failing =
  (state: string, error: Error) =>
  (at: string): Json => {
    if (at === state) throw error
    return { JobRunState: 'SUCCEEDED' }
  }

const taskFailed = serviceError(
  'States.TaskFailed',
  '{"JobName":"extract_raw","JobRunState":"FAILED","ErrorMessage":"no"}',
)

describe('the file', () => {
  test('is valid, with and without its substitutions', async () => {
    const raw = JSON.parse(await readFile(new URL('../templates/workflow.asl.json', import.meta.url), 'utf8'))
    expect(aslValidator(raw, { checkArn: true, checkPaths: true }).errors).toEqual([])
    const filled = await readWorkflow(LOCAL_SUBSTITUTIONS)
    expect(aslValidator(filled as never, { checkArn: true, checkPaths: true }).errors).toEqual([])
  })

  test('has no substitution without a local value', async () => {
    await expect(readWorkflow({})).rejects.toThrow(/^the workflow asks for \$\{LoadJobName\}, which has no value$/)
  })

  test('retries only what another try can mend, capped and with jitter', async () => {
    const { States } = (await readWorkflow(LOCAL_SUBSTITUTIONS)) as unknown as {
      States: Record<string, { Retry?: { ErrorEquals: string[]; MaxDelaySeconds: number; JitterStrategy: string }[] }>
    }
    for (const name of ['SnapshotRaw', 'ExtractRaw', 'LoadRaw', 'CuratedLayer']) {
      const retriers = States[name]?.Retry ?? []
      expect(retriers.flatMap(({ ErrorEquals }) => ErrorEquals)).toEqual([
        'Glue.ConcurrentRunsExceededException',
        'Glue.ThrottlingException',
        'Glue.TooManyRequestsException',
        'Glue.InternalServiceException',
        'Glue.OperationTimeoutException',
        'Glue.ServiceUnavailableException',
        'Glue.SdkClientException',
      ])
      expect(retriers.map(({ MaxDelaySeconds, JitterStrategy }) => [MaxDelaySeconds, JitterStrategy])).toEqual([
        [300, 'FULL'],
        [60, 'FULL'],
      ])
    }
  })
})

describe('the way through', () => {
  test('does the three layers, and hands the whole document to each', async () => {
    const { outcome, states, parameters, notices } = await play(INPUT)
    expect(outcome.status).toBe('succeeded')
    expect(states).toEqual(['ExtractRaw', 'LoadRaw', 'CuratedLayer'])
    expect(parameters.map(({ JobName, Timeout }) => [JobName, Timeout])).toEqual([
      ['extract_raw', 2880],
      ['s3_to_redshift_raw', 2880],
      ['redshift_raw_to_curated', 2880],
    ])
    expect(parameters.map(requestIn)).toEqual([REQUEST, REQUEST, REQUEST])
    expect(notices).toEqual([])
  })

  test('tells the extract beforehand what raw holds, and no other layer', async () => {
    const { snapshots } = await play(INPUT)
    expect(snapshots.map(({ JobName }) => JobName)).toEqual(['s3_to_redshift_raw'])
    expect(snapshots.map((asked) => requestIn({ ...asked, step: 'snapshot' }))).toEqual([REQUEST])
    expect((await play({ ...INPUT, from: 'raw' })).snapshots).toEqual([])
    const failed = await play(INPUT, failing('SnapshotRaw', taskFailed))
    expect([failed.states, failed.outcome]).toEqual([[], { status: 'failed', error: 'ExtractRawFailed', cause: 'no' }])
    const stopped = await play(INPUT, (state) => ({ JobRunState: state === 'SnapshotRaw' ? 'STOPPED' : 'SUCCEEDED' }))
    expect([stopped.states, stopped.outcome.status]).toEqual([[], 'failed'])
  })

  test('keeps the input to its end', async () => {
    const { outcome } = await play({ ...INPUT, asked_by: 'me' })
    expect(outcome).toEqual({
      status: 'succeeded',
      output: {
        request: { ...INPUT, asked_by: 'me' },
        at: { state: 'CuratedLayer' },
        job: { JobRunState: 'SUCCEEDED' },
      },
    })
  })

  test('fills in what the input leaves out, also that of a schedule', async () => {
    const event = {
      version: '0',
      id: 'e-1',
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      detail: {},
      resources: [],
    }
    for (const input of [{}, event]) {
      const { states, parameters } = await play(input)
      expect(states).toEqual(['ExtractRaw', 'LoadRaw', 'CuratedLayer'])
      const given = requestIn(parameters[0])
      expect(given).toMatchObject({ run_id: 'r-1', as_of: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) })
      // Nothing but what the job takes for granted anyway is left to its defaults.
      const { as_of } = given as { as_of: string }
      const own = { target: undefined, source: undefined, source_given: undefined, guards: undefined }
      expect(parseRequest(given)).toMatchObject(parseRequest({ ...REQUEST, ...own, as_of }))
    }
  })

  test.each([
    [{ from: 'raw' }, ['LoadRaw', 'CuratedLayer']],
    [{ from: 'curated' }, ['CuratedLayer']],
    [{ to: 'extract' }, ['ExtractRaw']],
    [{ to: 'raw' }, ['ExtractRaw', 'LoadRaw']],
    [{ from: 'raw', to: 'raw' }, ['LoadRaw']],
  ])('%j does %j', async (input, states) => {
    const played = await play(input)
    expect([played.outcome.status, played.states]).toEqual(['succeeded', states])
  })

  test.each([[{ from: 'gold' }], [{ to: 3 }], [{ from: null }]])('refuses %j before any job', async (input) => {
    const { outcome, states, notices } = await play(input as { [key: string]: Json })
    expect(states).toEqual([])
    expect(outcome).toMatchObject({
      status: 'failed',
      error: 'CheckRequestFailed',
      cause: expect.stringContaining('InvalidRequest: from and to take extract, raw or curated'),
    })
    expect(notices[0]?.Subject).toBe('rental-etl: CheckRequest failed')
  })
})

describe('failures', () => {
  test('a refused start is tried again', async () => {
    const busy = serviceError('Glue.ConcurrentRunsExceededException', 'one at a time')
    const { outcome, states } = await play(INPUT, (state, call) => {
      if (state === 'LoadRaw' && call < 3) throw busy
      return { JobRunState: 'SUCCEEDED' }
    })
    expect([outcome.status, states]).toEqual([
      'succeeded',
      ['ExtractRaw', 'LoadRaw', 'LoadRaw', 'LoadRaw', 'CuratedLayer'],
    ])
  })

  test('tries end, and the last error is told', async () => {
    const busy = serviceError('Glue.ThrottlingException', 'too fast')
    const { outcome, states } = await play(INPUT, failing('ExtractRaw', busy))
    expect(states).toEqual(Array.from({ length: 6 }, () => 'ExtractRaw'))
    expect(outcome).toEqual({
      status: 'failed',
      error: 'ExtractRawFailed',
      cause: 'Glue.ThrottlingException: too fast',
    })
  })

  test("a job's own failure is not tried again; the notice names run, layer, cause and the next command", async () => {
    const { outcome, states, notices } = await play(INPUT, failing('LoadRaw', taskFailed))
    expect(states).toEqual(['ExtractRaw', 'LoadRaw'])
    expect(outcome).toEqual({ status: 'failed', error: 'LoadRawFailed', cause: 'no' })
    expect(notices).toEqual([
      {
        TopicArn: 'notices.jsonl',
        Subject: 'rental-etl: LoadRaw failed',
        Message: 'Run r-1 failed at LoadRaw: no\n\nNext: rental-etl resume r-1',
      },
    ])
  })

  test.each(['STOPPED', 'TIMEOUT', undefined])(
    'a task that ends with job state %s is a failure',
    async (JobRunState) => {
      const { outcome, states, notices } = await play(INPUT, (state) =>
        state === 'SnapshotRaw' ? { JobRunState: 'SUCCEEDED' } : JobRunState === undefined ? {} : { JobRunState },
      )
      expect(states).toEqual(['ExtractRaw'])
      expect(outcome).toMatchObject({
        status: 'failed',
        error: 'ExtractRawFailed',
        cause: expect.stringContaining('JobNotSucceeded: '),
      })
      expect(notices.map(({ Subject }) => Subject)).toEqual(['rental-etl: ExtractRaw failed'])
    },
  )

  test('a notifier that fails is tried again, and does not hide the failure', async () => {
    const broken = (): Json => {
      throw serviceError('SNS.AuthorizationErrorException', 'no access')
    }
    const { outcome, notices } = await play(INPUT, failing('CuratedLayer', taskFailed), broken)
    expect(notices).toHaveLength(4)
    expect(outcome).toEqual({ status: 'failed', error: 'CuratedLayerFailed', cause: 'no' })
  })

  test('a task may take as long as it needs', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const done = Promise.withResolvers<Json>()
    const slow: WorkflowTask = async () => done.promise
    const workflow = await readWorkflow(LOCAL_SUBSTITUTIONS)
    const execution = executeWorkflow(workflow, {
      name: 'r-1',
      input: { to: 'extract' },
      tasks: { [GLUE]: slow, [SNS]: slow },
    })
    // More than the minute that the engine gives a task by itself.
    await vi.advanceTimersByTimeAsync(86_400_000)
    done.resolve({ JobRunState: 'SUCCEEDED' })
    expect((await execution).status).toBe('succeeded')
  })

  test('an abort waits for the task under way', async () => {
    const stop = new AbortController()
    const seen: string[] = []
    const slow: WorkflowTask = async () => {
      stop.abort()
      await Promise.resolve()
      seen.push('task ended')
      return { JobRunState: 'SUCCEEDED' }
    }
    const workflow = await readWorkflow(LOCAL_SUBSTITUTIONS)
    const outcome = await executeWorkflow(workflow, {
      name: 'r-1',
      input: {},
      tasks: { [GLUE]: slow, [SNS]: slow },
      signal: stop.signal,
    })
    seen.push('execution ended')
    expect([outcome, seen]).toEqual([{ status: 'aborted' }, ['task ended', 'execution ended']])
  })
})

import { readFile } from 'node:fs/promises'
import aslValidator from 'asl-validator'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { workflowInput } from '../src/lib/adapters/local/workflow/orchestrator-run.js'
import {
  type ExecutionOutcome,
  executeWorkflow,
  type Json,
  LOCAL_SUBSTITUTIONS,
  readWorkflow,
  type WorkflowTask,
} from '../src/lib/adapters/local/workflow/workflow-engine.js'
import { serviceError } from './fakes/jobs.js'
import { requestOf } from './fakes/requests.js'

const GLUE = 'arn:aws:states:::glue:startJobRun.sync'
const SNS = 'arn:aws:states:::sns:publish'
const DEFAULTS = {
  '--as_of': '2025-03-24',
  '--from': 'extract',
  '--reconcile': 'always',
  '--full_refresh': 'false',
  '--allow_deletes': 'false',
  '--manifest_run': '',
  '--rebuild_curated': 'false',
  '--run_id': 'r-1',
}
const INPUT = workflowInput(requestOf('r-1'))

interface Played {
  outcome: ExecutionOutcome
  /** States whose task was done, in order. */
  states: string[]
  parameters: { [key: string]: Json }[]
  notices: { [key: string]: Json }[]
}

async function play(
  input: { [key: string]: Json },
  glue: (state: string, call: number) => Json = () => ({ JobRunState: 'SUCCEEDED' }),
  sns: () => Json = () => ({ MessageId: 'm-1' }),
): Promise<Played> {
  const played: Omit<Played, 'outcome'> = { states: [], parameters: [], notices: [] }
  const startJobRun: WorkflowTask = async (parameters, state) => {
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
    await expect(readWorkflow({})).rejects.toThrow(/^the workflow asks for \$\{ExtractJobName\}, which has no value$/)
  })

  test('retries only what another try can mend, capped and with jitter', async () => {
    const { States } = (await readWorkflow(LOCAL_SUBSTITUTIONS)) as unknown as {
      States: Record<string, { Retry?: { ErrorEquals: string[]; MaxDelaySeconds: number; JitterStrategy: string }[] }>
    }
    for (const name of ['ExtractRaw', 'LoadRaw', 'CuratedLayer']) {
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
  test('does the three layers with the arguments of the input, all of them text', async () => {
    const { outcome, states, parameters, notices } = await play(INPUT)
    expect(outcome.status).toBe('succeeded')
    expect(states).toEqual(['ExtractRaw', 'LoadRaw', 'CuratedLayer'])
    expect(parameters).toEqual(
      ['extract_raw', 's3_to_redshift_raw', 'redshift_raw_to_curated'].map((JobName) => ({
        JobName,
        Timeout: 2880,
        Arguments: DEFAULTS,
      })),
    )
    expect(notices).toEqual([])
  })

  test('keeps the input to its end', async () => {
    const { outcome } = await play({ ...INPUT, asked_by: 'me' })
    expect(outcome).toEqual({
      status: 'succeeded',
      output: { ...INPUT, asked_by: 'me', at: { state: 'CuratedLayer' }, job: { JobRunState: 'SUCCEEDED' } },
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
      const args = parameters[0]?.Arguments as Record<string, string>
      expect(args).toEqual({
        ...DEFAULTS,
        '--manifest_run': 'r-1',
        '--as_of': expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      })
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
    expect(outcome).toMatchObject({ status: 'failed', error: 'InvalidRequest' })
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
    expect(outcome).toEqual({ status: 'failed', error: 'Glue.ThrottlingException', cause: 'too fast' })
  })

  test("a job's own failure is not tried again; the notice names state, error, cause, run and the next command", async () => {
    const { outcome, states, notices } = await play(INPUT, failing('LoadRaw', taskFailed))
    expect(states).toEqual(['ExtractRaw', 'LoadRaw'])
    expect(outcome).toEqual({ status: 'failed', error: 'States.TaskFailed', cause: taskFailed.message })
    expect(notices).toEqual([
      {
        TopicArn: 'notices.jsonl',
        Subject: 'rental-etl: LoadRaw failed',
        Message: `State LoadRaw of run r-1 failed with States.TaskFailed. Cause: ${taskFailed.message} Next: rental-etl resume r-1`,
      },
    ])
  })

  test.each(['STOPPED', 'TIMEOUT', undefined])(
    'a task that ends with job state %s is a failure',
    async (JobRunState) => {
      const { outcome, states, notices } = await play(INPUT, () => (JobRunState === undefined ? {} : { JobRunState }))
      expect(states).toEqual(['ExtractRaw'])
      expect(outcome).toMatchObject({ status: 'failed', error: 'JobNotSucceeded' })
      expect(notices.map(({ Subject }) => Subject)).toEqual(['rental-etl: ExtractRaw failed'])
    },
  )

  test('a notifier that fails is tried again, and does not hide the failure', async () => {
    const broken = (): Json => {
      throw serviceError('SNS.AuthorizationErrorException', 'no access')
    }
    const { outcome, notices } = await play(INPUT, failing('CuratedLayer', taskFailed), broken)
    expect(notices).toHaveLength(4)
    expect(outcome).toEqual({ status: 'failed', error: 'States.TaskFailed', cause: taskFailed.message })
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

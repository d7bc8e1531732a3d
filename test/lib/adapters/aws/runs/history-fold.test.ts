import { readFile } from 'node:fs/promises'
import type { HistoryEvent } from '@aws-sdk/client-sfn'
import { describe, expect, test } from 'vitest'
import { type Fold, initialFold } from '../../../../../src/lib/adapters/aws/runs/fold.js'
import { endsTask, foldHistory, isCut } from '../../../../../src/lib/adapters/aws/runs/history-fold.js'
import { initialRun, type RunEvent, type RunState, reduceRun } from '../../../../../src/lib/core/run/events.js'
import {
  ABORTED,
  atSecond,
  CURATED,
  EXTRACT,
  entered,
  failed,
  history,
  LOAD,
  noticed,
  SNAPSHOT,
  SUCCESS,
  scheduled,
  started,
  submitted,
  succeeded,
  TIMED_OUT,
  type UntimedHistoryEvent,
} from '../../../../fakes/histories.js'
import { requestOf } from '../../../../fakes/requests.js'

const DEFAULTS = { target: 'prod', source: 'mysql://db/rental_db' }
const REQUEST = JSON.stringify(requestOf('r-1'))

interface Told {
  fold: Fold
  events: RunEvent[]
  state: RunState
}

function told(events: readonly HistoryEvent[], runId = 'r-1'): Told {
  let fold = initialFold(runId, DEFAULTS)
  const all: RunEvent[] = []
  for (const event of events) {
    const before = structuredClone(fold)
    const step = foldHistory(fold, event)
    expect(fold).toEqual(before)
    fold = step.fold
    all.push(...step.events)
  }
  return { fold, events: all, state: all.reduce(reduceRun, initialRun('')) }
}

const play = (...events: (UntimedHistoryEvent | UntimedHistoryEvent[])[]): Told => told(history(...events))

/** Events in a word each, with their layer and what is told of them. */
const brief = ({ events }: Told): string[] =>
  events.map((event) =>
    [
      event.type,
      'layer' in event ? event.layer : '',
      'attempt' in event ? event.attempt : '',
      'status' in event ? event.status : '',
      event.type === 'layer_retrying' ? event.error : '',
      'message' in event ? event.message : '',
      'error' in event && typeof event.error === 'object' ? `${event.error?.code}: ${event.error?.message}` : '',
    ]
      .filter((word) => word !== '' && word !== null && word !== 'undefined: undefined')
      .join(' '),
  )

describe('a whole run', () => {
  test('the snapshot and the extract are one layer', () => {
    const run = play(started(REQUEST), SNAPSHOT, EXTRACT, LOAD, CURATED, SUCCESS)
    expect(brief(run)).toEqual([
      'run_started',
      ...['layer_started extract 1', 'layer_succeeded extract'],
      ...['layer_started raw 1', 'layer_succeeded raw'],
      ...['layer_started curated 1', 'layer_succeeded curated'],
      'run_closed succeeded',
    ])
    expect(run.events.map(({ at }) => at)).toEqual([0, 2, 11, 14, 17, 20, 23, 25].map(atSecond))
    expect(run.fold).toMatchObject({ request: requestOf('r-1'), closed: true, glueRun: undefined })
  })

  test('it enters at raw, and the layers that are not done have their runs', () => {
    const request = requestOf('r-1', { parent: 'r-0', from: 'raw', to: 'raw', done_by: { extract: 'r-0' } })
    const run = play(started(JSON.stringify(request)), LOAD, SUCCESS)
    expect(brief(run)).toEqual(['run_started', 'layer_started raw 1', 'layer_succeeded raw', 'run_closed succeeded'])
    expect(run.state.layers.map(({ status, done_by }) => [status, done_by])).toEqual([
      ['skipped', 'r-0'],
      ['succeeded', null],
      ['skipped', null],
    ])
  })

  test('of a job that is going on the run is known', () => {
    const { fold } = play(
      started(REQUEST),
      SNAPSHOT,
      entered('ExtractRaw'),
      scheduled('extract_raw'),
      submitted('jr_1'),
    )
    expect(fold).toMatchObject({ glueRun: { job: 'extract_raw', id: 'jr_1' }, layer: 'extract', closed: false })
  })

  test('time does not go back', () => {
    const events = history(started(REQUEST), SNAPSHOT)
    const late = { ...(events[2] as HistoryEvent), timestamp: new Date(0) }
    expect(told([...events.slice(0, 2), late]).events.map(({ at }) => at)).toEqual([atSecond(0), atSecond(1)])
  })
})

describe('a failure', () => {
  const RUN = { Id: 'jr_1', JobName: 's3_to_redshift_raw', JobRunState: 'FAILED', ErrorMessage: 'JobError: no' }
  const load = [entered('LoadRaw'), scheduled('s3_to_redshift_raw'), submitted('jr_1')]

  test('of a job is its message; it ends the layer before the notice', () => {
    const run = play(
      started(REQUEST),
      SNAPSHOT,
      EXTRACT,
      load,
      failed('States.TaskFailed', RUN),
      noticed('LoadRaw', 'no'),
    )
    expect(brief(run).slice(3)).toEqual([
      'layer_started raw 1',
      'layer_failed raw JOB_FAILED: JobError: no',
      'notice no',
      'run_closed failed JOB_FAILED: JobError: no',
    ])
    expect(run.state.error).toEqual({
      code: 'JOB_FAILED',
      message: 'JobError: no',
      suggestions: ['rental-etl resume r-1', 'rental-etl logs r-1 --failed'],
      layer: 'raw',
    })
    expect(run.state.layers.map(({ status }) => status)).toEqual(['succeeded', 'failed', 'pending'])
    expect(run.state.notices).toEqual(['rental-etl: LoadRaw failed'])
  })

  test('that a retry mends is a warning', () => {
    const busy = failed('Glue.ConcurrentRunsExceededException', 'Concurrent runs exceeded')
    const again = [
      scheduled('s3_to_redshift_raw'),
      { type: 'TaskSubmitFailed' as const, taskSubmitFailedEventDetails: busy.taskFailedEventDetails },
    ]
    const events = [scheduled('s3_to_redshift_raw'), submitted('jr_1'), succeeded()]
    const run = play(started(REQUEST), SNAPSHOT, EXTRACT, load.slice(0, 2), busy, again, events, CURATED, SUCCESS)
    const why = 'Glue.ConcurrentRunsExceededException: Concurrent runs exceeded'
    expect(brief(run).slice(3, 12)).toEqual([
      ...['layer_started raw 1', `log raw ${why}`],
      ...[`layer_retrying raw 2 ${why}`, 'layer_started raw 2', `log raw ${why}`],
      ...[`layer_retrying raw 3 ${why}`, 'layer_started raw 3', 'layer_succeeded raw', 'layer_started curated 1'],
    ])
    expect(run.state).toMatchObject({ status: 'succeeded', error: null, warnings: [why, why] })
    expect(run.state.layers.map(({ attempts }) => attempts)).toEqual([1, 3, 1])
  })

  test('of the snapshot is one of the extract, which then begins anew', () => {
    const busy = failed('Glue.ThrottlingException', 'Rate exceeded')
    const snapshot = [entered('SnapshotRaw'), scheduled('s3_to_redshift_raw'), busy, ...SNAPSHOT.slice(1)]
    const run = play(started(REQUEST), snapshot, EXTRACT)
    expect(brief(run).filter((text) => !text.startsWith('log'))).toEqual([
      ...['run_started', 'layer_started extract 1'],
      ...['layer_retrying extract 2 Glue.ThrottlingException: Rate exceeded', 'layer_started extract 2'],
      'layer_succeeded extract',
    ])
  })

  test('a job that was stopped ends its task without an error', () => {
    const run = play(started(REQUEST), SNAPSHOT, EXTRACT, load, succeeded('STOPPED'), noticed('LoadRaw', 'stopped'))
    expect(run.state.error).toMatchObject({ layer: 'raw', code: 'JOB_FAILED', message: 'job a_job was stopped' })
  })

  test('of the notice does not hide the failure', () => {
    const [enters, scheduling, starts, , ...rest] = noticed('LoadRaw', 'no') as [
      UntimedHistoryEvent,
      UntimedHistoryEvent,
      UntimedHistoryEvent,
      UntimedHistoryEvent,
    ]
    const refused = failed('SNS.AuthorizationErrorException', 'not allowed')
    const run = play(
      started(REQUEST),
      LOAD.slice(0, 4),
      failed('States.TaskFailed', RUN),
      [enters, scheduling, starts],
      refused,
      rest,
    )
    expect(run.state.notices).toEqual([])
    expect(run.state.warnings).toEqual([
      'the notice could not be published: SNS.AuthorizationErrorException: not allowed',
    ])
    expect(run.state.error?.message).toBe('JobError: no')
  })

  test('of the workflow itself belongs to the layer that was going on', () => {
    const end = {
      type: 'ExecutionFailed' as const,
      executionFailedEventDetails: { error: 'States.Runtime', cause: 'bad path' },
    }
    const run = play(started(REQUEST), load, end)
    expect(run.state.error).toEqual({
      code: 'JOB_FAILED',
      message: 'the workflow ended with States.Runtime: bad path',
      suggestions: ['rental-etl resume r-1', 'rental-etl logs r-1'],
      layer: 'raw',
    })
    expect(run.state.layers.map(({ status }) => status)).toEqual(['pending', 'failed', 'pending'])
  })
})

test('a task that takes too long ends, too', () => {
  const timedOut = { type: 'TaskTimedOut' as const, taskTimedOutEventDetails: { resourceType: 'glue', resource: 'x' } }
  const late = { ...timedOut.taskTimedOutEventDetails, error: 'States.Timeout', cause: 'too long' }
  const load = history(started(REQUEST), LOAD.slice(0, 4), { ...timedOut, taskTimedOutEventDetails: late })
  expect(load.filter(endsTask).map(({ type }) => type)).toEqual(['TaskTimedOut'])
  expect(told(load).fold.failure?.error.message).toBe('States.Timeout: too long')
})

describe('an end from outside', () => {
  test('a cancel has its reason, and the layer that it met', () => {
    const run = play(started(REQUEST), SNAPSHOT, EXTRACT, LOAD.slice(0, 4), ABORTED)
    expect(run.state).toMatchObject({
      status: 'canceled',
      error: { code: 'CANCELED', message: 'wrong day', suggestions: [], layer: 'raw' },
    })
    expect(run.state.layers.map(({ status }) => status)).toEqual(['succeeded', 'canceled', 'pending'])
  })

  test('a stop in the console gives no reason', () => {
    expect(play(started(REQUEST), { type: 'ExecutionAborted' }).state.error).toMatchObject({
      message: 'stopped outside of rental-etl',
      layer: null,
    })
  })

  test('a workflow that takes too long has failed', () => {
    const run = play(started(REQUEST), SNAPSHOT, entered('ExtractRaw'), scheduled('extract_raw'), TIMED_OUT)
    expect(run.state).toMatchObject({
      status: 'failed',
      error: { code: 'JOB_FAILED', message: 'the workflow took longer than it may', layer: 'extract' },
    })
  })

  test('is no end of a task', () => {
    const events = history(started(REQUEST), LOAD, ABORTED)
    expect(events.filter(endsTask).map(({ type }) => type)).toEqual(['TaskSucceeded'])
    expect(events.filter(isCut).map(({ type }) => type)).toEqual(['ExecutionAborted'])
  })
})

describe('a history that the box has recorded', () => {
  async function recorded(name: string): Promise<Told> {
    const file = new URL(`../../../../fixtures/histories/${name}.json`, import.meta.url)
    const events = JSON.parse(await readFile(file, 'utf8')) as HistoryEvent[]
    return told(
      events.map((event) => ({ ...event, timestamp: new Date(event.timestamp as Date) })),
      name,
    )
  }

  test('of a schedule: its input is empty, and its day is the one before', async () => {
    const run = await recorded('scheduled')
    expect(run.fold.request).toMatchObject({ run_id: 'scheduled', as_of: '2026-11-27', ...DEFAULTS })
    expect(run.state.status).toBe('succeeded')
    expect(run.state.layers.map(({ status, attempts }) => [status, attempts])).toEqual(Array(3).fill(['succeeded', 1]))
  })

  test('of a job that failed', async () => {
    const run = await recorded('failed')
    expect(brief(run)).toEqual([
      ...['run_started', 'layer_started extract 1'],
      'layer_failed extract JOB_FAILED: Command failed with exit code 1',
      expect.stringMatching(/^notice Run fail failed at ExtractRaw: Command failed/),
      'run_closed failed JOB_FAILED: Command failed with exit code 1',
    ])
  })

  test('of an input that the workflow refuses', async () => {
    const run = await recorded('invalid')
    expect(run.state.error).toMatchObject({
      code: 'JOB_FAILED',
      message: expect.stringContaining('InvalidRequest: from and to take extract, raw or curated'),
      layer: null,
    })
    expect(run.state.layers.map(({ status }) => status)).toEqual(['pending', 'pending', 'pending'])
  })

  test('of a run that was stopped', async () => {
    const run = await recorded('aborted')
    expect(run.state.error).toMatchObject({ code: 'CANCELED', message: 'why', layer: 'extract' })
  })
})

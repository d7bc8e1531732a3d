import type { HistoryEvent } from '@aws-sdk/client-sfn'

/** An event before it has its place in a history. */
export type UntimedHistoryEvent = Omit<HistoryEvent, 'id' | 'timestamp'>

const BEGAN = Date.parse('2026-05-04T02:00:00.000Z')
const GLUE = { resourceType: 'glue', resource: 'startJobRun.sync' }
const SNS = { resourceType: 'sns', resource: 'publish' }

/** When an event of a history happened: each a second after the one before it. */
export const atSecond = (second: number): string => new Date(BEGAN + second * 1000).toISOString()

/** Events with ids and times, in the words of Step Functions, of which the box has made them just so. */
export function history(...events: (UntimedHistoryEvent | UntimedHistoryEvent[])[]): HistoryEvent[] {
  return events.flat().map((event, at) => ({ id: at + 1, timestamp: new Date(BEGAN + at * 1000), ...event }))
}

export const started = (input: string): UntimedHistoryEvent => ({
  type: 'ExecutionStarted',
  executionStartedEventDetails: { input, roleArn: 'arn:aws:iam::123456789012:role/states' },
})

export const entered = (name: string): UntimedHistoryEvent => ({
  type: 'TaskStateEntered',
  stateEnteredEventDetails: { name, input: '{}' },
})

export const scheduled = (JobName: string): UntimedHistoryEvent => ({
  type: 'TaskScheduled',
  taskScheduledEventDetails: { ...GLUE, region: 'eu-west-1', parameters: JSON.stringify({ JobName, Timeout: 120 }) },
})

export const submitted = (JobRunId: string): UntimedHistoryEvent => ({
  type: 'TaskSubmitted',
  taskSubmittedEventDetails: { ...GLUE, output: JSON.stringify({ JobRunId }) },
})

export const succeeded = (JobRunState = 'SUCCEEDED', more: object = {}): UntimedHistoryEvent => ({
  type: 'TaskSucceeded',
  taskSucceededEventDetails: { ...GLUE, output: JSON.stringify({ JobName: 'a_job', JobRunState, ...more }) },
})

export const failed = (error: string, cause: string | object): UntimedHistoryEvent => ({
  type: 'TaskFailed',
  taskFailedEventDetails: { ...GLUE, error, cause: typeof cause === 'string' ? cause : JSON.stringify(cause) },
})

/** A state whose job did its work. */
export const done = (state: string, job: string): UntimedHistoryEvent[] => [
  entered(state),
  scheduled(job),
  { type: 'TaskStarted' },
  submitted(`jr_${state}`),
  succeeded(),
  { type: 'TaskStateExited', stateExitedEventDetails: { name: state, output: '{}' } },
]

export const SNAPSHOT = done('SnapshotRaw', 's3_to_redshift_raw')
export const EXTRACT = done('ExtractRaw', 'extract_raw')
export const LOAD = done('LoadRaw', 's3_to_redshift_raw')
export const CURATED = done('CuratedLayer', 'redshift_raw_to_curated')

/** How a failure ends an execution: a notice, and the state Fail. */
export const noticed = (state: string, cause: string): UntimedHistoryEvent[] => [
  entered('NotifyFailure'),
  {
    type: 'TaskScheduled',
    taskScheduledEventDetails: {
      ...SNS,
      region: 'eu-west-1',
      parameters: JSON.stringify({ Subject: `rental-etl: ${state} failed`, Message: cause }),
    },
  },
  { type: 'TaskStarted' },
  { type: 'TaskSucceeded', taskSucceededEventDetails: { ...SNS, output: '{"MessageId":"m"}' } },
  { type: 'FailStateEntered', stateEnteredEventDetails: { name: 'Fail', input: '{}' } },
  { type: 'ExecutionFailed', executionFailedEventDetails: { error: `${state}Failed`, cause } },
]

export const SUCCESS: UntimedHistoryEvent[] = [
  { type: 'ExecutionSucceeded', executionSucceededEventDetails: { output: '{}' } },
]
export const ABORTED: UntimedHistoryEvent = {
  type: 'ExecutionAborted',
  executionAbortedEventDetails: { error: 'Canceled', cause: 'wrong day' },
}
export const TIMED_OUT: UntimedHistoryEvent = { type: 'ExecutionTimedOut', executionTimedOutEventDetails: {} }

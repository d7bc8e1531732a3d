import type { HistoryEvent, HistoryEventType } from '@aws-sdk/client-sfn'
import type { RunResult } from '../../../core/run/run.js'
import { runStarted } from '../../../core/run/run-started.js'
import { maskSecrets } from '../../../core/words/secrets.js'
import { executionRequest } from './execution-request.js'
import { applied, type Fold, type Folded, layerOf, type Step } from './fold.js'
import { taskFailed, taskScheduled, taskSubmitted, taskSucceeded, unmended } from './task-steps.js'

/** What each event of a history means; of all others nothing is told. */
const STEPS: Partial<Record<HistoryEventType, (fold: Fold, event: HistoryEvent) => Step>> = {
  ExecutionStarted: (fold, { timestamp, executionStartedEventDetails: details }) => {
    const startedAt = timestamp?.toISOString() ?? ''
    const request = executionRequest({ name: fold.runId, startedAt, input: details?.input }, fold.defaults)
    return { change: { request }, events: [runStarted(request, startedAt)] }
  },
  TaskStateEntered: (fold, { stateEnteredEventDetails: details }) => {
    const state = details?.name ?? ''
    const { change, events = [] } = layerOf(state) ? {} : unmended(fold)
    return { change: { ...change, state, tries: 0 }, events }
  },
  TaskScheduled: (fold, event) => taskScheduled(fold, event.taskScheduledEventDetails?.parameters ?? ''),
  TaskSubmitted: (fold, event) => taskSubmitted(fold, event.taskSubmittedEventDetails?.output ?? ''),
  TaskSucceeded: (fold, event) => taskSucceeded(fold, event.taskSucceededEventDetails?.output ?? ''),
  TaskFailed: (fold, event) => taskFailed(fold, event.taskFailedEventDetails),
  TaskTimedOut: (fold, event) => taskFailed(fold, event.taskTimedOutEventDetails),
  TaskSubmitFailed: (fold, event) => taskFailed(fold, event.taskSubmitFailedEventDetails),
  TaskStartFailed: (fold, event) => taskFailed(fold, event.taskStartFailedEventDetails),
  ExecutionSucceeded: () => closing('succeeded', null),
  ExecutionFailed: (fold, { executionFailedEventDetails: details }) => {
    const { change, events = [] } = unmended(fold)
    const end = `the workflow ended with ${details?.error ?? 'an error'}: ${details?.cause ?? ''}`
    const closed = closing('failed', change?.error ?? fold.error ?? failure(fold, end))
    return { change: { ...change, ...closed.change }, events: [...events, ...(closed.events ?? [])] }
  },
  ExecutionTimedOut: (fold, { executionTimedOutEventDetails: details }) => {
    const why = details?.cause ? `: ${details.cause}` : ''
    return closing('failed', failure(fold, `the workflow took longer than it may${why}`))
  },
  ExecutionAborted: (fold, { executionAbortedEventDetails: details }) => {
    const message = maskSecrets(details?.cause || 'stopped outside of rental-etl')
    return closing('canceled', { code: 'CANCELED', message, suggestions: [], layer: fold.layer ?? null })
  },
}

/** Folds one event of an execution's history. Pure; the given state is not changed. */
export function foldHistory(fold: Fold, event: HistoryEvent): Folded {
  const step = event.type && STEPS[event.type]
  return step ? applied(fold, event.timestamp, step(fold, event)) : { fold, events: [] }
}

/** True for an event after which the job that was going on says nothing more. */
export function endsTask({ type }: HistoryEvent): boolean {
  return type === 'TaskSucceeded' || type === 'TaskFailed' || type === 'TaskTimedOut'
}

/** True for an event that ends the execution from outside, while a job may go on. */
export function isCut({ type }: HistoryEvent): boolean {
  return type === 'ExecutionAborted' || type === 'ExecutionTimedOut'
}

function closing(status: 'succeeded' | 'failed' | 'canceled', error: RunResult['error']): Step {
  return { change: { closed: true, glueRun: undefined, error }, events: [{ type: 'run_closed', status, error }] }
}

/** A failure that no layer told: the workflow refused its input, took too long, or is wrong. */
function failure({ runId, layer }: Fold, message: string): RunResult['error'] {
  const suggestions = [`rental-etl resume ${runId}`, `rental-etl logs ${runId}`]
  return { code: 'JOB_FAILED', message: maskSecrets(message), suggestions, layer: layer ?? null }
}

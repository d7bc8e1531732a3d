import { type ErrorReport, EtlError, errorReport } from '../../../core/errors.js'
import type { RunEvent } from '../../../core/run/events.js'
import { parseRequest, type RunRequest } from '../../../core/run/request.js'
import { LAYERS, type LayerName } from '../../../core/run/run.js'
import { systemError } from '../../../core/system-error.js'
import type { Notice } from '../home/notices.js'
import type { JobEvent, Jobs } from './job.js'
import type { Json, WorkflowTask } from './workflow-engine.js'

type WithoutTime<Event> = Event extends RunEvent ? Omit<Event, 'at'> : never
export type RunEventBody = WithoutTime<RunEvent>

export interface TaskSettings {
  runId: string
  jobs(): Promise<Jobs>
  emit(event: RunEventBody): void
  signal: AbortSignal
  /** Keeps a notice where the operator finds it. */
  notify(notice: Omit<Notice, 'at' | 'run_id'>): Promise<void>
}

export interface LocalTasks {
  byResource: Readonly<Record<string, WorkflowTask>>
  /** Tells of the failure that no other try has mended; called at the end of the workflow. */
  settle(): void
}

/** The workflow's resources on one machine: Glue jobs are functions, a topic is a file of notices. */
export function localTasks(settings: TaskSettings): LocalTasks {
  const { emit, runId } = settings
  const attempts = new Map<LayerName, number>()
  // The Fail state loses its error, and a service error may still be mended by a retry: the last failure is kept here.
  let pending: { layer: LayerName; error: ErrorReport } | undefined
  const settle = (): void => {
    if (pending) emit({ type: 'layer_failed', ...pending })
    pending = undefined
  }

  const startJobRun: WorkflowTask = async (parameters) => {
    const name = String(parameters.JobName)
    // The extract on this machine sees the warehouse by itself.
    if ((parameters.Arguments as Record<string, Json>)['--step'] === 'snapshot')
      return { JobName: name, JobRunState: 'SUCCEEDED' }
    const layer = LAYERS.find(({ job }) => job === name)
    if (!layer) throw named('Glue.EntityNotFoundException', `there is no job ${name}`)
    const attempt = (attempts.get(layer.layer) ?? 0) + 1
    attempts.set(layer.layer, attempt)
    if (attempt > 1) emit({ type: 'layer_retrying', layer: layer.layer, attempt, error: pending?.error.message ?? '' })
    pending = undefined
    emit({ type: 'layer_started', layer: layer.layer, attempt })
    const run = { JobName: name, Id: `${runId}-${layer.layer}-${attempt}`, Attempt: 0 }
    try {
      const job = (await settings.jobs())[layer.job]
      await job(requestOf(parameters.Arguments), {
        emit: (event: JobEvent) => emit(event),
        signal: settings.signal,
      })
    } catch (thrown) {
      const error = systemError(thrown)
      // Whatever a job throws once it was told to stop is the stop.
      settings.signal.throwIfAborted()
      pending = { layer: layer.layer, error: failure(error, runId) }
      tell(emit, layer.layer, error)
      if (isServiceError(error)) throw error
      throw named(
        'States.TaskFailed',
        JSON.stringify({ ...run, JobRunState: 'FAILED', ErrorMessage: pending.error.message }),
      )
    }
    settings.signal.throwIfAborted()
    emit({ type: 'layer_succeeded', layer: layer.layer })
    return { ...run, JobRunState: 'SUCCEEDED' }
  }

  const publish: WorkflowTask = async (parameters) => {
    const failed = pending
    settle()
    const subject = String(parameters.Subject)
    const message = String(parameters.Message)
    const next = failed?.error.suggestions.find((command) => command.startsWith('rental-etl ')) ?? null
    await settings.notify({ layer: failed?.layer ?? null, code: failed?.error.code ?? null, subject, message, next })
    emit({ type: 'notice', subject, message })
    return { MessageId: `${runId}-notice` }
  }

  return {
    byResource: { 'arn:aws:states:::glue:startJobRun.sync': startJobRun, 'arn:aws:states:::sns:publish': publish },
    settle,
  }
}

/** The request as the workflow hands it to a job: one argument, a text. */
function requestOf(given: Json | undefined): RunRequest {
  return parseRequest(JSON.parse(String((given as Record<string, Json>)['--request'])))
}

/** An error of the service that should have started the job, as opposed to the job's own. */
function isServiceError(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('Glue.')
}

function failure(error: unknown, runId: string): ErrorReport {
  const report = isServiceError(error) ? { ...errorReport(error), code: 'JOB_FAILED' as const } : errorReport(error)
  if (report.suggestions.length > 0) return report
  return { ...report, suggestions: [`rental-etl resume ${runId}`, `rental-etl logs ${runId} --failed`] }
}

/** What the log says beside the failure itself: why a retry comes, a bug's stack, a cause. */
function tell(emit: TaskSettings['emit'], layer: LayerName, error: unknown): void {
  const { message } = errorReport(error)
  // Of a failure that a retry may mend, a warning stays.
  if (isServiceError(error)) emit({ type: 'log', layer, level: 'warn', message })
  else if (!(error instanceof EtlError)) {
    emit({ type: 'log', layer, level: 'error', message: error instanceof Error ? (error.stack ?? message) : message })
  } else if (error.cause instanceof Error && !message.includes(error.cause.message)) {
    emit({ type: 'log', layer, level: 'error', message: `because: ${error.cause.message}` })
  }
}

function named(name: string, message: string): Error {
  const error = new Error(message)
  error.name = name
  return error
}

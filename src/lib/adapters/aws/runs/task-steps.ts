import type { LayerName } from '../../../core/run/run.js'
import { type Fold, layerOf, type Step, type UntimedEvent } from './fold.js'
import { isServiceError, jobRun, taskFailure } from './job-failure.js'

/** What a task is given begins: the first time its layer, again an attempt; of a notice its words are kept. */
export function taskScheduled(fold: Fold, parameters: string): Step {
  const fields = fieldsOf(parameters)
  const layer = layerOf(fold.state)
  if (!layer) {
    const notice = { subject: String(fields['Subject'] ?? ''), message: String(fields['Message'] ?? '') }
    return { change: { notice } }
  }
  const tries = fold.tries + 1
  const change = { tries, job: String(fields['JobName'] ?? ''), said: undefined, failure: undefined, tables: [] }
  // The extract has begun with the snapshot.
  if (tries === 1 && fold.layer === layer) return { change: { ...change, tables: fold.tables } }
  const attempt = (fold.attempts[layer] ?? 0) + 1
  const retrying: UntimedEvent = { type: 'layer_retrying', layer, attempt, error: fold.failure?.error.message ?? '' }
  return {
    change: { ...change, layer, attempts: { ...fold.attempts, [layer]: attempt } },
    events: [...(attempt > 1 ? [retrying] : []), { type: 'layer_started', layer, attempt }],
  }
}

/** A job's run has its id, by which its output is found. */
export function taskSubmitted(fold: Fold, output: string): Step {
  const id = fieldsOf(output)['JobRunId']
  return layerOf(fold.state) && id ? { change: { glueRun: { job: fold.job, id: String(id) } } } : {}
}

/** A task ended without an error, which a job that was stopped may do, too. */
export function taskSucceeded(fold: Fold, output: string): Step {
  const layer = layerOf(fold.state)
  if (!layer) return fold.notice ? { change: { notice: undefined }, events: [{ type: 'notice', ...fold.notice }] } : {}
  if (jobRun(output)?.JobRunState !== 'SUCCEEDED') return failing(fold, layer, 'JobNotSucceeded', output)
  if (fold.state === 'SnapshotRaw') return { change: { glueRun: undefined } }
  return { change: { glueRun: undefined, layer: undefined }, events: [{ type: 'layer_succeeded', layer }] }
}

/** A task failed; it may be tried again. */
export function taskFailed(
  fold: Fold,
  { error = 'an error', cause = '' }: { error?: string | undefined; cause?: string | undefined } = {},
): Step {
  const layer = layerOf(fold.state)
  if (layer) return failing(fold, layer, error, cause)
  const message = `the notice could not be published: ${error}: ${cause}`
  return { events: [{ type: 'log', layer: null, level: 'warn', message }] }
}

/** A failure that no other try has mended ends its layer. */
export function unmended({ failure }: Fold): Step {
  if (!failure) return {}
  const error = { ...failure.error, layer: failure.layer }
  return {
    change: { failure: undefined, layer: undefined, glueRun: undefined, error },
    events: [{ type: 'layer_failed', layer: failure.layer, error: failure.error }],
  }
}

function failing(fold: Fold, layer: LayerName, error: string, cause: string): Step {
  const report = taskFailure({ error, cause }, fold.said, fold.runId)
  // Of a failure that a retry may mend, a warning stays.
  const warning: UntimedEvent = { type: 'log', layer, level: 'warn', message: report.message }
  return {
    change: { failure: { layer, error: report }, glueRun: undefined },
    events: isServiceError({ error }) ? [warning] : [],
  }
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>
  } catch {
    return {}
  }
}

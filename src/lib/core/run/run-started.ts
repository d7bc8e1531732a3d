import type { RunEvent } from './events.js'
import type { RunRequest } from './request.js'
import { isPlanned, LAYER_NAMES } from './run.js'

/** The first event of a run, as its request tells it. @param at RFC 3339 in UTC */
export function runStarted(request: RunRequest, at: string): Extract<RunEvent, { type: 'run_started' }> {
  const skipped = LAYER_NAMES.filter((layer) => !isPlanned(layer, request.from, request.to))
  return {
    type: 'run_started',
    at,
    run_id: request.run_id,
    parent: request.parent,
    as_of: request.as_of,
    reconciled: request.reconcile === 'always',
    skipped: skipped.map((layer) => ({ layer, done_by: request.done_by[layer] ?? null })),
  }
}

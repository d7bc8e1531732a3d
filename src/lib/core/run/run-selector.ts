import { EtlError } from '../errors.js'
import { nearest } from '../words/nearest.js'
import type { RunStatus } from './run.js'

interface Selectable {
  state: { run_id: string; status: RunStatus }
}

/** The names that stand for a run; `@-2` is the one before the newest. */
export const SELECTORS = ['@latest', '@failed', '@running', '@-2'] as const

/**
 * The run that a text names: an id, or `@latest`, `@running`, `@-N` (the N-th newest), `@failed` (the newest failed run
 * without a later success).
 * @param runs newest first
 * @throws EtlError NO_RUN with the nearest ids
 */
export function selectRun<Run extends Selectable>(selector: string, runs: readonly Run[]): Run {
  const found = selector.startsWith('@')
    ? bySelector(selector, runs)
    : runs.find((run) => run.state.run_id === selector)
  if (found) return found
  if (runs.length === 0) throw noRun('there is no run yet', ['rental-etl run --watch'])
  if (selector === '@running') throw noRun('no run is going on', ['rental-etl runs', 'rental-etl run --watch'])
  if (selector === '@failed') throw noRun('no run failed since the last success', ['rental-etl runs'])
  if (selector.startsWith('@-')) throw noRun(`there are only ${runs.length} runs`, ['rental-etl runs'])
  if (selector.startsWith('@')) {
    throw noRun(`there is no selector ${selector}; there are ${SELECTORS.join(', ')}`, ['rental-etl runs'])
  }
  throw unknownRun(
    selector,
    runs.map((run) => run.state.run_id),
  )
}

/** The error for an id that no run has, with the nearest ones. */
export function unknownRun(id: string, known: readonly string[]): EtlError {
  const near = nearest(id, known)
  const hint = near.length > 0 ? `; the nearest ${near.length > 1 ? 'are' : 'is'} ${near.join(', ')}` : ''
  return noRun(`there is no run ${id}${hint}`, [
    ...near.slice(0, 1).map((run) => `rental-etl runs show ${run}`),
    'rental-etl runs',
  ])
}

function bySelector<Run extends Selectable>(selector: string, runs: readonly Run[]): Run | undefined {
  if (selector === '@latest') return runs[0]
  if (selector === '@running') return runs.find((run) => run.state.status === 'running')
  if (selector === '@failed') {
    const success = runs.findIndex((run) => run.state.status === 'succeeded')
    return runs.slice(0, success === -1 ? runs.length : success).find((run) => run.state.status === 'failed')
  }
  const back = /^@-([1-9]\d*)$/.exec(selector)?.[1]
  return back === undefined ? undefined : runs[Number(back) - 1]
}

function noRun(message: string, suggestions: string[]): EtlError {
  return new EtlError(message, { code: 'NO_RUN', suggestions })
}

import { type RunState, runDuration } from '../core/run/events.js'
import { sumOf } from '../core/run/flow.js'
import type { RunStatus } from '../core/run/run.js'
import { countText } from '../core/words/count-text.js'
import { ageText, durationText } from './format.js'
import { styleOf } from './paint.js'
import type { HumanView } from './tabular/options.js'

/** The list of runs for a reader: what came of each, when, and how much it moved. */
export function runsView(runs: readonly { state: RunState }[], now: Date): HumanView {
  return {
    columns: [
      { name: 'run_id', type: 'VARCHAR' },
      { name: 'status', type: 'VARCHAR', style: (text) => styleOf(text as RunStatus) },
      { name: 'when', type: 'VARCHAR' },
      { name: 'took', type: 'VARCHAR' },
      { name: 'moved', type: 'BIGINT' },
      { name: 'error', type: 'VARCHAR' },
    ],
    row: (_, at) => {
      const { state } = runs[at] as { state: RunState }
      const { run_id, status, started_at, layers, error } = state
      const duration = runDuration(state, status === 'running' ? now.toISOString() : null)
      return [
        run_id,
        status,
        started_at && ageText(started_at, now),
        duration === null ? null : durationText(duration),
        moved(layers),
        error?.message.split('\n')[0] ?? null,
      ]
    },
  }
}

/** Rows of raw that a run inserted, updated or deleted; nothing where it did not come so far. */
export function moved(layers: RunState['layers']): string | null {
  const raw = layers.find(({ layer }) => layer === 'raw')
  if (raw?.status !== 'succeeded') return null
  return countText(sumOf(raw.tables, 'inserted', 'updated', 'deleted'))
}

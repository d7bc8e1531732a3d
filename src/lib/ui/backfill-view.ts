import type { BackfillDay } from '../core/run/backfill.js'
import { type RunState, runDuration } from '../core/run/events.js'
import type { RunStatus } from '../core/run/run.js'
import { durationText } from './format.js'
import { styleOf } from './paint.js'
import { moved } from './runs-view.js'
import type { HumanView } from './tabular/options.js'

/** The days of a backfill for a reader. */
export function backfillView(days: readonly BackfillDay[]): HumanView {
  return {
    columns: [
      { name: 'as_of', type: 'DATE' },
      { name: 'status', type: 'VARCHAR', style: (text) => styleOf(text.split(' ')[0] as RunStatus) },
      { name: 'run_id', type: 'VARCHAR' },
      { name: 'took', type: 'VARCHAR' },
      { name: 'moved', type: 'BIGINT' },
      { name: 'error', type: 'VARCHAR' },
    ],
    row: (_, at) => {
      const { as_of, run, before } = days[at] as BackfillDay
      if (run === null) return [as_of, 'pending', null, null, null, null]
      const status = before ? `${run.status} before` : run.status
      return [as_of, status, run.run_id, took(run), moved(run.layers), run.error?.message.split('\n')[0] ?? null]
    },
  }
}

/** A day that was done just now, in a line. */
export function backfillLine({ as_of, run }: BackfillDay, { at, of }: { at: number; of: number }): string {
  if (run === null) return `${as_of}  ${at}/${of}  pending`
  const rows = moved(run.layers)
  const time = took(run)
  const lasted = time === null ? '' : ` in ${time}`
  const moves = rows === null ? '' : `, ${rows} rows moved`
  return `${as_of}  ${at}/${of}  ${run.status}${lasted}${moves}  ${run.run_id}`
}

function took(run: RunState): string | null {
  const duration = runDuration(run)
  return duration === null ? null : durationText(duration)
}

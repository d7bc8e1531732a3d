import { type Backfill, type BackfillDay, daysBetween } from '../core/run/backfill.js'
import { type RunState, runDuration } from '../core/run/events.js'
import { sumOf } from '../core/run/flow.js'
import type { RunRequest } from '../core/run/request.js'
import type { RunRecord, RunStore } from '../ports/run-store.js'
import type { Cell, ResultColumn } from '../ports/warehouse.js'

export interface BackfillPlan {
  /** The backfill that is gone on with; null for one that is begun. */
  goesOn: Backfill | null
  days: BackfillDay[]
}

export const BACKFILL_COLUMNS: ResultColumn[] = [
  { name: 'as_of', type: 'DATE' },
  { name: 'status', type: 'VARCHAR' },
  { name: 'run_id', type: 'VARCHAR' },
  { name: 'done_before', type: 'BOOLEAN' },
  { name: 'duration_ms', type: 'INTEGER' },
  { name: 'inserted', type: 'BIGINT' },
  { name: 'updated', type: 'BIGINT' },
  { name: 'deleted', type: 'BIGINT' },
  { name: 'error', type: 'VARCHAR' },
]

/**
 * The days of a backfill. The newest one of the same span and source is gone on with: days that it did are not done again.
 * @param restart begin a new one
 * @throws EtlError USAGE for a span that ends before it starts
 */
export async function planBackfill(
  runs: RunStore,
  { start, end, source, restart }: { start: string; end: string; source: string; restart: boolean },
): Promise<BackfillPlan> {
  const days = daysBetween(start, end)
  let goesOn: Backfill | null = null
  const done = new Map<string, RunState>()
  if (!restart) {
    for await (const { request, state } of runs.newest()) {
      if (!isOf(request, { start, end, source })) continue
      goesOn ??= request.backfill
      // Older runs are those of earlier backfills.
      if (request.backfill?.id !== goesOn?.id) break
      if (isDone({ request, state })) done.set(state.as_of, state)
      if (request.backfill?.id === state.run_id) break
    }
  }
  return {
    goesOn,
    days: days.map((as_of) => ({ as_of, run: done.get(as_of) ?? null, before: done.has(as_of) })),
  }
}

function isOf({ backfill, source }: RunRequest, of: { start: string; end: string; source: string }): boolean {
  return backfill !== null && backfill.start === of.start && backfill.end === of.end && source === of.source
}

/** True where the views were brought to the day: also by a run that went on with another. */
function isDone({ request, state }: RunRecord): boolean {
  return state.status === 'succeeded' && request.to === 'curated'
}

/** What a day's run is made of: its id and date, the backfill that it is of, and whether it is the command's first. */
export interface DayToDo {
  run_id: string
  as_of: string
  backfill: Backfill
  first: boolean
}

/**
 * Does the days that wait, in their order, and stops after one that did not succeed. Each is put into its place in the plan,
 * and told with its number as soon as it is over.
 * @param run does one day to its end
 */
export async function* doBackfill(
  { days, goesOn }: BackfillPlan,
  { newRunId, run }: { newRunId(): Promise<string>; run(day: DayToDo, at: number): Promise<RunState> },
): AsyncGenerator<{ day: BackfillDay; run: RunState; at: number }, void> {
  let backfill = goesOn
  let first = true
  for (const [index, day] of days.entries()) {
    if (day.run !== null) continue
    const run_id = await newRunId()
    backfill ??= { start: days[0]?.as_of ?? day.as_of, end: days.at(-1)?.as_of ?? day.as_of, id: run_id }
    const at = index + 1
    day.run = await run({ run_id, as_of: day.as_of, backfill, first }, at)
    yield { day, run: day.run, at }
    if (day.run.status !== 'succeeded') return
    first = false
  }
}

/** A day as a row of `BACKFILL_COLUMNS`; one that no run has tried is pending. */
export function backfillRow({ as_of, run, before }: BackfillDay): Cell[] {
  if (run === null) return [as_of, 'pending', null, false, null, null, null, null, null]
  const raw = run.layers.find(({ layer }) => layer === 'raw')
  const moved = (['inserted', 'updated', 'deleted'] as const).map((key) =>
    raw?.status === 'succeeded' ? String(sumOf(raw.tables, key)) : null,
  )
  return [as_of, run.status, run.run_id, before, runDuration(run), ...moved, run.error?.message ?? null]
}

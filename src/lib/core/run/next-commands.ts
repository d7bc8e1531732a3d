import { SAMPLE_LAST_DAY } from '../sample/sample.js'
import { pasteable } from '../words/paste.js'
import { lastCompleteDay } from './as-of.js'
import type { RunState } from './events.js'
import type { RunRequest } from './request.js'

/** What lets a guard pass once. */
const LETS_PASS: Readonly<Record<string, string>> = {
  GUARD_MAX_DELETED: '--allow-deletes',
  GUARD_MAX_QUARANTINED: '--allow-rejects',
}

/** What to type after a run: here, and wherever it is shown later. @param stopped Ctrl-C has ended the run */
export function nextCommands(
  state: RunState,
  request: Pick<RunRequest, 'as_of' | 'source'> | undefined,
  stopped = false,
): string[] {
  const { run_id, status, error } = state
  if (status === 'running') return [`rental-etl watch ${run_id}`]
  if (status === 'succeeded') return ['rental-etl metrics occupancy --month', 'rental-etl verify']
  if (stopped || status === 'canceled') return [`rental-etl resume ${run_id}`]
  const as_of = request && givenAsOf(request, state.started_at)
  const own = (error?.suggestions ?? []).map((command) => pasteable(command, { as_of }))
  const flag = LETS_PASS[error?.code ?? '']
  if (flag) return [...own, `rental-etl resume ${flag}   # the same run once more, as of ${state.as_of}`]
  return own.some((command) => command.startsWith('rental-etl resume')) ? own : [...own, 'rental-etl resume']
}

/** The as-of date of a run, where it is not the one that a run of that moment has by itself. */
export function givenAsOf(
  { as_of, source }: Pick<RunRequest, 'as_of' | 'source'>,
  startedAt: string | null,
): string | undefined {
  const usual = source.startsWith('sample') ? SAMPLE_LAST_DAY : lastCompleteDay(new Date(startedAt ?? 0))
  return as_of === usual ? undefined : as_of
}

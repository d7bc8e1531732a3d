import { SAMPLE_LAST_DAY } from '../sample/sample.js'
import { type PlaceFlags, pasteable } from '../words/paste.js'
import { lastCompleteDay } from './as-of.js'
import type { RunState } from './events.js'
import type { RunRequest } from './request.js'

/** What lets a guard pass once. */
const LETS_PASS: Readonly<Record<string, string>> = {
  GUARD_MAX_DELETED: '--allow-deletes',
  GUARD_MAX_QUARANTINED: '--allow-rejects',
}

type AskedOf = Pick<RunRequest, 'as_of' | 'source' | 'source_given'>

/** What to type after a run: here, and wherever it is shown later. @param stopped Ctrl-C has ended the run */
export function nextCommands(state: RunState, request: AskedOf | undefined, stopped = false): string[] {
  const { run_id, status, error } = state
  if (status === 'running') return [`rental-etl watch ${run_id}`]
  if (status === 'succeeded') return ['rental-etl metrics occupancy --month', 'rental-etl verify']
  if (stopped || status === 'canceled') return [`rental-etl resume ${run_id}`]
  const given = request ? givenTo(request, state.started_at) : {}
  const own = (error?.suggestions ?? []).map((command) => pasteable(command, given))
  const flag = LETS_PASS[error?.code ?? '']
  if (flag) return [...own, `rental-etl resume ${flag}   # the same run once more, as of ${state.as_of}`]
  return own.some((command) => command.startsWith('rental-etl resume')) ? own : [...own, 'rental-etl resume']
}

/** The source and the day that a run was given on its command line: without them, a command like it could mean others. */
export function givenTo(request: AskedOf, startedAt: string | null): Pick<PlaceFlags, 'source' | 'as_of'> {
  const source = request.source_given ? request.source : undefined
  return { source, as_of: givenAsOf(request, startedAt) }
}

/** The as-of date of a run, where it is not the one that a run of that moment has by itself. */
function givenAsOf(
  { as_of, source }: Pick<RunRequest, 'as_of' | 'source'>,
  startedAt: string | null,
): string | undefined {
  const usual = source.startsWith('sample') ? SAMPLE_LAST_DAY : lastCompleteDay(new Date(startedAt ?? 0))
  return as_of === usual ? undefined : as_of
}

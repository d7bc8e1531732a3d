import type { RunEvent } from '../core/run/events.js'
import type { FollowOptions, Orchestrator } from '../ports/orchestrator.js'

/**
 * Every event of a run, oldest first, to its end or until `waitMs` have passed. Aborting stops the watching only.
 * @throws EtlError NO_RUN; the signal's reason
 */
export async function* watchRun(
  orchestrator: Orchestrator,
  runId: string,
  { waitMs, signal, onTrouble }: FollowOptions & { waitMs?: number | undefined; signal: AbortSignal },
): AsyncGenerator<RunEvent, void> {
  const timeout = waitMs === undefined ? undefined : new AbortController()
  const timer = timeout && setTimeout(() => timeout.abort(), waitMs)
  try {
    const either = timeout ? AbortSignal.any([signal, timeout.signal]) : signal
    yield* orchestrator.follow(runId, { signal: either, onTrouble })
  } catch (error) {
    if (!timeout?.signal.aborted || signal.aborted) throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Milliseconds of a text such as `90s`, `5m`, `1h30m`, or `45` (seconds); undefined when it is none. */
export function durationMs(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text)
  if (!match || text === '') return undefined
  const [hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [number, number, number]
  return ((hours * 60 + minutes) * 60 + seconds) * 1000
}

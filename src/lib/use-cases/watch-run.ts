import type { RunEvent } from '../core/run/events.js'
import type { FollowOptions, Orchestrator } from '../ports/orchestrator.js'

export { durationMs } from '../core/words/duration.js'

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

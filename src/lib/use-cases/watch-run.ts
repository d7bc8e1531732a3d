import type { RunEvent } from '../core/run/events.js'
import type { Orchestrator } from '../ports/orchestrator.js'

export { durationMs } from '../core/words/duration.js'

/**
 * Every event of a run, oldest first, to its end or until `waitMs` have passed. Aborting stops the watching only.
 * @throws EtlError NO_RUN; the signal's reason
 */
export async function* watchRun(
  orchestrator: Orchestrator,
  runId: string,
  { waitMs, signal }: { waitMs?: number | undefined; signal: AbortSignal },
): AsyncGenerator<RunEvent, void> {
  const timeout = waitMs === undefined ? undefined : new AbortController()
  const timer = timeout && setTimeout(() => timeout.abort(), waitMs)
  try {
    yield* orchestrator.follow(runId, timeout ? AbortSignal.any([signal, timeout.signal]) : signal)
  } catch (error) {
    if (!timeout?.signal.aborted || signal.aborted) throw error
  } finally {
    clearTimeout(timer)
  }
}

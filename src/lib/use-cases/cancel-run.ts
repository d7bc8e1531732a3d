import { EtlError } from '../core/errors.js'
import type { RunRecord, RunStore } from '../ports/run-store.js'
import { selectRun } from './select-run.js'
import type { RunPorts } from './start-run.js'

/** The run that is to be canceled. @throws EtlError NO_RUN; NOT_FOUND (exit 66) for one that is over */
export async function runToCancel(runs: RunStore, run: string): Promise<RunRecord> {
  const record = await selectRun(runs, run)
  const { run_id, status } = record.state
  if (status === 'running') return record
  throw new EtlError(`run ${run_id} is over: it ${status === 'canceled' ? 'was canceled' : status}`, {
    code: 'NOT_FOUND',
    suggestions: [`rental-etl runs show ${run_id}`, 'rental-etl runs --status running'],
  })
}

/**
 * Stops a run, and returns it once its jobs have stopped; it may have ended by itself just before.
 * @returns with the reason that is kept: where another cancel came first, that one's
 */
export async function cancelRun(
  { orchestrator, runs }: RunPorts,
  runId: string,
  reason: string,
): Promise<{ record: RunRecord; reason: string }> {
  const kept = await orchestrator.cancel(runId, reason)
  return { record: await runs.get(runId), reason: kept }
}

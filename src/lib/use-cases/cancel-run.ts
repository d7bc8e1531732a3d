import { EtlError } from '../core/errors.js'
import { selectRun } from '../core/run/run-selector.js'
import type { RunRecord, RunStore } from '../ports/run-store.js'
import type { RunPorts } from './start-run.js'

/** The run that is to be canceled. @throws EtlError NO_RUN; NOT_FOUND (exit 66) for one that is over */
export async function runToCancel(runs: RunStore, run: string): Promise<RunRecord> {
  const record = selectRun(run, await runs.list())
  const { run_id, status } = record.state
  if (status === 'running') return record
  throw new EtlError(`run ${run_id} is over: it ${status === 'canceled' ? 'was canceled' : status}`, {
    code: 'NOT_FOUND',
    suggestions: [`rental-etl runs show ${run_id}`, 'rental-etl runs --status running'],
  })
}

/** Stops a run, and returns it once its jobs have stopped; it may have ended by itself just before. */
export async function cancelRun({ orchestrator, runs }: RunPorts, runId: string, reason: string): Promise<RunRecord> {
  await orchestrator.cancel(runId, reason)
  return runs.get(runId)
}

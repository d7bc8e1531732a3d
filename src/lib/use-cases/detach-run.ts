import { EtlError } from '../core/errors.js'
import type { RunState } from '../core/run/events.js'
import type { RunRequest } from '../core/run/request.js'
import { takenRunId } from '../core/run/run-id.js'
import type { Launcher } from '../ports/launcher.js'
import type { Orchestrator } from '../ports/orchestrator.js'
import type { RunStore } from '../ports/run-store.js'

/**
 * Starts a run that outlives this command, and returns it once it has begun: where runs go on by themselves, it is only started.
 * @param argv the command line that does it otherwise, with `--name` and `--json`
 * @throws EtlError USAGE for an id that a run has already; what hindered it from beginning
 */
export async function detachRun(
  { orchestrator, launcher, runs }: { orchestrator: Orchestrator; launcher(): Promise<Launcher>; runs: RunStore },
  request: RunRequest,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<RunState> {
  const { run_id } = request
  // Otherwise the older run would be taken for the one that has begun.
  if (await isTaken(runs, run_id)) throw takenRunId(run_id)
  if (orchestrator.outlives) await orchestrator.start(request)
  else await (await launcher()).launch(run_id, argv, signal)
  return (await runs.get(run_id)).state
}

async function isTaken(runs: RunStore, runId: string): Promise<boolean> {
  return runs.get(runId).then(
    () => true,
    (error) => {
      if (error instanceof EtlError && error.code === 'NO_RUN') return false
      throw error
    },
  )
}

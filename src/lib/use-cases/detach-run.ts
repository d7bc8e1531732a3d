import { EtlError } from '../core/errors.js'
import type { RunState } from '../core/run/events.js'
import { takenRunId } from '../core/run/run-id.js'
import type { Launcher } from '../ports/launcher.js'
import type { RunStore } from '../ports/run-store.js'

/**
 * Starts a run that outlives this command, and returns it once it has begun.
 * @param argv the command line that does it, with `--name` and `--json`
 * @throws EtlError USAGE for an id that a run has already; what hindered it from beginning
 */
export async function detachRun(
  { launcher, runs }: { launcher: Launcher; runs: RunStore },
  runId: string,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<RunState> {
  // Otherwise the older run would be taken for the one that has begun.
  if (await isTaken(runs, runId)) throw takenRunId(runId)
  await launcher.launch(runId, argv, signal)
  return (await runs.get(runId)).state
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

import { setTimeout as sleep } from 'node:timers/promises'
import { type ErrorReport, EtlError } from '../core/errors.js'
import type { RunState } from '../core/run/events.js'
import { takenRunId } from '../core/run/run-id.js'
import type { Launcher, LaunchFailure } from '../ports/launcher.js'
import type { RunRecord, RunStore } from '../ports/run-store.js'

const LOOK_MS = 50

/**
 * Has a process of its own do a run, and returns the run once it has begun.
 * @param argv the command line that does it, with `--name` and `--json`
 * @throws EtlError USAGE for an id that a run has already; as that process told it, when it could not begin
 */
export async function detachRun(
  { launcher, runs }: { launcher: Launcher; runs: RunStore },
  runId: string,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<RunState> {
  // Otherwise the older run would be taken for the one that has begun.
  if (await recordOf(runs, runId)) throw takenRunId(runId)
  const { ended } = await launcher.launch(runId, argv)
  let failure: LaunchFailure | undefined
  void ended.then((end) => {
    failure = end
  })
  while (true) {
    // Asked before the look, so that a run that began and ended in between is found.
    const over = failure
    const record = await recordOf(runs, runId)
    if (record) return record.state
    if (over) throw launchError(runId, over)
    await sleep(LOOK_MS, undefined, { signal })
  }
}

async function recordOf(runs: RunStore, runId: string): Promise<RunRecord | undefined> {
  return runs.get(runId).catch((error) => {
    if (error instanceof EtlError && error.code === 'NO_RUN') return undefined
    throw error
  })
}

function launchError(runId: string, { code, output }: LaunchFailure): EtlError {
  const told = parse(output)
  return new EtlError(
    told?.message ?? `run ${runId} could not begin: its process ended with exit code ${code}: ${output.trim()}`,
    {
      code: told?.code ?? 'BUG',
      suggestions: told?.suggestions ?? ['rental-etl doctor'],
    },
  )
}

function parse(output: string): ErrorReport | undefined {
  try {
    return (JSON.parse(output) as { error?: ErrorReport }).error
  } catch {
    return undefined
  }
}

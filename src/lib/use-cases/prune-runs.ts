import type { RunRecord, RunStore } from '../ports/run-store.js'
import type { AgainPorts } from './rerun.js'

export interface PrunePlan {
  /** Runs that go, newest first. */
  remove: { run_id: string; keep_manifest: boolean }[]
  kept: number
}

/**
 * Which runs go when the newest `keep` stay. The newest that succeeded and one that is going on always stay; of a run
 * that raw was loaded from, the manifest stays.
 */
export async function planPrune({ runs, loads }: AgainPorts, keep: number): Promise<PrunePlan> {
  const records = await runs.list()
  const success = records.find(({ state }) => state.status === 'succeeded')
  const loaded = new Set((await loads()).map(({ run_id }) => run_id))
  const stays = (record: RunRecord, at: number): boolean =>
    at < keep || record === success || record.state.status === 'running'
  const remove = records
    .filter((record, at) => !stays(record, at))
    .map(({ state }) => ({ run_id: state.run_id, keep_manifest: loaded.has(state.run_id) }))
  return { remove, kept: records.length - remove.length }
}

/** Does what the plan says. */
export async function pruneRuns(runs: RunStore, { remove }: PrunePlan): Promise<void> {
  for (const { run_id, keep_manifest } of remove) await runs.remove(run_id, { keepManifest: keep_manifest })
}

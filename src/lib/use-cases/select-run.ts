import { selectRun as among } from '../core/run/run-selector.js'
import type { RunRecord, RunStore } from '../ports/run-store.js'

/**
 * The run that a text names: an id, or a selector such as `@latest`. Runs are read from the newest on, and no further
 * than is needed.
 * @throws EtlError NO_RUN with the nearest ids
 */
export async function selectRun(runs: RunStore, selector: string): Promise<RunRecord> {
  if (!selector.startsWith('@')) return runs.get(selector)
  const seen: RunRecord[] = []
  const enough = enoughFor(selector)
  for await (const record of runs.newest()) {
    seen.push(record)
    if (enough(record, seen.length)) break
  }
  return among(selector, seen)
}

/** The newest run; undefined before the first one. */
export async function newestRun(runs: RunStore): Promise<RunRecord | undefined> {
  for await (const record of runs.newest()) return record
  return undefined
}

/** The run that is going on: there is one at a time, and no other begins before it has ended. */
export async function runningRun(runs: RunStore): Promise<string | undefined> {
  const newest = await newestRun(runs)
  return newest?.state.status === 'running' ? newest.state.run_id : undefined
}

/** Whether a selector needs no older run than this one, the `count`-th. */
function enoughFor(selector: string): (record: RunRecord, count: number) => boolean {
  const back = /^@-(\d+)$/.exec(selector)?.[1]
  if (back !== undefined) return (_, count) => count >= Number(back)
  if (selector === '@failed') return ({ state }) => state.status === 'failed' || state.status === 'succeeded'
  // Of any other word there is nothing to look for.
  return () => true
}

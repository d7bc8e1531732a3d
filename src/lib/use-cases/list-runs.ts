import { runDuration } from '../core/run/events.js'
import type { RunStatus } from '../core/run/run.js'
import type { RunRecord, RunStore } from '../ports/run-store.js'
import type { Cell, ResultColumn } from '../ports/warehouse.js'

export const RUN_COLUMNS: ResultColumn[] = [
  { name: 'run_id', type: 'VARCHAR' },
  { name: 'status', type: 'VARCHAR' },
  { name: 'as_of', type: 'DATE' },
  { name: 'started_at', type: 'TIMESTAMP' },
  { name: 'duration_ms', type: 'INTEGER' },
  { name: 'from', type: 'VARCHAR' },
  { name: 'to', type: 'VARCHAR' },
  { name: 'parent', type: 'VARCHAR' },
  { name: 'source', type: 'VARCHAR' },
  { name: 'error', type: 'VARCHAR' },
]

/** The runs that are asked for, newest first. */
export async function listRuns(
  runs: RunStore,
  { status, limit }: { status?: RunStatus | undefined; limit: number },
): Promise<RunRecord[]> {
  const records: RunRecord[] = []
  for await (const record of runs.newest()) {
    if (status === undefined || record.state.status === status) records.push(record)
    if (records.length === limit) break
  }
  return records
}

/** A run as a row of `RUN_COLUMNS`. */
export function runRow({ state, request }: RunRecord): Cell[] {
  return [
    state.run_id,
    state.status,
    state.as_of,
    state.started_at?.replace(/(\.\d*?)0+Z$/, '$1Z').replace('.Z', 'Z') ?? null,
    runDuration(state),
    request.from,
    request.to,
    state.parent,
    request.source,
    state.error?.message ?? null,
  ]
}

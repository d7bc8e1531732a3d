import { type CheckResult, judge, type SampleRow } from '../core/verify/verify.js'
import type { RunRecord, RunStore } from '../ports/run-store.js'
import { type Question, question } from './question.js'

/** Of each table the first load since which no load read it whole. */
const UNRECONCILED = `select l.table_name as "table", l.run_id as not_reconciled_since, l.loaded_at
from raw_data.load_log l
join (
  select m.table_name, min(m.seq) as seq from raw_data.load_log m
  left join (
    select table_name, max(seq) as seq from raw_data.load_log where reconciled or full_refresh group by table_name
  ) whole on whole.table_name = m.table_name
  where m.seq > coalesce(whole.seq, 0) group by m.table_name
) since on since.table_name = l.table_name and since.seq = l.seq
order by 1`

/** Whether changes and deletions were looked for, or tables were read by their bookmarks alone since. */
export function checkReconciled(): Question<CheckResult> {
  const check = { name: 'source_reconciled', scope: 'counts', severity: 'warn', sql: UNRECONCILED } as const
  return question<{ tables: SampleRow }, CheckResult>({ tables: UNRECONCILED }, ({ tables }) =>
    judge(check, tables.length, tables),
  )
}

/** The first run of those up to this one that all read by bookmarks alone; undefined for a run that reconciled. */
export async function unreconciledSince(runs: RunStore, { state }: RunRecord): Promise<RunRecord | undefined> {
  if (state.reconciled) return undefined
  let first: RunRecord | undefined
  for await (const record of runs.newest()) {
    const own = record.state.run_id === state.run_id
    if (first === undefined && !own) continue
    const loaded = record.state.layers.some(({ layer, status }) => layer === 'raw' && status === 'succeeded')
    if (loaded && record.state.reconciled) break
    if (own || loaded) first = record
  }
  return first
}

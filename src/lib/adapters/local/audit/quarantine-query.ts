import { literal } from '../../../core/sql/names.js'
import { parquetFiles } from '../engine/readers.js'

/** A run's files of one table's rejects in the lake. */
export interface RejectPart {
  runId: string
  files: readonly string[]
}

const COLUMNS = ['rule', 'key_text', 'row_text', 'occurrence']
const SAME = COLUMNS.map((name) => `q.${name} is not distinct from l.${name}`).join(' and ')
const NOTHING = `select ${COLUMNS.map((name) => `null as ${name}`).join(', ')}, false as _deleted, null as run_id, 0 as rank where false`

/**
 * Rows in which the quarantine of a table and the rejects in the lake differ: each row stands in the lake of the run that
 * opened it, and of the run that cleared it, and the other way round. A full refresh writes rows again that were open.
 * @param parts oldest first
 * @param lost runs whose lake is no longer known
 */
export function quarantineQuery(table: string, parts: readonly RejectPart[], lost: readonly string[]): string {
  const rejects = parts.map(
    ({ runId, files }, rank) =>
      `select ${COLUMNS.join(', ')}, _deleted, ${literal(runId)} as run_id, ${rank} as rank from ${parquetFiles(files)}`,
  )
  const known = (run: string): string =>
    lost.length === 0 ? `${run} is not null` : `${run} not in (${lost.map(literal).join(', ')})`
  return `with l as (${[NOTHING, ...rejects].join(' union all ')}),
    ranks as (select distinct run_id, rank from l),
    q as (
      select r.*, coalesce(opened.rank, -1) as opened, coalesce(cleared.rank, case when r.cleared_run_id is null then ${parts.length} else -1 end) as cleared
      from raw_data.quarantine r
      left join ranks opened on opened.run_id = r.first_run_id
      left join ranks cleared on cleared.run_id = r.cleared_run_id
      where r.table_name = ${literal(table)}
    )
    select q.key_text, q.rule, 'not in the lake as it is in quarantine' as difference, q.first_run_id as run_id
    from q anti join l on ${SAME} and not l._deleted and l.run_id = q.first_run_id
    where ${known('q.first_run_id')}
    union all
    select q.key_text, q.rule, 'cleared, but not in the lake', q.cleared_run_id
    from q anti join l on ${SAME} and l._deleted and l.run_id = q.cleared_run_id
    where ${known('q.cleared_run_id')}
    union all
    select l.key_text, l.rule, case when l._deleted then 'cleared in the lake, but not in quarantine' else 'in the lake, but not in quarantine' end, l.run_id
    from l anti join q on ${SAME} and case when l._deleted then q.cleared_run_id = l.run_id else q.opened <= l.rank and q.cleared > l.rank end`
}

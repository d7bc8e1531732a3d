import { literal } from './names.js'

const COLUMNS = ['rule', 'key_text', 'row_text', 'occurrence']
const SAME = COLUMNS.map((name) => `q.${name} = l.${name}`).join(' and ')
const BEYOND = '9223372036854775807'

/** What the lake has of the bad rows of one table. */
export interface RejectRows {
  /** A relation with `rule`, `key_text`, `row_text`, `occurrence`, `_deleted`, and the `run_id` of each row. */
  rows: string
  /** The condition that the files of a run are known; `rank` is the number of its first load. */
  isKnown: (run: string, rank: string) => string
}

/**
 * Rows in which the quarantine of a table and the rejects in the lake differ: each row stands in the lake of the run that
 * opened it, and of the run that cleared it, and the other way round. A full refresh writes rows again that were open.
 * @param table its name in the source
 */
export function quarantineContentQuery(table: string, { rows, isKnown }: RejectRows): string {
  return `${bothSides(table, rows)}
    select q.key_text, q.rule, 'not in the lake as it is in quarantine' as difference, q.first_run_id as run_id from q
    where ${isKnown('q.first_run_id', 'q.opened')}
      and not exists (select 1 from l where ${SAME} and not l._deleted and l.run_id = q.first_run_id)
    union all
    select q.key_text, q.rule, 'cleared, but not in the lake', q.cleared_run_id from q
    where q.cleared_run_id is not null and ${isKnown('q.cleared_run_id', 'q.cleared')}
      and not exists (select 1 from l where ${SAME} and l._deleted and l.run_id = q.cleared_run_id)
    union all
    select l.key_text, l.rule, 'cleared in the lake, but not in quarantine', l.run_id from l
    where l._deleted and not exists (select 1 from q where ${SAME} and q.cleared_run_id = l.run_id)
    union all
    select l.key_text, l.rule, 'in the lake, but not in quarantine', l.run_id from l
    where not l._deleted and not exists (select 1 from q where ${SAME} and q.opened <= l.rank and q.cleared > l.rank)`
}

/** The number of open rows of which no file that is known says anything, as `n`. */
export function unseenRejectsQuery(table: string, { rows, isKnown }: RejectRows): string {
  return `${bothSides(table, rows)}
    select count(*) as n from q
    where q.cleared_run_id is null and not (${isKnown('q.first_run_id', 'q.opened')})
      and not exists (select 1 from l where ${SAME} and not l._deleted)`
}

/** The lake (l) and the quarantine (q), each with the places of its runs in the order of loads. */
function bothSides(table: string, rows: string): string {
  return `with loads as (select run_id, min(seq) as rank from raw_data.load_log where table_name = ${literal(table)} group by run_id),
    l as (select ${COLUMNS.join(', ')}, _deleted, e.run_id, g.rank from ${rows} e join loads g on g.run_id = e.run_id),
    q as (
      select r.*, coalesce(opener.rank, -1) as opened, coalesce(closer.rank, case when r.cleared_run_id is null then ${BEYOND} else -1 end) as cleared
      from raw_data.quarantine r
      left join loads opener on opener.run_id = r.first_run_id
      left join loads closer on closer.run_id = r.cleared_run_id
      where r.table_name = ${literal(table)}
    )`
}

import { SOURCE_TABLES } from '../model.js'
import { literal } from './names.js'
import type { Step } from './script.js'

const SAME_REJECT = ['table_name', 'rule', 'key_text', 'row_text', 'occurrence']
  .map((name) => `raw_data.quarantine.${name} = r.${name}`)
  .join(' and ')

/** Closes cleared rejects and opens new ones; a reject that is still there keeps its id and first run. */
export function rejectSteps(): Step[] {
  const open = `select 1 from raw_data.quarantine where ${SAME_REJECT} and cleared_run_id is null`
  const place = `case r.table_name ${SOURCE_TABLES.map(({ name }, at) => `when ${literal(name)} then ${at}`).join(' ')} end`
  return [
    {
      name: 'close cleared rejects',
      sql: `update raw_data.quarantine set cleared_run_id = '{{run_id}}' from {{rejects}} r
        where r._deleted and ${SAME_REJECT} and cleared_run_id is null`,
    },
    {
      // Loading a manifest once more opens nothing twice.
      name: 'open rejects',
      sql: `insert into raw_data.quarantine (id, table_name, rule, key_text, row_text, occurrence, first_run_id, cleared_run_id)
        select (select coalesce(max(id), 0) from raw_data.quarantine)
            + row_number() over (order by ${place}, rule, key_text, row_text, occurrence),
          table_name, rule, key_text, row_text, occurrence, '{{run_id}}', cast(null as varchar(80))
        from {{rejects}} r where not r._deleted and not exists (${open})`,
    },
    {
      name: 'count rejects',
      sql: `insert into load_counts
        select table_name, 'quarantined', rule, count(*), 0 from {{rejects}} r where not r._deleted and exists (${open}) group by table_name, rule
        union all
        select table_name, 'rejected', cast(null as varchar(1000)), count(*), 0 from {{rejects}} r where not _deleted group by table_name`,
    },
  ]
}

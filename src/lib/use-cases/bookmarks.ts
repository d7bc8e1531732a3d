import { SOURCE_TABLES } from '../core/model.js'
import type { Bookmark } from '../core/run/bookmark.js'
import { literal } from '../core/sql/names.js'
import type { Row, Warehouse } from '../ports/warehouse.js'

interface LoadRow extends Row {
  table_name: string
  run_id: string
  bookmark: string | null
  reconciled: boolean
  loaded_at: string
}

/** The positions of all source tables: raw's own, and what the load log says of them. */
export async function bookmarks(warehouse: Warehouse): Promise<Bookmark[]> {
  const counts = SOURCE_TABLES.map(
    ({ name, raw }) => `select ${literal(name)} as table_name, count(*) as n from raw_data.${raw}`,
  )
  const { loads, rows, resets } = await warehouse.read<{
    loads: LoadRow
    rows: { table_name: string; n: string }
    resets: { table_name: string }
  }>({
    loads: 'select table_name, run_id, bookmark, reconciled, loaded_at from raw_data.load_log order by seq',
    rows: counts.join(' union all '),
    resets: 'select table_name from raw_data.bookmark_resets',
  })
  return SOURCE_TABLES.map(({ name, bookmark }) => {
    const own = loads.filter(({ table_name }) => table_name === name)
    const last = own.at(-1)
    const since = own.findLastIndex(({ reconciled }) => reconciled) + 1
    return {
      table: name,
      column: bookmark.column,
      position: last?.bookmark ?? undefined,
      raw_rows: Number(rows.find(({ table_name }) => table_name === name)?.n ?? 0),
      last_run: last?.run_id,
      loaded_at: last?.loaded_at,
      reconciled: last?.reconciled ?? false,
      not_reconciled_since: own[since]?.loaded_at,
      reset_pending: resets.some(({ table_name }) => table_name === name),
    }
  })
}

import { ident, literal } from '../../../core/sql/names.js'
import type { Database } from '../engine/database.js'
import { KEPT } from './closed-in.js'

/**
 * The statements that compute views and keep them. `own` is the name of the warehouse.
 * @param readers all statements that will read them, where these are known: what none of them names is left out, such as
 * titles, which take half of the memory
 */
export async function keepingStatements(
  { db, own }: { db: Database; own: string },
  views: readonly string[],
  readers?: readonly string[],
): Promise<string[]> {
  const columns = readers === undefined ? [] : await namedColumns(db, own, readers)
  return views.map((view) => {
    const named = columns.filter(({ name }) => name === view).map(({ column }) => ident(column))
    return `create table ${KEPT}.${ident(view)} as select ${named.join(', ') || '*'} from presentation.${ident(view)}`
  })
}

/** Columns of the views that texts name with any word; none where a text asks for all that there are. */
async function namedColumns(
  db: Database,
  own: string,
  texts: readonly string[],
): Promise<Record<'name' | 'column', string>[]> {
  const words = new Set(texts.flatMap((text) => text.toLowerCase().match(/\w+/g) ?? []))
  if (words.size === 0 || texts.some((text) => ALL_COLUMNS.test(text))) return []
  return db.all(`select table_name as name, column_name as "column" from duckdb_columns()
    where database_name = ${literal(own)} and schema_name = 'presentation' and lower(column_name) in (${[...words].map(literal).join(', ')})
    order by table_name, column_index`)
}

const ALL_COLUMNS = /(\b(select|distinct|all)|[.,])\s*\*/i

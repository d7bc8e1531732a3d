import { SCHEMAS, type Schema } from '../../../core/sql/ddl.js'
import { ident, literal } from '../../../core/sql/names.js'
import type { Relation } from '../../../core/words/relations.js'
import type { Database } from '../engine/database.js'

type ColumnRow = Record<'schema' | 'name' | 'kind' | 'column' | 'type', string>

/** The relations of the warehouse itself. A view's rows are not counted: that would compute it. @param own its name */
export async function readRelations(db: Database, own: string): Promise<Relation[]> {
  const columns = await db.all<ColumnRow>(
    `select t.table_schema as schema, t.table_name as name, t.table_type as kind, c.column_name as "column",
        c.data_type as type
      from information_schema.tables t
      join information_schema.columns c
        on c.table_catalog = t.table_catalog and c.table_schema = t.table_schema and c.table_name = t.table_name
      where t.table_catalog = ${literal(own)} and t.table_schema in (${SCHEMAS.map(literal).join(', ')})
      order by t.table_name, c.ordinal_position`,
  )
  const relations = grouped(columns)
  const tables = relations.filter(({ kind }) => kind === 'table')
  if (tables.length === 0) return relations
  const counts = tables.map(
    ({ schema, name }, at) => `select ${at} as at, count(*) as n from ${ident(own)}.${ident(schema)}.${ident(name)}`,
  )
  for (const { at, n } of await db.all<{ at: number; n: string }>(counts.join(' union all ')))
    Object.assign(tables[at] as Relation, { rows: n })
  return relations
}

function grouped(columns: readonly ColumnRow[]): Relation[] {
  const relations = new Map<string, Relation>()
  for (const { schema, name, kind, column, type } of columns) {
    const key = `${schema}.${name}`
    const relation = relations.get(key) ?? { schema, name, kind: kind === 'VIEW' ? 'view' : 'table', columns: [] }
    relation.columns.push({ name: column, type })
    relations.set(key, relation)
  }
  return [...relations.values()].sort(
    (a, b) => SCHEMAS.indexOf(a.schema as Schema) - SCHEMAS.indexOf(b.schema as Schema),
  )
}

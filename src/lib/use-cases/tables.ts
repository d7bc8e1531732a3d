import { SCHEMAS, type Schema } from '../core/sql/ddl.js'
import { ident, literal } from '../core/sql/names.js'
import { describeRelation, findRelation, type Relation } from '../core/words/relations.js'
import { shellWord } from '../core/words/shell-word.js'
import type { Cell, ResultColumn, Warehouse } from '../ports/warehouse.js'

export const TABLES_COLUMNS: ResultColumn[] = [
  { name: 'schema', type: 'VARCHAR' },
  { name: 'name', type: 'VARCHAR' },
  { name: 'kind', type: 'VARCHAR' },
  { name: 'rows', type: 'BIGINT' },
  { name: 'columns', type: 'INTEGER' },
  { name: 'description', type: 'VARCHAR' },
]

export const RELATION_COLUMNS: ResultColumn[] = [
  { name: 'column', type: 'VARCHAR' },
  { name: 'type', type: 'VARCHAR' },
]

/** All tables and views of our schemas: raw, curated, presentation, by name in each. */
export async function listRelations(warehouse: Warehouse): Promise<Relation[]> {
  const rows = await warehouse.all<Record<'schema' | 'name' | 'kind' | 'column' | 'type', string>>(
    `select t.table_schema as "schema", t.table_name as "name", t.table_type as "kind", c.column_name as "column", c.data_type as "type"
      from information_schema.tables t
      inner join information_schema.columns c on c.table_schema = t.table_schema and c.table_name = t.table_name
      where t.table_schema in (${SCHEMAS.map(literal).join(', ')})
      order by t.table_name, c.ordinal_position`,
  )
  const relations = new Map<string, Relation>()
  for (const { schema, name, kind, column, type } of rows) {
    const known = relations.get(`${schema}.${name}`)
    if (known) known.columns.push({ name: column, type })
    else {
      const relation: Relation = {
        schema,
        name,
        kind: kind === 'VIEW' ? 'view' : 'table',
        columns: [{ name: column, type }],
      }
      relations.set(`${schema}.${name}`, relation)
    }
  }
  return [...relations.values()].sort(
    (a, b) => SCHEMAS.indexOf(a.schema as Schema) - SCHEMAS.indexOf(b.schema as Schema),
  )
}

/** Rows of `TABLES_COLUMNS`. A view's rows are not counted: that would compute it. */
export async function listTables(warehouse: Warehouse): Promise<Cell[][]> {
  const relations = await listRelations(warehouse)
  const tables = relations.filter(({ kind }) => kind === 'table')
  const counts = tables.map(
    (table, at) => `select ${at} as at, count(*) as n from ${ident(table.schema)}.${ident(table.name)}`,
  )
  const counted = counts.length > 0 ? await warehouse.all<{ at: number; n: string }>(counts.join(' union all ')) : []
  const rows = new Map(counted.map(({ at, n }) => [tables[at], n]))
  return relations.map((relation) => [
    relation.schema,
    relation.name,
    relation.kind,
    rows.get(relation) ?? null,
    relation.columns.length,
    describeRelation(relation) ?? null,
  ])
}

/** Rows of `RELATION_COLUMNS`. @throws EtlError NOT_FOUND with the nearest relation */
export async function relationColumns(warehouse: Warehouse, relation: string): Promise<Cell[][]> {
  const { columns } = findRelation(
    relation,
    await listRelations(warehouse),
    (near) => `rental-etl tables ${shellWord(near)}`,
  )
  return columns.map(({ name, type }) => [name, type])
}

import { describeRelation, findRelation } from '../core/words/relations.js'
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

/** Rows of `TABLES_COLUMNS`. A view has no number of rows: that would compute it. */
export async function listTables(warehouse: Warehouse): Promise<Cell[][]> {
  const relations = await warehouse.relations()
  return relations.map((relation) => [
    relation.schema,
    relation.name,
    relation.kind,
    relation.rows ?? null,
    relation.columns.length,
    describeRelation(relation) ?? null,
  ])
}

/** Rows of `RELATION_COLUMNS`. @throws EtlError NOT_FOUND with the nearest relation */
export async function relationColumns(warehouse: Warehouse, relation: string): Promise<Cell[][]> {
  const { columns } = findRelation(
    relation,
    await warehouse.relations(),
    (near) => `rental-etl tables ${shellWord(near)}`,
  )
  return columns.map(({ name, type }) => [name, type])
}

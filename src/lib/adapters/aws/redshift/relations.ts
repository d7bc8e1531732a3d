import { EtlError } from '../../../core/errors.js'
import { SOURCE_TABLES } from '../../../core/model.js'
import { STAGED_REJECTS, stagingTable } from '../../../core/release/redshift-tables.js'
import { SCHEMAS, type Schema, WAREHOUSE_TABLES } from '../../../core/sql/ddl.js'
import { ident, literal } from '../../../core/sql/names.js'
import type { Relation } from '../../../core/words/relations.js'
import type { Row } from '../../../ports/warehouse.js'
import { tableType } from './cells.js'

export type ColumnRow = Record<'schema_name' | 'table_name' | 'table_type' | 'column_name' | 'data_type', string> & {
  ordinal_position?: number
}
type CountRow = { name: string; n: string }

const OURS = `database_name = current_database() and schema_name in (${SCHEMAS.map(literal).join(', ')})`

/** Two statements, since a join of system views may end on nodes that do not know them. */
export const COLUMNS = `select schema_name, table_name, column_name, data_type, ordinal_position from svv_redshift_columns where ${OURS}`
export const TABLES = `select schema_name, table_name, table_type from svv_redshift_tables where ${OURS}`

const KNOWN: readonly string[] = [
  ...WAREHOUSE_TABLES.map(({ name }) => name),
  ...SOURCE_TABLES.map(({ name }) => stagingTable(name)),
  STAGED_REJECTS,
]

/** Runs statements on one snapshot, and gives the rows of each. */
export type Ask = (sqls: readonly string[]) => Promise<Row[][]>

/**
 * The relations that the user may see. Rows of tables are counted: what Redshift keeps of their number is of before.
 * In one trip, where all tables of ours are there and may be read; otherwise what is found is counted in another, unless
 * something of it may not be read.
 */
export async function readRelations(ask: Ask): Promise<Relation[]> {
  const whole = await ask([TABLES, COLUMNS, countOf(KNOWN)]).catch(unfit)
  const [tables = [], columns = [], counts] = whole ?? (await ask([TABLES, COLUMNS]))
  const relations = joined(tables as ColumnRow[], columns as ColumnRow[])
  const found = relations.filter(({ kind }) => kind === 'table').map(({ schema, name }) => `${schema}.${name}`)
  const rest = found.filter((name) => !counts || !KNOWN.includes(name))
  const [more] = rest.length === 0 ? [] : ((await ask([countOf(rest)]).catch(unfit)) ?? [])
  const rows = new Map([...(counts ?? []), ...(more ?? [])].map((row) => [(row as CountRow).name, (row as CountRow).n]))
  return relations.map((relation) => {
    const n = rows.get(`${relation.schema}.${relation.name}`)
    return n === undefined ? relation : { ...relation, rows: n }
  })
}

/** @throws whatever is not of the tables themselves */
function unfit(error: unknown): undefined {
  if (error instanceof EtlError && ['WAREHOUSE_STRUCTURE', 'ACCESS'].includes(error.code)) return undefined
  throw error
}

function countOf(names: readonly string[]): string {
  const counted = names.map((name) => {
    const [schema = '', table = ''] = name.split('.')
    return `select cast(${literal(name)} as varchar(300)) as name, count(*) as n from ${ident(schema)}.${ident(table)}`
  })
  return counted.join(' union all ')
}

function joined(tables: readonly ColumnRow[], columns: readonly ColumnRow[]): Relation[] {
  const relations = tables.map(({ schema_name, table_name, table_type }): Relation => {
    const own = columns.filter((column) => column.schema_name === schema_name && column.table_name === table_name)
    return {
      schema: schema_name,
      name: table_name,
      kind: table_type === 'VIEW' ? 'view' : 'table',
      columns: own
        .toSorted((a, b) => Number(a.ordinal_position) - Number(b.ordinal_position))
        .map(({ column_name, data_type }) => ({ name: column_name, type: tableType(data_type) })),
    }
  })
  const rank = ({ schema }: Relation): number => SCHEMAS.indexOf(schema as Schema)
  return relations.sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
}

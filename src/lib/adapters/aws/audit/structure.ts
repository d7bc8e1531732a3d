import { SOURCE_TABLES, TEXT_LIMIT_BYTES } from '../../../core/model.js'
import { COPIED_REJECTS, copiedColumns, STAGED_REJECTS, stagingTable } from '../../../core/release/redshift-tables.js'
import { WAREHOUSE_TABLES } from '../../../core/sql/ddl.js'
import { found } from '../../../core/verify/found.js'
import { type Part, type Structure, structureProblems, VIEWS } from '../../../core/verify/structure.js'
import type { CheckResult } from '../../../core/verify/verify.js'
import type { Warehouse } from '../../../ports/warehouse.js'
import { tableType } from '../redshift/cells.js'
import { COLUMNS, type ColumnRow, TABLES } from '../redshift/relations.js'

type Typed = { name: string; type: string; length?: number }

const STAGING = [
  ...SOURCE_TABLES.map((table) => ({ name: stagingTable(table.name), columns: copiedColumns(table) })),
  { name: STAGED_REJECTS, columns: COPIED_REJECTS },
]

/** The columns of all tables and views of our schemas, in their order. */
export async function readParts(warehouse: Warehouse): Promise<Part[]> {
  const { tables, columns } = await warehouse.read<{ tables: ColumnRow; columns: ColumnRow }>({
    tables: TABLES,
    columns: COLUMNS,
  })
  const kinds = new Map(tables.map((row) => [fullName(row), row.table_type === 'TABLE' ? 'table' : 'view']))
  return columns
    .toSorted((a, b) => Number(a.ordinal_position) - Number(b.ordinal_position))
    .map((row) => ({
      kind: kinds.get(fullName(row)) ?? 'table',
      name: fullName(row),
      part: row.column_name,
      type: lengthType(row.data_type),
    }))
}

/**
 * The tables against the model, with the lengths of texts. Where a load copies its files to may be out of sight: nothing is
 * kept there.
 */
export function checkStructure(parts: readonly Part[]): CheckResult {
  const seen = STAGING.filter(({ name }) => parts.some((part) => part.name === name))
  const tables = [...WAREHOUSE_TABLES, ...seen].map(({ name, columns }): [string, Typed[]] => [
    name,
    columns.map(typed),
  ])
  const wanted: Structure = { tables: new Map(tables), views: VIEWS }
  const actual = parts.map((part) => (part.type === 'VARCHAR' ? { ...part, type: textType(part, wanted) } : part))
  return { ...found('structure_as_defined', '', structureProblems(actual, wanted)), sql: COLUMNS }
}

function fullName({ schema_name, table_name }: ColumnRow): string {
  return `${schema_name}.${table_name}`
}

function typed({ name, type, length }: Typed): Typed {
  return { name, type: type === 'VARCHAR' ? `VARCHAR(${length ?? TEXT_LIMIT_BYTES})` : type }
}

/** As `typed` has it; without a length where the catalog does not tell it. */
function lengthType(text: string): string {
  const type = tableType(text)
  const [length = ''] = /\(\d+\)/.exec(text) ?? []
  return type === 'VARCHAR' ? `${type}${length}` : type
}

/** A text of a length that is not known is as long as it should be. */
function textType({ name, part }: Part, { tables }: Structure): string {
  const type = tables.get(name)?.find((column) => column.name === part)?.type
  return type?.startsWith('VARCHAR') ? type : 'VARCHAR'
}

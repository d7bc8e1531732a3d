import { found } from '../../../core/verify/found.js'
import { type Part, structureProblems } from '../../../core/verify/structure.js'
import type { CheckResult } from '../../../core/verify/verify.js'
import type { Database } from '../engine/database.js'

const OURS = `database_name = current_database() and schema_name in ('raw_data', 'curated', 'presentation')`

/** Everything of a warehouse that could change an answer and that is no row: tables, columns, and what somebody added. */
const STRUCTURE = `select 'table' as kind, schema_name || '.' || table_name as name, column_name as part, data_type as type, column_index as place from duckdb_columns()
    where ${OURS} and table_name in (select table_name from duckdb_tables() where ${OURS})
  union all select 'view', schema_name || '.' || view_name, null, null, null from duckdb_views() where ${OURS} and not internal
  union all select 'function', schema_name || '.' || function_name, null, null, null from duckdb_functions() where not internal and database_name = current_database()
  union all select 'type', schema_name || '.' || type_name, null, null, null from duckdb_types() where not internal and database_name = current_database()
  union all select 'sequence', schema_name || '.' || sequence_name, null, null, null from duckdb_sequences() where database_name = current_database()
  order by place`

/** The structure of a warehouse against the model: a type that was changed rounds, a function that was added shadows. */
export async function auditStructure(db: Database): Promise<CheckResult> {
  const actual = await db.all<Part & Record<string, string | null>>(STRUCTURE)
  const bad = structureProblems(actual)
  return { ...found('structure_as_defined', '', bad), sql: STRUCTURE }
}

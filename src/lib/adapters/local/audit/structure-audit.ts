import { METRICS } from '../../../core/metrics/metrics.js'
import { WAREHOUSE_TABLES } from '../../../core/sql/ddl.js'
import type { CheckResult, SampleRow } from '../../../core/verify/verify.js'
import type { Database } from '../engine/database.js'
import { found } from './check.js'

const OURS = `database_name = current_database() and schema_name in ('raw_data', 'curated', 'presentation')`

/** Everything of a warehouse that could change an answer and that is no row: tables, columns, and what somebody added. */
const STRUCTURE = `select 'table' as kind, schema_name || '.' || table_name as name, column_name as part, data_type as type, column_index as place from duckdb_columns()
    where ${OURS} and table_name in (select table_name from duckdb_tables() where ${OURS})
  union all select 'view', schema_name || '.' || view_name, null, null, null from duckdb_views() where ${OURS} and not internal
  union all select 'function', schema_name || '.' || function_name, null, null, null from duckdb_functions() where not internal and database_name = current_database()
  union all select 'type', schema_name || '.' || type_name, null, null, null from duckdb_types() where not internal and database_name = current_database()
  union all select 'sequence', schema_name || '.' || sequence_name, null, null, null from duckdb_sequences() where database_name = current_database()
  order by place`

interface Part {
  kind: string
  name: string
  part: string | null
  type: string | null
}

/** The structure of a warehouse against the model: a type that was changed rounds, a function that was added shadows. */
export async function auditStructure(db: Database): Promise<CheckResult> {
  const actual = await db.all<Part & Record<string, string | null>>(STRUCTURE)
  const bad = structureProblems(actual)
  return { ...found('structure_as_defined', '', bad), sql: STRUCTURE }
}

/** What in a warehouse is not as the model has it. */
export function structureProblems(actual: readonly Part[]): SampleRow[] {
  const tables = new Map(WAREHOUSE_TABLES.map(({ name, columns }) => [name, columns]))
  const views = METRICS.map(({ view }) => `presentation.${view}`)
  const strangers = new Set<string>()
  const problems: SampleRow[] = []
  for (const { kind, name, part, type } of actual) {
    if (kind === 'view' && views.includes(name)) continue
    const columns = kind === 'table' ? tables.get(name) : undefined
    if (!columns) strangers.add(`${kind} ${name}`)
    else {
      const known = columns.find((column) => column.name === part)
      if (!known) problems.push({ name, column: part, problem: 'is a column that does not belong here' })
      else if (known.type !== type)
        problems.push({ name, column: part, problem: `is ${type} instead of ${known.type}` })
    }
  }
  for (const [name, columns] of tables) {
    for (const column of columns) {
      if (actual.some((one) => one.kind === 'table' && one.name === name && one.part === column.name)) continue
      problems.push({ name, column: column.name, problem: 'is missing' })
    }
    const there = actual.filter((one) => one.kind === 'table' && one.name === name).map(({ part }) => part)
    const wanted = columns.map((column) => column.name)
    const isSame = there.length === wanted.length && wanted.every((one) => there.includes(one))
    if (isSame && there.join() !== wanted.join())
      problems.push({ name, column: there.join(', '), problem: 'has its columns in another order' })
  }
  const foreign = [...strangers].map((one): SampleRow => {
    const [kind = '', name = ''] = one.split(/ (.*)/s)
    return { name, problem: `is a ${kind} that does not belong here` }
  })
  return [...foreign, ...problems]
}

import { type DuckDBConnection, StatementType } from '@duckdb/node-api'
import { EtlError } from '../../../core/errors.js'
import { literal } from '../../../core/sql/names.js'

/**
 * Functions that a SELECT can call and that change the engine (a log or a profile that it writes to files, checkpoints)
 * or that run a text, or an address in memory, which cannot be looked at beforehand.
 */
const REFUSED = new Set([
  'arrow_scan',
  'arrow_scan_dumb',
  'checkpoint',
  'disable_logging',
  'disable_peg_parser',
  'disable_profiling',
  'enable_logging',
  'enable_peg_parser',
  'enable_profiling',
  'force_checkpoint',
  'json_execute_serialized_sql',
  'query',
  'seq_scan',
  'truncate_duckdb_logs',
  'write_log',
])

const EXPLAIN = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*explain\b(?:\s+analyze\b)?(?:\s*\([^)]*\))?/i

/**
 * Passes one SELECT (or VALUES, SHOW, DESCRIBE, SUMMARIZE), or the EXPLAIN of one, that calls nothing with an effect.
 * Files and the network are closed by the engine's own settings.
 * @throws EtlError READ_ONLY_SQL, USAGE; the engine's own error for what does not parse or bind
 */
export async function assertOnlyReads(connection: DuckDBConnection, sql: string): Promise<void> {
  const types = await statementTypes(connection, sql)
  if (types.length === 0) {
    throw new EtlError('no SQL was given', {
      code: 'USAGE',
      suggestions: [
        'rental-etl query "select * from presentation.vw_occupancy_rate_monthly"',
        'rental-etl query --help',
      ],
    })
  }
  if (types.length > 1) throw readOnly(`${types.length} statements were given; query takes one`)
  const [type] = types
  if (type === StatementType.EXPLAIN) {
    const explained = sql.replace(EXPLAIN, '')
    if (explained === sql) throw readOnly('query explains a SELECT only')
    return assertOnlyReads(connection, explained)
  }
  if (type !== StatementType.SELECT) {
    const name = StatementType[type ?? 0] ?? 'such a'
    throw readOnly(`query only reads: ${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name} statement is refused`)
  }
  const called = await calledFunctions(connection, sql)
  if (!called) throw readOnly('query only reads: it takes one SELECT, and a PRAGMA or a PIVOT without IN is none')
  const refused = called.find((name) => REFUSED.has(name))
  if (refused) throw readOnly(`query only reads: the function ${refused} is refused`)
}

export function readOnly(message: string): EtlError {
  return new EtlError(message, {
    code: 'READ_ONLY_SQL',
    suggestions: ['rental-etl query "select * from presentation.vw_occupancy_rate_monthly"', 'rental-etl tables'],
  })
}

async function statementTypes(connection: DuckDBConnection, sql: string): Promise<StatementType[]> {
  const statements = await connection.extractStatements(sql).catch((error: Error) => {
    // What the engine says of a text that holds blanks and comments only.
    if (/^Error in native callback$/.test(error.message)) return undefined
    throw error
  })
  const types: StatementType[] = []
  // More than one is refused anyway, and a later one need not bind before the first has run.
  if (statements && statements.count > 1) return Array.from({ length: statements.count }, () => StatementType.INVALID)
  for (let at = 0; at < (statements?.count ?? 0); at++) {
    const prepared = await statements?.prepare(at)
    if (!prepared) continue
    types.push(prepared.statementType)
    prepared.destroySync()
  }
  return types
}

/** A key of the tree; inside a text its quotes would be escaped. */
const FUNCTION_NAME = /[{,]"function_name":"((?:[^"\\]|\\.)*)"/g

/** Names of all functions in a SELECT, from the engine's own tree of it; undefined for what has no such tree. */
async function calledFunctions(connection: DuckDBConnection, sql: string): Promise<string[] | undefined> {
  const result = await connection.runAndReadAll(`select json_serialize_sql(${literal(sql)})`)
  const tree = String(result.getRows()[0]?.[0])
  if (!tree.startsWith('{"error":false')) return undefined
  // Not parsed: the engine writes an infinite number as no JSON knows it.
  return [...tree.matchAll(FUNCTION_NAME)].map(([, name = '']) => name.toLowerCase())
}

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

/**
 * Longest statement, and the most comments in it. The engine's parser takes time by the square of the one, and of how deep
 * the other are nested, and nothing stops it meanwhile.
 */
export const MAX_SQL_LENGTH = 262_144
export const MAX_COMMENTS = 1_000

/**
 * The statement to run for one SELECT (or VALUES, SHOW, DESCRIBE, SUMMARIZE), or the EXPLAIN of one, that calls nothing with
 * an effect. Files and the network are closed by the engine's own settings. An EXPLAIN is put together anew around the very
 * text that the engine has shown to be a SELECT, so that no comment can make one thing of it here and another one there.
 * @throws EtlError READ_ONLY_SQL, USAGE; the engine's own error for what does not parse or bind
 */
export async function readOnlyStatement(connection: DuckDBConnection, sql: string): Promise<string> {
  assertSize(sql)
  if ((await statementType(connection, sql)) !== StatementType.EXPLAIN) {
    await assertSelect(connection, sql)
    return sql
  }
  const { options, explained } = explainParts(sql) ?? {}
  if (explained === undefined) throw readOnly('query explains a SELECT only, as: explain [analyze] select …')
  await assertSelect(connection, explained)
  const whole = `explain ${options ?? ''}${explained}`
  if ((await statementType(connection, whole)) !== StatementType.EXPLAIN) throw readOnly('query explains a SELECT only')
  return whole
}

function assertSize(sql: string): void {
  const count = (text: string): number => sql.split(text).length - 1
  const fault =
    sql.length > MAX_SQL_LENGTH
      ? `the SQL is ${sql.length} characters long; query takes up to ${MAX_SQL_LENGTH}`
      : sql.includes('\0')
        ? 'the SQL holds a NUL character'
        : count('/*') > MAX_COMMENTS
          ? `the SQL holds ${count('/*')} comments; query takes up to ${MAX_COMMENTS}`
          : undefined
  if (fault) throw new EtlError(fault, { code: 'USAGE', suggestions: ['rental-etl query --help'] })
}

async function assertSelect(connection: DuckDBConnection, sql: string): Promise<void> {
  const type = await statementType(connection, sql)
  if (type !== StatementType.SELECT) {
    const name = StatementType[type] ?? 'such a'
    throw readOnly(`query only reads: ${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name} statement is refused`)
  }
  const called = await calledFunctions(connection, sql)
  if (!called) throw readOnly('query only reads: it takes one SELECT, and a PRAGMA or a PIVOT without IN is none')
  const refused = called.find((name) => REFUSED.has(name))
  if (refused) throw readOnly(`query only reads: the function ${refused} is refused`)
}

/** The kind of the one statement of a text, as the engine says. @throws EtlError USAGE, READ_ONLY_SQL for none and for several */
async function statementType(connection: DuckDBConnection, sql: string): Promise<StatementType> {
  const [type, ...more] = await statementTypes(connection, sql)
  if (type === undefined) {
    throw new EtlError('no SQL was given', {
      code: 'USAGE',
      suggestions: [
        'rental-etl query "select * from presentation.vw_occupancy_rate_monthly"',
        'rental-etl query --help',
      ],
    })
  }
  if (more.length > 0) throw readOnly(`${more.length + 1} statements were given; query takes one`)
  return type
}

const WORD = /[a-z_]\w*/iy
const OPTIONS = /\(\s*(?:analyze|format\s+\w+)(?:\s*,\s*(?:analyze|format\s+\w+))*\s*\)/iy

/** An EXPLAIN's options, rewritten, and what it explains; undefined where the words are other ones. */
function explainParts(sql: string): { options: string; explained: string } | undefined {
  const first = wordAt(sql, afterComments(sql, 0))
  if (first?.word !== 'explain') return undefined
  const start = afterComments(sql, first.end)
  const second = wordAt(sql, start)
  if (second?.word === 'analyze') return { options: 'analyze ', explained: sql.slice(second.end) }
  OPTIONS.lastIndex = start
  const options = OPTIONS.exec(sql)?.[0]
  if (options === undefined) return { options: '', explained: sql.slice(start) }
  return { options: `${options} `, explained: sql.slice(start + options.length) }
}

function wordAt(sql: string, at: number): { word: string; end: number } | undefined {
  WORD.lastIndex = at
  const word = WORD.exec(sql)?.[0]
  return word === undefined ? undefined : { word: word.toLowerCase(), end: at + word.length }
}

/** The place behind blanks and comments, which may be nested. Each character is looked at once. */
function afterComments(sql: string, from: number): number {
  let at = from
  for (let depth = 0; at < sql.length; ) {
    const two = sql.slice(at, at + 2)
    if (two === '/*') depth++
    if (depth > 0) {
      if (two === '*/') depth--
      at += two === '/*' || two === '*/' ? 2 : 1
    } else if (two === '--') {
      const end = sql.indexOf('\n', at)
      at = end === -1 ? sql.length : end + 1
    } else if (/\s/.test(sql[at] as string)) at++
    else break
  }
  return at
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

import { type MysqlSpec, mysqlUrl } from '../../../core/config/mysql-url.js'
import { type ErrorCode, EtlError } from '../../../core/errors.js'
import { shellWord } from '../../../core/words/shell-word.js'

interface Fault {
  code: ErrorCode
  /** What stands between the server's name and its own words. */
  what: string
  suggestions(spec: MysqlSpec): string[]
}

/** A command that asks the server the simplest question, in the words of its own client. */
export function mysqlCommand({ host, port, user, database, socket }: MysqlSpec, statement: string): string {
  const place = socket ? `--socket ${shellWord(socket)}` : `--host ${shellWord(host)} --port ${port}`
  return `mysql ${place} --user ${shellWord(user)} -p ${shellWord(database)} -e ${shellWord(statement)}`
}

const login = (spec: MysqlSpec): string[] => [
  'read -rs MYSQL_PWD; export MYSQL_PWD   # asks for the password',
  mysqlCommand(spec, 'select 1'),
]
const ask = (spec: MysqlSpec): string[] => [mysqlCommand(spec, 'select 1'), 'rental-etl doctor']
const again = (spec: MysqlSpec): string[] => ['rental-etl resume', mysqlCommand(spec, 'show full processlist')]

const DENIED: Fault = { code: 'ACCESS', what: 'denies access', suggestions: login }
const GRANT: Fault = {
  code: 'ACCESS',
  what: 'denies the right to read',
  suggestions: (spec) => [
    `GRANT SELECT ON \`${spec.database}\`.* TO '${spec.user}'@'%'   # to be run by who may grant it`,
    mysqlCommand(spec, 'show grants'),
  ],
}
const ABSENT: Fault = {
  code: 'SOURCE_SCHEMA',
  what: 'lacks a table',
  suggestions: (spec) => [mysqlCommand(spec, 'show tables')],
}
const UNREACHABLE: Fault = { code: 'IO', what: 'cannot be reached', suggestions: ask }
const STRANGE: Fault = { code: 'IO', what: 'does not answer as a MySQL server does', suggestions: ask }
const LOST: Fault = { code: 'IO', what: 'was lost while it was read', suggestions: again }
const WAITED: Fault = {
  code: 'IO',
  what: 'kept the reading waiting for a lock',
  suggestions: (spec) => again(spec).toReversed(),
}
const ALTERED: Fault = { code: 'SOURCE_CHANGED', what: 'changed a table while it was read', suggestions: again }
const TLS: Fault = {
  code: 'IO',
  what: 'cannot be reached by TLS as asked for (ssl-mode)',
  suggestions: (spec) => [mysqlCommand(spec, "show variables like '%ssl%'"), 'rental-etl config explain source'],
}

/** What the server or the driver says, by its code. */
const FAULTS: Readonly<Record<string, Fault>> = {
  ER_ACCESS_DENIED_ERROR: DENIED,
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: DENIED,
  ER_NOT_SUPPORTED_AUTH_MODE: DENIED,
  ER_MUST_CHANGE_PASSWORD: DENIED,
  ER_MUST_CHANGE_PASSWORD_LOGIN: DENIED,
  ER_ACCOUNT_HAS_BEEN_LOCKED: DENIED,
  ER_HOST_NOT_PRIVILEGED: DENIED,
  AUTH_SWITCH_PLUGIN_ERROR: DENIED,
  AUTH_SWITCH_METHOD_UNKNOWN: DENIED,
  ER_DBACCESS_DENIED_ERROR: GRANT,
  ER_TABLEACCESS_DENIED_ERROR: GRANT,
  ER_COLUMNACCESS_DENIED_ERROR: GRANT,
  ER_SPECIFIC_ACCESS_DENIED_ERROR: GRANT,
  ER_VIEW_INVALID: GRANT,
  ER_BAD_DB_ERROR: {
    code: 'SOURCE_MISSING',
    what: 'has no such database',
    suggestions: (spec) => [mysqlCommand({ ...spec, database: '' }, 'show databases')],
  },
  ER_NO_SUCH_TABLE: ABSENT,
  ER_BAD_TABLE_ERROR: ABSENT,
  ER_TABLE_DEF_CHANGED: ALTERED,
  ER_BAD_FIELD_ERROR: ALTERED,
  ER_LOCK_WAIT_TIMEOUT: WAITED,
  ER_LOCK_DEADLOCK: WAITED,
  ER_QUERY_INTERRUPTED: LOST,
  ER_QUERY_TIMEOUT: LOST,
  ER_STATEMENT_TIMEOUT: LOST,
  ER_CONNECTION_KILLED: LOST,
  ER_SERVER_SHUTDOWN: LOST,
  ER_NORMAL_SHUTDOWN: LOST,
  ER_CLIENT_INTERACTION_TIMEOUT: LOST,
  PROTOCOL_CONNECTION_LOST: LOST,
  ECONNRESET: LOST,
  EPIPE: LOST,
  ER_CON_COUNT_ERROR: UNREACHABLE,
  ER_TOO_MANY_USER_CONNECTIONS: UNREACHABLE,
  ER_USER_LIMIT_REACHED: UNREACHABLE,
  ER_HOST_IS_BLOCKED: UNREACHABLE,
  ECONNREFUSED: UNREACHABLE,
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ETIMEDOUT: UNREACHABLE,
  ENOENT: UNREACHABLE,
  EACCES: UNREACHABLE,
  HANDSHAKE_SSL_ERROR: TLS,
  HANDSHAKE_NO_SSL_SUPPORT: TLS,
}

/** Numbers of MariaDB that the driver has no names for, or names of another server's. */
const NUMBERS: Readonly<Record<number, Fault>> = { 1927: LOST, 1969: LOST, 4031: LOST, 3024: LOST }

/** What the server or the driver says of a source, as an error that tells what to do; anything else as it is. */
export function mysqlError(error: unknown, spec: MysqlSpec): unknown {
  if (!(error instanceof Error) || error instanceof EtlError) return error
  const fault = faultOf(error) ?? ((error as Said).fatal ? LOST : undefined)
  return fault ? told(fault, error, spec) : error
}

/** As `mysqlError`, of what fails while a connection is made: whoever answers in another language is no MySQL server. */
export function connectError(error: unknown, spec: MysqlSpec): unknown {
  if (!(error instanceof Error) || error instanceof EtlError) return error
  const fault = faultOf(error)
  return told(fault === undefined || fault === LOST ? STRANGE : fault, error, spec)
}

function faultOf(error: Error): Fault | undefined {
  const { code = '', errno = 0, sqlState } = error as Said
  return NUMBERS[errno] ?? FAULTS[code] ?? (sqlState === undefined ? undefined : UNKNOWN)
}

interface Said {
  code?: string | number
  errno?: number
  sqlState?: string
  fatal?: boolean
}

function told(fault: Fault, error: Error, spec: MysqlSpec): EtlError {
  const said = plainWords(error.message) || String((error as Said).code ?? '')
  return new EtlError(`${mysqlUrl(spec)} ${fault.what}: ${said}`, {
    code: fault.code,
    suggestions: fault.suggestions(spec),
    cause: error,
  })
}

/** The server's words without an @ between quotes, which whatever masks passwords takes for the end of one. */
function plainWords(message: string): string {
  return message
    .trim()
    .replaceAll(`'@'`, `' at '`)
    .replace('(using password: YES)', '(with a password)')
    .replace('(using password: NO)', '(no password was given)')
}

/** What else a server answers a statement of ours with. */
const UNKNOWN: Fault = { code: 'IO', what: 'answers with an error', suggestions: ask }

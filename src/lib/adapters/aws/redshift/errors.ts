import { type ErrorCode, EtlError } from '../../../core/errors.js'
import { METRICS } from '../../../core/metrics/metrics.js'
import { SOURCE_TABLES } from '../../../core/model.js'
import { STAGED_REJECTS, stagingTable } from '../../../core/release/redshift-tables.js'
import { WAREHOUSE_TABLES } from '../../../core/sql/ddl.js'
import { ident } from '../../../core/sql/names.js'

/** Where the warehouse is: a workgroup of Redshift Serverless or a cluster, and the database in it. */
export interface RedshiftPlace {
  workgroup?: string | undefined
  cluster?: string | undefined
  database: string
  /** ARN of the secret of a user of the database; without it the user is named after the caller's identity. */
  secret?: string | undefined
}

/** A statement that Redshift could not run. */
export class StatementFailed extends Error {
  /**
   * @param said Redshift's own words
   * @param at which of the statements of the run it was
   */
  constructor(
    readonly said: string,
    readonly at: number,
    readonly place: RedshiftPlace,
  ) {
    super(said)
  }
}

/** A statement that fills a temporary table, and could not: `at` is its place. @param user who ran it, where rights were missing */
export class SetUpFailed extends Error {
  readonly at: number

  constructor(
    readonly failed: StatementFailed,
    readonly user: string | undefined,
  ) {
    super(failed.said, { cause: failed })
    this.at = failed.at
  }
}

/** As in an error: `workgroup rental, database dev`. */
export function placeText({ workgroup, cluster, database }: RedshiftPlace): string {
  return `${workgroup === undefined ? `cluster ${cluster}` : `workgroup ${workgroup}`}, database ${database}`
}

/** What the Data API says of a call itself. Rights, keys and reach are told by the clients. */
export function callError(error: unknown, place: RedshiftPlace): unknown {
  if (!(error instanceof Error) || error instanceof EtlError || error instanceof StatementFailed) return error
  if (/does not have (a )?result/i.test(error.message)) return made('the statement gives no rows', 'SQL_ERROR', error)
  if (error.name === 'ResourceNotFoundException')
    return made(`the result is no longer there: Redshift keeps one for 24 hours (${error.message})`, 'IO', error)
  if (!/Exception$/.test(error.name)) return error
  const missing = /does ?n[o']t exist|not found/i.test(error.message)
  const text = `Redshift (${placeText(place)}) does not take the statement: ${error.message}`
  return made(text, missing ? 'CONFIG_INVALID' : 'IO', error, ['rental-etl doctor'])
}

/** What the surroundings of a statement did to it, whoever asked. */
const SURROUNDINGS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^FATAL:.*database .* does not exist|^database .* does not exist/i, 'CONFIG_INVALID'],
  [/password authentication failed|^FATAL:.*(role|user) .* does not exist|user .* is not authorized/i, 'ACCESS'],
  [
    /disk full|out of memory|requested abort|cancell?ed on user|serializable isolation|statement timeout|shutting down|(terminating|lost|closed|reset) .*connection|connection .*(lost|closed|refused|reset)/i,
    'IO',
  ],
]

/** What a statement of ours means that does not fit its tables any more. */
const MISFIT =
  /does not exist|is not a (table|view)|cannot (be )?cast|type .* but expression|invalid input syntax|must appear in the GROUP BY/i

/** An error of a statement of ours. @param user who ran it, for what has to be granted */
export function ownSqlError(failed: StatementFailed, user: string | undefined): EtlError {
  const common = commonError(failed, user)
  if (common) return common
  const { said, place } = failed
  if (!MISFIT.test(said)) return made(`Redshift (${placeText(place)}) cannot run a statement: ${said}`, 'IO', failed)
  return made(
    `the warehouse (${placeText(place)}) is not as this tool has made it: ${firstLine(said)}`,
    'WAREHOUSE_STRUCTURE',
    failed,
    ['rental-etl verify --scope ledger   # what was changed'],
  )
}

/** What is wrong with a user's statement. */
export function userSqlError(failed: StatementFailed, user: string | undefined): EtlError {
  const suggestions = ['rental-etl tables   # relations and their columns']
  return commonError(failed, user) ?? made(failed.said, 'SQL_ERROR', failed, suggestions)
}

/** True for a statement that found no such schema or table. */
export function isMissing(failed: StatementFailed): boolean {
  return /(relation|schema) .* does not exist/i.test(failed.said)
}

/** True for a statement that its user may not run. */
export function isDenied(error: unknown): error is StatementFailed {
  return error instanceof StatementFailed && /^permission denied/i.test(error.said)
}

/** True for one that its user may not run, whatever is missing: a right of the database, or of the role that it names. */
export function isRefused(error: unknown): error is StatementFailed {
  return isDenied(error) || (error instanceof StatementFailed && isRoleRefused(error.said))
}

/** True for a COPY whose role may not be taken. */
export function isRoleRefused(said: string): boolean {
  return /assume[ _]?(iam )?role|not (valid|associated|attached).*role|role.*not (valid|associated|attached)/i.test(
    said,
  )
}

function commonError(failed: StatementFailed, user: string | undefined): EtlError | undefined {
  const { said, place } = failed
  if (isDenied(failed)) return deniedError(failed, user)
  // What a statement quotes is not Redshift's.
  const words = said.replaceAll(/"[^"]*"|'[^']*'/g, '""')
  if (/64 ?KB/i.test(words))
    return made(
      `a row of the result is larger than 64 kB, which is the most that Redshift gives: ${firstLine(said)}`,
      'IO',
      failed,
    )
  if (/(result|size).*(exceed|limit|larger|maximum).*\b\d+ ?MB|exceed.*result/i.test(words))
    return made(`the result is larger than Redshift gives by the Data API, 500 MB: ${firstLine(said)}`, 'IO', failed)
  const found = SURROUNDINGS.find(([pattern]) => pattern.test(words))
  return found && made(`Redshift (${placeText(place)}): ${said}`, found[1], failed, ['rental-etl doctor'])
}

/** Redshift names a relation without its schema; ours are in one each. */
const SCHEMA_OF: ReadonlyMap<string, string> = new Map(
  [
    ...WAREHOUSE_TABLES.map(({ name }) => name),
    ...METRICS.map(({ view }) => `presentation.${view}`),
    ...SOURCE_TABLES.map(({ name }) => stagingTable(name)),
    STAGED_REJECTS,
  ]
    .map((name) => name.split('.') as [string, string])
    .map(([schema, name]) => [name, schema]),
)

function deniedError(failed: StatementFailed, user: string | undefined): EtlError {
  const [, kind = '', name = ''] = /permission denied for (\w+) "?([^\s"]+)"?/i.exec(failed.said) ?? []
  const who = user === undefined ? 'the user' : `the user ${user}`
  const to = user === undefined ? 'USER' : ident(user)
  const schema = kind === 'schema' ? name : SCHEMA_OF.get(name)
  const text = `${who} of the database may not read ${schema && kind !== 'schema' ? `${schema}.${name}` : `${kind} ${name}`}`
  const usage = schema === undefined ? '' : `grant usage on schema ${schema} to ${to}; `
  const relation = schema === undefined ? name : `${schema}.${name}`
  // Not all that is in a schema: raw holds persons.
  const grant = kind === 'schema' ? usage.trimEnd() : `${usage}grant select on ${relation} to ${to};`
  return made(`${text}: ${firstLine(failed.said)}`, 'ACCESS', failed, [`${grant}   -- in the database, as who owns it`])
}

function firstLine(text: string): string {
  return text.split('\n')[0] as string
}

function made(text: string, code: ErrorCode, cause: Error, suggestions: string[] = []): EtlError {
  return new EtlError(text, { code, suggestions, cause })
}

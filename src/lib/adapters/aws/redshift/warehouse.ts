import { EtlError } from '../../../core/errors.js'
import { redshiftText } from '../../../core/release/redshift-text.js'
import { SCHEMA_VERSION } from '../../../core/sql/ddl.js'
import type { Relation } from '../../../core/words/relations.js'
import type { Cell, FileFormat, ResultStream, Row, Warehouse } from '../../../ports/warehouse.js'
import { assertSize, DataApi, type RedshiftClients } from './data-api.js'
import {
  isMissing,
  isRefused,
  ownSqlError,
  placeText,
  type RedshiftPlace,
  SetUpFailed,
  StatementFailed,
  userSqlError,
} from './errors.js'
import { fenced } from './read-only-sql.js'
import { readRelations } from './relations.js'
import { rowsOf, streamOf } from './results.js'
import { readTogether } from './trips.js'

export type { RedshiftClients } from './data-api.js'
export type { RedshiftPlace } from './errors.js'

export interface RedshiftOptions extends RedshiftPlace {
  /** They are the caller's: closing the warehouse leaves them. */
  clients: RedshiftClients
}

const VERSION = 'select max(version) as version from raw_data.schema_version'

/**
 * Opens the warehouse of a database on Redshift, in one trip.
 * @param signal its abort cancels what runs there
 * @throws EtlError NO_WAREHOUSE before it was made, WAREHOUSE_VERSION, ACCESS, CONFIG_INVALID
 */
export async function openRedshift(
  options: RedshiftOptions,
  signal?: AbortSignal,
  warn?: (text: string) => void,
): Promise<RedshiftWarehouse> {
  const { clients, ...place } = options
  const closing = new AbortController()
  const ended = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal])
  const api = new DataApi(place, clients, ended)
  const warehouse = new RedshiftWarehouse(api, ended, closing)
  const version = await warehouse.version()
  if (version > SCHEMA_VERSION) {
    throw new EtlError(`the warehouse has data version ${version}, this tool knows ${SCHEMA_VERSION}`, {
      code: 'WAREHOUSE_VERSION',
      suggestions: ['rental-etl --version   # older than the tool that made this warehouse: install that one'],
    })
  }
  if (version < SCHEMA_VERSION)
    warn?.(`the warehouse has data version ${version}, this tool ${SCHEMA_VERSION}: rental-etl bootstrap brings it up`)
  return warehouse
}

/** A warehouse on Redshift. Every call is a run of the Data API: submitted, asked after, read. */
export class RedshiftWarehouse implements Warehouse {
  constructor(
    private readonly api: DataApi,
    private readonly signal: AbortSignal,
    private readonly closing: AbortController,
  ) {}

  /** Where it is. */
  get place(): RedshiftPlace {
    return this.api.place
  }

  /** The version of the tables. @throws EtlError NO_WAREHOUSE where there are none */
  async version(): Promise<number> {
    const found = await this.#run([VERSION], (failed, user) =>
      isMissing(failed) ? noWarehouse(failed.place, failed) : ownSqlError(failed, user),
    )
    const [rows] = await rowsOf(this.api, found)
    const version = rows?.[0]?.['version']
    if (version === null || version === undefined) throw noWarehouse(this.api.place)
    return Number(version)
  }

  async read<Answers extends Record<keyof Answers, Row>>(
    statements: Readonly<Record<keyof Answers, string>>,
  ): Promise<{ [Name in keyof Answers]: Answers[Name][] }> {
    this.signal.throwIfAborted()
    const named = Object.entries<string>(statements)
    const results = await this.#told(
      () =>
        readTogether(
          this.api,
          named.map(([, sql]) => redshiftText(sql)),
        ),
      ownSqlError,
    )
    const answers = named.map(([name], at) => [name, results[at]])
    return Object.fromEntries(answers) as { [Name in keyof Answers]: Answers[Name][] }
  }

  /**
   * The same behind statements that fill temporary tables of its own: all of them one transaction, on one snapshot.
   * @throws SetUpFailed for one of those statements
   */
  async readBehind<Answers extends Record<keyof Answers, Row>>(
    before: readonly string[],
    statements: Readonly<Record<keyof Answers, string>>,
  ): Promise<{ [Name in keyof Answers]: Answers[Name][] }> {
    const named = Object.entries<string>(statements)
    const sqls = [...before, ...named.map(([, sql]) => sql)].map(redshiftText)
    const ids = await this.#run(sqls, (failed, user) =>
      failed.at < before.length ? new SetUpFailed(failed, user) : ownSqlError(failed, user),
    )
    const results = await rowsOf(this.api, ids.slice(before.length))
    const answers = named.map(([name], at) => [name, results[at]])
    return Object.fromEntries(answers) as { [Name in keyof Answers]: Answers[Name][] }
  }

  async stream(sql: string): Promise<ResultStream> {
    const [id = ''] = await this.#run([redshiftText(sql)], ownSqlError)
    return streamOf(this.api, id)
  }

  async query(sql: string): Promise<ResultStream> {
    this.signal.throwIfAborted()
    assertSize(sql)
    const { sqls, before } = fenced(sql)
    const ids = await this.#run(sqls, (failed, user) => {
      const said = sqls.length > 1 && failed.at === 0 ? moved(failed.said, before) : failed.said
      return userSqlError(new StatementFailed(said, failed.at, failed.place), user)
    })
    return streamOf(this.api, ids.at(-1) as string)
  }

  /** Nothing: a view would have to be written down, and Redshift keeps results of its own for what is asked twice. */
  async keep(): Promise<void> {
    this.signal.throwIfAborted()
  }

  /** None: rows of Redshift have no order, and a trip costs more than to group them. */
  async knownUnique(): Promise<ReadonlySet<string>> {
    this.signal.throwIfAborted()
    return new Set()
  }

  relations(): Promise<Relation[]> {
    return readRelations(async (sqls) => rowsOf(this.api, await this.#run(sqls, ownSqlError)))
  }

  async exportTo(statement: string, file: string, format: FileFormat): Promise<number> {
    const rows = await this.stream(statement)
    const { exportRows } = await import('./export-rows.js')
    return exportRows(rows, file, format, this.signal)
  }

  /** Ends what still runs there. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.closing.abort(new Error('the warehouse is closed'))
  }

  #run(sqls: readonly string[], told: (failed: StatementFailed, user?: string) => Error): Promise<string[]> {
    return this.#told(() => this.api.run(sqls), told)
  }

  /** What a statement that failed means. Of one that its user may not run, the user is asked for. */
  async #told<Result>(
    work: () => Promise<Result>,
    told: (failed: StatementFailed, user: string | undefined) => Error,
  ): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof StatementFailed)) throw error
      throw told(error, isRefused(error) ? await this.#user() : undefined)
    }
  }

  async #user(): Promise<string | undefined> {
    try {
      const [rows] = await rowsOf(this.api, await this.api.run(['select current_user as name']))
      return rows?.[0]?.['name'] as Cell & string
    } catch {
      return undefined
    }
  }
}

function noWarehouse(place: RedshiftPlace, cause?: Error): EtlError {
  return new EtlError(`there is no warehouse in ${placeText(place)} yet`, {
    code: 'NO_WAREHOUSE',
    suggestions: ['rental-etl bootstrap   # makes its tables', 'rental-etl run --watch'],
    cause,
  })
}

/** A message whose position is in the user's own text. */
function moved(said: string, before: number): string {
  return said.replace(/\b(position:? *)(\d+)/i, (whole, word: string, at: string) =>
    Number(at) > before ? `${word}${Number(at) - before}` : whole,
  )
}

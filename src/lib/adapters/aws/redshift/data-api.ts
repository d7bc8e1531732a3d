import { setTimeout as sleep } from 'node:timers/promises'
import {
  BatchExecuteStatementCommand,
  CancelStatementCommand,
  DescribeStatementCommand,
  type DescribeStatementResponse,
  ExecuteStatementCommand,
  type RedshiftDataClient,
} from '@aws-sdk/client-redshift-data'
import { EtlError } from '../../../core/errors.js'
import { callError, type RedshiftPlace, StatementFailed } from './errors.js'
import { type Page, readPage } from './pages.js'

/** Statements of a transaction, and bytes of a statement (Redshift Data API, "BatchExecuteStatement"). */
export const MOST_STATEMENTS = 40
export const MOST_BYTES = 100_000

/** The clients, as far as they are needed. */
export interface RedshiftClients {
  redshift(): Promise<RedshiftDataClient>
}

/** Waits between two questions whether a statement has ended. */
const FIRST_WAIT_MS = 50
const LAST_WAIT_MS = 1000
const GROWTH = 1.5
/** How long an abort waits until Redshift has taken the cancel. */
const CANCEL_MS = 2000
/** By which statements of this tool are found among others. */
const NAME = 'rental-etl'
const SERIALIZATION = /\b1023\b|serializable isolation violation/i

/** Runs statements by the Data API: each run is submitted, asked after until it has ended, and its results are read by ids. */
export class DataApi {
  constructor(
    readonly place: RedshiftPlace,
    private readonly clients: RedshiftClients,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * Runs statements that only read, in one transaction and so on one snapshot. One that lost against a writer
   * (serialization) is run once more.
   * @returns the ids of their results, in order
   * @throws StatementFailed for one that Redshift cannot run; EtlError; the signal's reason
   */
  async run(sqls: readonly string[]): Promise<string[]> {
    for (const sql of sqls) assertSize(sql)
    try {
      return await this.#once(sqls)
    } catch (error) {
      if (!(error instanceof StatementFailed && SERIALIZATION.test(error.said))) throw error
      return await this.#once(sqls)
    }
  }

  /** A page of a result; without a token the first. @throws EtlError; the signal's reason */
  async page(id: string, token?: string): Promise<Page> {
    return await this.#ended(async () => readPage(await this.clients.redshift(), id, token, this.signal))
  }

  /** Without an abort, what the work gives, or what a call that failed means. */
  async #ended<Result>(work: () => Promise<Result>): Promise<Result> {
    this.signal.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      this.signal.throwIfAborted()
      throw callError(error, this.place)
    }
  }

  async #once(sqls: readonly string[]): Promise<string[]> {
    this.signal.throwIfAborted()
    const submitted = this.#submit(sqls)
    try {
      const id = await unless(this.signal, submitted)
      assertFinished(await this.#ended(() => this.#untilEnded(id)), this.place)
      return sqls.length === 1 ? [id] : sqls.map((_, at) => `${id}:${at + 1}`)
    } catch (error) {
      if (!this.signal.aborted) throw callError(error, this.place)
      await this.#cancel(submitted)
      throw this.signal.reason
    }
  }

  /** It is not aborted: nobody could end a statement whose id was lost. */
  async #submit(sqls: readonly string[]): Promise<string> {
    const client = await this.clients.redshift()
    const where = { ...target(this.place), StatementName: NAME }
    const { Id } =
      sqls.length === 1
        ? await client.send(new ExecuteStatementCommand({ ...where, Sql: sqls[0] }))
        : await client.send(new BatchExecuteStatementCommand({ ...where, Sqls: [...sqls] }))
    return Id as string
  }

  async #untilEnded(id: string): Promise<DescribeStatementResponse> {
    const client = await this.clients.redshift()
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * GROWTH, LAST_WAIT_MS)) {
      await sleep(wait, undefined, { signal: this.signal })
      const said = await client.send(new DescribeStatementCommand({ Id: id }), { abortSignal: this.signal })
      if (['FINISHED', 'FAILED', 'ABORTED'].includes(said.Status ?? '')) return said
    }
  }

  /** Whatever becomes of it: a statement that has ended cannot be cancelled, and is no longer there to be. */
  async #cancel(submitted: Promise<string>): Promise<void> {
    const cancelling = (async () => {
      const Id = await submitted
      await (await this.clients.redshift()).send(new CancelStatementCommand({ Id }))
    })().catch(() => undefined)
    await Promise.race([cancelling, sleep(CANCEL_MS, undefined, { ref: false })])
  }
}

function target({ workgroup, cluster, database, secret }: RedshiftPlace): {
  Database: string
  WorkgroupName?: string
  ClusterIdentifier?: string
  SecretArn?: string
} {
  return {
    Database: database,
    ...(workgroup === undefined ? {} : { WorkgroupName: workgroup }),
    ...(cluster === undefined ? {} : { ClusterIdentifier: cluster }),
    ...(secret === undefined ? {} : { SecretArn: secret }),
  }
}

/** @throws EtlError USAGE */
export function assertSize(sql: string): void {
  const bytes = Buffer.byteLength(sql)
  if (bytes <= MOST_BYTES) return
  throw new EtlError(`the SQL has ${bytes} bytes; the Redshift Data API takes up to ${MOST_BYTES} in a statement`, {
    code: 'USAGE',
  })
}

/** @throws StatementFailed; EtlError where somebody else ended it */
function assertFinished(
  { Status, Error: said = '', SubStatements = [] }: DescribeStatementResponse,
  place: RedshiftPlace,
): void {
  if (Status === 'FINISHED') return
  const at = SubStatements.findIndex((one) => one.Status === 'FAILED')
  // That of a batch tells first which statement it was.
  const text = (SubStatements[at]?.Error ?? said).replace(/^(Error occurred [^:]*)?ERROR:\s*/, '').trim()
  if (Status === 'FAILED') throw new StatementFailed(text, Math.max(at, 0), place)
  throw new EtlError(`the statement was cancelled in Redshift${text ? `: ${text}` : ''}`, { code: 'IO' })
}

/** What a promise gives, unless the signal is aborted before. */
async function unless<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const gone = Promise.withResolvers<never>()
  const stop = (): void => gone.reject(signal.reason)
  signal.addEventListener('abort', stop)
  try {
    return await Promise.race([work, gone.promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

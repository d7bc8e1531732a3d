import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import mysql, { type ConnectionOptions, type FieldPacket, type Connection as Link, type SslOptions } from 'mysql2'
import type { MysqlSpec } from '../../../core/config/mysql-url.js'
import { EtlError } from '../../../core/errors.js'
import { readError } from '../../files/io-errors.js'
import { connectError, mysqlError } from './mysql-error.js'

/** A cell as the server sends it, read by the one that knows its column. */
export interface Field {
  string(encoding?: string): string | null
  buffer(): Buffer | null
}

type Row = Record<string, string | null>

const CONNECT_MS = 15_000
/** Without a byte for so long, while nothing keeps us from reading, the server is gone or hangs. */
const SILENT_MS = 300_000

/** What the answers rest on, whatever the server's own settings are: moments in UTC, texts in UTF-8, and all rows. */
const MEANING = [`set time_zone = '+00:00'`, 'set names utf8mb4', 'set sql_select_limit = 18446744073709551615']

/**
 * A lock that is not waited for all night, and time for us to be slow in. Each by itself: a server may lack one, or not
 * let it be set.
 */
const PATIENCE = [
  'set lock_wait_timeout = least(60, @@lock_wait_timeout)',
  'set innodb_lock_wait_timeout = least(60, @@innodb_lock_wait_timeout)',
  'set net_write_timeout = 3600',
  'set wait_timeout = 28800',
  'set max_execution_time = 0',
  'set max_statement_time = 0',
]

/** One connection to a MySQL server, whose statements run one after another. Errors are told by `mysqlError`. */
export class MysqlConnection implements AsyncDisposable {
  readonly #link: Link
  readonly #spec: MysqlSpec
  readonly #signal: AbortSignal
  readonly #abort = (): void => this.#end(this.#signal.reason)
  /** Rejected when the connection is lost or given up: the driver then answers nothing that is under way. */
  readonly #gone = Promise.withResolvers<never>()
  #paused = false

  private constructor(link: Link, spec: MysqlSpec, signal: AbortSignal) {
    this.#link = link
    this.#spec = spec
    this.#signal = signal
    this.#gone.promise.catch(() => undefined)
    link.on('error', (error) => this.#gone.reject(error))
    signal.addEventListener('abort', this.#abort)
  }

  /** @param password the one of the URL comes first @throws EtlError ACCESS, IO, SOURCE_MISSING */
  static async open(spec: MysqlSpec, password: string | undefined, signal: AbortSignal): Promise<MysqlConnection> {
    signal.throwIfAborted()
    const options: ConnectionOptions = {
      ...(spec.socket ? { socketPath: spec.socket } : { host: spec.host, port: spec.port }),
      user: spec.user,
      password: spec.password ?? password ?? '',
      database: spec.database,
      connectTimeout: CONNECT_MS,
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
      charset: 'utf8mb4',
      // The server may not ask for files of this machine.
      infileStreamFactory: () => {
        throw new Error('no file is sent')
      },
    }
    const ssl = spec.socket ? undefined : await sslOptions(spec)
    const link = await connected(ssl ? { ...options, ssl } : options, signal)
      .catch((error) => {
        const without = spec.ssl === 'preferred' && (error as { code?: string }).code === 'HANDSHAKE_NO_SSL_SUPPORT'
        if (!without) throw error
        return connected(options, signal)
      })
      .catch((error) => {
        signal.throwIfAborted()
        throw connectError(error, spec)
      })
    const connection = new MysqlConnection(link, spec, signal)
    try {
      for (const statement of MEANING) await connection.rows(statement)
      for (const statement of PATIENCE)
        await connection.rows(statement).catch((error) => {
          if (!isRefusal(error)) throw error
        })
    } catch (error) {
      await connection[Symbol.asyncDispose]()
      throw error
    }
    return connection
  }

  /** All rows of a small answer, values as texts or numbers as the driver has them. */
  async rows<Found = Row>(sql: string, values: readonly string[] = []): Promise<Found[]> {
    return this.#guarded(
      () =>
        new Promise((resolve, reject) => {
          this.#link.query(sql, [...values], (error, rows) => (error ? reject(error) : resolve(rows as Found[])))
        }),
    )
  }

  /**
   * Rows as they come, each an array of what `read` made of its cells.
   * @param onRow returns what has to be waited for before more is read, if anything
   */
  async each(
    sql: string,
    read: (field: Field, at: number) => string,
    onRow: (row: string[]) => Promise<void> | undefined,
  ): Promise<void> {
    const width = { at: 0, columns: 0 }
    const fail = (error: unknown): void => this.#end(error)
    const guard = setInterval(() => {
      if (!this.#paused && this.#quietMs() > SILENT_MS)
        fail(Object.assign(new Error(`nothing came for ${SILENT_MS / 60_000} minutes`), { code: 'ETIMEDOUT' }))
    }, 10_000)
    await this.#guarded(
      () =>
        new Promise<void>((resolve, reject) => {
          let waiting: Promise<void> | undefined
          const query = this.#link.query({
            sql,
            rowsAsArray: true,
            typeCast: (field: unknown) => {
              const { at } = width
              width.at = at + 1 === width.columns ? 0 : at + 1
              // What is thrown in here would end the process.
              try {
                return read(field as Field, at)
              } catch (error) {
                fail(error)
                return ''
              }
            },
          })
          query.on('fields', (fields: FieldPacket[]) => {
            width.columns = fields.length
          })
          query.on('result', (row: unknown) => {
            this.#heard = Date.now()
            try {
              const wait = onRow(row as string[])
              if (!wait || waiting) return
              this.#hold()
              waiting = wait.then(
                () => {
                  waiting = undefined
                  this.#goOn()
                },
                (error) => fail(error),
              )
            } catch (error) {
              fail(error)
            }
          })
          query.on('error', reject)
          query.on('end', () => resolve())
        }),
    ).finally(() => clearInterval(guard))
  }

  #heard = Date.now()

  #quietMs(): number {
    return Date.now() - this.#heard
  }

  #hold(): void {
    this.#paused = true
    this.#link.pause()
  }

  #goOn(): void {
    this.#paused = false
    this.#heard = Date.now()
    this.#link.resume()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#abort)
    this.#end(new Error('the connection is closed'))
  }

  #end(reason: unknown): void {
    this.#gone.reject(reason)
    destroy(this.#link)
  }

  async #guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#signal.throwIfAborted()
    this.#heard = Date.now()
    try {
      return await Promise.race([this.#gone.promise, work()])
    } catch (error) {
      this.#signal.throwIfAborted()
      throw mysqlError(error, this.#spec)
    }
  }
}

/** The server answered, if only by a refusal. */
function isRefusal(error: unknown): boolean {
  return error instanceof EtlError && (error.cause as { sqlState?: string } | undefined)?.sqlState !== undefined
}

async function connected(options: ConnectionOptions, signal: AbortSignal): Promise<Link> {
  const { promise, resolve, reject } = Promise.withResolvers<Link>()
  const link = mysql.createConnection(options)
  const failed = (error: Error): void => {
    destroy(link)
    reject(error)
  }
  const abort = (): void => failed(signal.reason)
  signal.addEventListener('abort', abort)
  // It stays: what nobody listens to would end the process.
  link.on('error', failed)
  link.connect((error) => (error ? failed(error) : resolve(link)))
  return promise.finally(() => signal.removeEventListener('abort', abort))
}

/** At once: the driver's own end lets the server send what is left of its answer. */
function destroy(link: Link): void {
  link.destroy()
  ;(link as { stream?: Duplex }).stream?.destroy()
}

async function sslOptions({ ssl, sslCa, host }: MysqlSpec): Promise<SslOptions | undefined> {
  if (ssl === 'disabled') return undefined
  // The driver would compare the certificate with `localhost`, whatever the address is.
  if (ssl === 'verify_identity' && isIP(host) !== 0)
    throw new EtlError(
      `ssl-mode=verify_identity looks for the host's name in its certificate, and ${host} is an address`,
      {
        code: 'CONFIG_INVALID',
        suggestions: ['rental-etl config explain source'],
      },
    )
  const verify = ssl === 'verify_ca' || ssl === 'verify_identity'
  const ca = sslCa === undefined ? undefined : await certificates(sslCa)
  return {
    rejectUnauthorized: verify,
    verifyIdentity: ssl === 'verify_identity',
    ...(ca === undefined ? {} : { ca }),
  }
}

async function certificates(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw readError(error, path)
  })
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw new EtlError(`${path} holds no certificate (ssl-ca)`, {
    code: 'CONFIG_INVALID',
    suggestions: ['rental-etl config explain source'],
  })
}

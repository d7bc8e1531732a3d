import { execFile } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { cp, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import mysql from 'mysql2/promise'
import { boxCache } from './cache.js'
import { debianPackages, unpackedEnvironment } from './debian.js'
import { freePort, type Kept, onFreePort, startKept } from './keeper.js'

/** A MariaDB of its own: data folder, socket and port are nobody else's. */
export interface Mariadb extends AsyncDisposable {
  port: number
  /** Runs statements as its root, one after another. @returns the rows of the last one */
  admin(...statements: string[]): Promise<Record<string, unknown>[]>
  /** Runs a LOAD DATA LOCAL statement over a file. */
  load(statement: string, file: string): Promise<void>
  /** Ends as an operator ends it, and is there again with the same data. */
  restart(): Promise<void>
  /** Ends as a power cut ends it. */
  crash(): Promise<void>
  /** Starts again after a crash. */
  start(): Promise<void>
}

// What costs time and is not what the tests are about: durability, and room for large tables.
const SETTINGS = [
  '--bind-address=127.0.0.1',
  '--skip-log-bin',
  '--innodb-flush-log-at-trx-commit=0',
  '--innodb-log-file-size=4M',
  '--innodb-doublewrite=0',
  '--character-set-server=utf8mb4',
  '--local-infile=1',
]

/**
 * @param args further options of the server
 * @param pick chooses its port
 */
export async function startMariadb(args: readonly string[] = [], pick = freePort): Promise<Mariadb> {
  const root = await debianPackages()
  const pristine = await pristineData(root)
  return await onFreePort(async (port) => {
    const folder = await mkdtemp(join(tmpdir(), 'rental-etl-mariadb-'))
    const data = join(folder, 'data')
    await cp(pristine, data, { recursive: true, dereference: true })
    const server = new Server({ root, folder, data, args, port })
    try {
      await server.start()
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
    return server
  }, pick)
}

interface Places {
  root: string
  folder: string
  data: string
  args: readonly string[]
  port: number
}

class Server implements Mariadb {
  readonly port: number
  readonly #places: Places
  #kept: Kept | undefined

  constructor(places: Places) {
    this.#places = places
    this.port = places.port
  }

  async start(): Promise<void> {
    const { root, folder, data, args, port } = this.#places
    const command = [
      join(root, 'usr/sbin/mariadbd'),
      ...common(root, data),
      `--socket=${this.#socket}`,
      `--pid-file=${this.#pid}`,
      `--port=${port}`,
      // As it starts, a server removes what it takes for its own temporary tables: in a folder of all, those of the others.
      `--tmpdir=${folder}`,
      ...SETTINGS,
      ...args,
    ]
    this.#kept = await startKept(folder, command, { env: unpackedEnvironment(root), log: join(folder, 'log') })
    await this.#answers()
  }

  async admin(...statements: string[]): Promise<Record<string, unknown>[]> {
    const connection = await mysql.createConnection({ socketPath: this.#socket, user: 'root', dateStrings: true })
    try {
      let rows: unknown = []
      for (const statement of statements) [rows] = await connection.query(statement)
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []
    } finally {
      await connection.end()
    }
  }

  async load(statement: string, file: string): Promise<void> {
    const connection = await mysql.createConnection({ socketPath: this.#socket, user: 'root' })
    try {
      await connection.query({ sql: statement, infileStreamFactory: () => createReadStream(file) })
    } finally {
      await connection.end()
    }
  }

  async restart(): Promise<void> {
    await this.#stop('keep')
    await this.start()
  }

  async crash(): Promise<void> {
    process.kill(Number(await readFile(this.#pid, 'utf8')), 'SIGKILL')
    await this.#stop('keep')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop()
    await rm(this.#places.folder, { recursive: true, force: true })
  }

  async #stop(word?: 'keep'): Promise<void> {
    const kept = this.#kept
    this.#kept = undefined
    await kept?.stop(word)
  }

  async #answers(): Promise<void> {
    for (const end = Date.now() + 30_000; ; ) {
      const error = await this.admin('select 1').then(
        () => undefined,
        (found: Error) => found,
      )
      if (!error) return
      if (Date.now() > end || this.#kept?.ended !== false)
        throw new Error(`mariadbd does not answer: ${error.message}\n${await this.#log()}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async #log(): Promise<string> {
    return (await readFile(join(this.#places.folder, 'log'), 'utf8')).split('\n').slice(-20).join('\n')
  }

  get #socket(): string {
    return join(this.#places.folder, 'socket')
  }

  get #pid(): string {
    return join(this.#places.folder, 'pid')
  }
}

/** A data folder as the server makes it, made once: a copy is quicker. */
async function pristineData(root: string): Promise<string> {
  const kept = `${root}-data`
  const there = await readFile(join(kept, 'ibdata1')).catch(() => undefined)
  if (there) return kept
  const made = await mkdtemp(join(boxCache(), 'data-'))
  await promisify(execFile)(
    join(root, 'usr/bin/mariadb-install-db'),
    [...common(root, made), '--auth-root-authentication-method=normal', '--skip-test-db', '--innodb-log-file-size=4M'],
    { env: unpackedEnvironment(root) },
  )
  await rename(made, kept).catch(() => rm(made, { recursive: true, force: true }))
  return kept
}

/** `--no-defaults` has to be the first one. */
function common(root: string, data: string): string[] {
  const base = join(root, 'usr')
  return ['--no-defaults', `--user=${userInfo().username}`, `--basedir=${base}`, `--datadir=${data}`]
}

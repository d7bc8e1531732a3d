import { type DuckDBConnection, DuckDBInstance, type DuckDBResult } from '@duckdb/node-api'
import { EtlError } from '../../../core/errors.js'
import { literal } from '../../../core/sql/names.js'
import { shellWord } from '../../../core/words/shell-word.js'
import type { Cell } from '../../../ports/warehouse.js'
import { keepByteOrderMarks } from './byte-order-marks.js'
import { cellChunks, resultColumns } from './cells.js'

keepByteOrderMarks()

export interface DatabaseOptions {
  readOnly?: boolean
  /** Folder for what does not fit in memory. */
  spillTo?: string
  /** Limit of the engine's own memory, e.g. `600MB`. */
  memoryLimit?: string
  signal?: AbortSignal
}

// This one ends in an internal error for a row_number() ordered by an expression over a column that is never NULL.
const DISABLED = 'top_n_window_elimination'

/** One DuckDB database with one connection. Statements run one after another; an abort interrupts the running one. */
export class Database {
  readonly #instance: DuckDBInstance
  readonly connection: DuckDBConnection
  readonly #signal: AbortSignal | undefined
  /** The file that statements read, for what they say of it. */
  path: string | undefined
  readonly #interrupt = (): void => this.connection.interrupt()

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    path: string,
    signal: AbortSignal | undefined,
  ) {
    this.#instance = instance
    this.connection = connection
    this.path = path === ':memory:' ? undefined : path
    this.#signal = signal
    signal?.addEventListener('abort', this.#interrupt)
  }

  /** @param path a file, or `:memory:` @throws EtlError LOCKED, WAREHOUSE_CORRUPT, IO */
  static async open(path: string, options: DatabaseOptions = {}): Promise<Database> {
    const config: Record<string, string> = options.readOnly ? { access_mode: 'READ_ONLY' } : {}
    if (options.memoryLimit) config['memory_limit'] = options.memoryLimit
    if (options.spillTo) config['temp_directory'] = options.spillTo
    try {
      const instance = await DuckDBInstance.create(path, config)
      const database = new Database(instance, await instance.connect(), path, options.signal)
      // Spaces of time zones and local settings must not change an answer.
      await database.run(`set timezone = 'UTC'`).catch(() => undefined)
      await database.run(`set disabled_optimizers = '${DISABLED}'`)
      return database
    } catch (error) {
      throw engineError(error, path)
    }
  }

  /** Runs a statement. @returns the number of rows that it inserted, updated, deleted or wrote */
  async run(sql: string): Promise<number> {
    const result = await this.#guarded(() => this.connection.run(sql))
    if (result.rowsChanged > 0) return result.rowsChanged
    const [first] = result.columnCount === 1 && result.columnName(0) === 'Count' ? await result.getRows() : []
    return first ? Number(first[0]) : 0
  }

  /** All rows of a query, by column name. */
  async all<Row extends Record<string, Cell>>(sql: string): Promise<Row[]> {
    const result = await this.#guarded(() => this.connection.run(sql))
    const names = resultColumns(result).map((column) => column.name)
    const rows: Row[] = []
    for await (const chunk of cellChunks(result)) {
      for (const row of chunk) rows.push(Object.fromEntries(names.map((name, at) => [name, row[at]])) as Row)
    }
    return rows
  }

  /** The number in the only cell of a query; 0 for NULL. */
  async count(sql: string): Promise<number> {
    const [row] = await this.all<Record<string, Cell>>(sql)
    return row ? Number(Object.values(row)[0] ?? 0) : 0
  }

  async stream(sql: string): Promise<DuckDBResult> {
    return this.#guarded(() => this.connection.stream(sql))
  }

  /** Runs `work` in one transaction: all of it is kept, or nothing. */
  async transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.run('begin transaction')
    try {
      const result = await work()
      await this.run('commit')
      return result
    } catch (error) {
      await this.connection.run('rollback').catch(() => undefined)
      throw error
    }
  }

  /** Runs `work` with rows in the order of what they are read from; elsewhere all threads write as they come. */
  async inOrder<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.run('set preserve_insertion_order = true')
    try {
      return await work()
    } finally {
      await this.connection.run('set preserve_insertion_order = false')
    }
  }

  /**
   * Runs `work` without the engine's choice of the side of a join that it keeps in memory: it is the right one then. Of a
   * file of texts it does not know the size, and would keep the whole source.
   */
  async withBuildSide<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.run(`set disabled_optimizers = '${DISABLED},build_side_probe_side,join_order'`)
    try {
      return await work()
    } finally {
      await this.connection.run(`set disabled_optimizers = '${DISABLED}'`)
    }
  }

  async attach(path: string, name: string, options: { readOnly?: boolean } = {}): Promise<void> {
    try {
      await this.run(`attach ${literal(path)} as ${name}${options.readOnly ? ' (read_only)' : ''}`)
      this.path ??= path
    } catch (error) {
      throw engineError(error, path)
    }
  }

  close(): void {
    this.#signal?.removeEventListener('abort', this.#interrupt)
    this.connection.closeSync()
    this.#instance.closeSync()
  }

  async #guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#signal?.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      this.#signal?.throwIfAborted()
      throw engineError(error, this.path)
    }
  }
}

const CORRUPT =
  /not a valid DuckDB database|corrupt|checksum|serialization error|deserializ|file is too small|different version|could not read (enough bytes )?from file|"raw_data\.schema_version" does not exist/i
const DENIED = /permission denied|operation not permitted|read-only file system/i
const FULL = /no space left|could not write|disk full|enospc|failed to (write|create|open)|cannot open file/i

/** @param problem goes on after the path */
export function corruptWarehouse(path: string, problem: string, cause?: Error): EtlError {
  return new EtlError(`${path} ${problem}`, {
    code: 'WAREHOUSE_CORRUPT',
    suggestions: [
      `mv ${shellWord(path)} ${shellWord(`${path}.broken`)} && rental-etl run   # everything is loaded again from the source`,
    ],
    ...(cause ? { cause } : {}),
  })
}

/** What the engine says, as an error that tells what to do; anything else is passed on as it is. */
export function engineError(error: unknown, path?: string): unknown {
  if (!(error instanceof Error) || error instanceof EtlError) return error
  // An internal error of the engine brings pages of addresses with it.
  const message = error.message.split(/\n+Stack Trace:/)[0] as string
  if (message !== error.message) return Object.assign(new Error(message), { stack: error.stack })
  const first = message.split('\n')[0] ?? message
  if (/conflicting lock|could not set lock/i.test(message)) {
    const pid = /PID (\d+)/.exec(message)?.[1]
    return new EtlError(
      `another process${pid ? ` (PID ${pid})` : ''} holds ${path ?? 'the database'} open for writing`,
      {
        code: 'LOCKED',
        suggestions: ['rental-etl runs --status running'],
        cause: error,
      },
    )
  }
  if (path && CORRUPT.test(message) && !/parquet/i.test(message)) {
    // A working copy is as broken as the warehouse that it is of, and gone by now.
    const file = path.replace(/\.next\.duckdb$/, '.duckdb')
    return corruptWarehouse(file, `cannot be read as a warehouse: ${first}`, error)
  }
  if (DENIED.test(message)) {
    const named = path !== undefined && first.includes(path) ? [`ls -ld ${shellWord(path)}`] : []
    return new EtlError(`cannot read or write: ${first}`, {
      code: 'IO',
      suggestions: [...named, 'rental-etl run --home DIR   # a folder that can be written'],
      cause: error,
    })
  }
  if (FULL.test(message)) {
    return new EtlError(`cannot write: ${first}`, {
      code: 'IO',
      suggestions: ['df -h .   # free some space, then: rental-etl resume'],
      cause: error,
    })
  }
  return error
}

import { stat } from 'node:fs/promises'
import { type DuckDBConnection, DuckDBInstance, type DuckDBResult } from '@duckdb/node-api'
import { literal } from '../../../core/sql/names.js'
import type { Cell } from '../../../ports/warehouse.js'
import { notRegular } from '../../files/io-errors.js'
import { type SpillFolder, spillFolder } from '../home/scratch.js'
import { keepByteOrderMarks } from './byte-order-marks.js'
import { cellChunks, resultColumns } from './cells.js'
import { corruptWarehouse, engineError } from './engine-error.js'

export { corruptWarehouse, engineError } from './engine-error.js'

keepByteOrderMarks()

export interface DatabaseOptions {
  readOnly?: boolean
  /** Folder under which what does not fit in memory is written, in a folder of this opening's own. */
  spillTo?: string
  /** Limit of the engine's own memory, e.g. `600MB`. */
  memoryLimit?: string
  signal?: AbortSignal
}

/** The first that packs texts by one dictionary of their parts: loading them takes a quarter less time than by an older one. */
const STORAGE_VERSION = 'v1.3.0'

// This one ends in an internal error for a row_number() ordered by an expression over a column that is never NULL.
const DISABLED = 'top_n_window_elimination'

/**
 * One DuckDB database by one connection. Statements run one after another, beside those of its other connections (`beside`);
 * an abort interrupts all that run.
 */
export class Database {
  readonly #instance: DuckDBInstance
  readonly connection: DuckDBConnection
  readonly signal: AbortSignal | undefined
  readonly #spill: SpillFolder | undefined
  /** The file that statements read, for what they say of it. */
  path: string | undefined
  #closed = false
  readonly #others: Database[] = []
  readonly #interrupt = (): void => {
    for (const { connection } of [this, ...this.#others]) connection.interrupt()
  }

  private constructor(
    instance: DuckDBInstance,
    connection: DuckDBConnection,
    path: string | undefined,
    { signal, spill }: { signal: AbortSignal | undefined; spill: SpillFolder | undefined },
  ) {
    this.#instance = instance
    this.connection = connection
    this.path = path
    this.signal = signal
    this.#spill = spill
  }

  /** @param path a file, or `:memory:` @throws EtlError LOCKED, WAREHOUSE_CORRUPT, IO */
  static async open(path: string, options: DatabaseOptions = {}): Promise<Database> {
    // A file that is there already keeps the form that it has.
    const config: Record<string, string> = options.readOnly
      ? { access_mode: 'READ_ONLY' }
      : { storage_compatibility_version: STORAGE_VERSION }
    if (options.memoryLimit) config['memory_limit'] = options.memoryLimit
    const spill = options.spillTo === undefined ? undefined : spillFolder(options.spillTo)
    if (spill) config['temp_directory'] = spill.path
    await assertRegular(path)
    try {
      const instance = await DuckDBInstance.create(path, config)
      const database = new Database(instance, await instance.connect(), path === ':memory:' ? undefined : path, {
        signal: options.signal,
        spill,
      })
      options.signal?.addEventListener('abort', database.#interrupt)
      await database.#setUp()
      await database.run(`set disabled_optimizers = '${DISABLED}'`)
      return database
    } catch (error) {
      throw engineError(error, path)
    }
  }

  /** Another connection to the same instance, with its memory and its files. It ends with this one, which listens for it. */
  async beside(): Promise<Database> {
    const { signal } = this
    const other = new Database(this.#instance, await this.#instance.connect(), this.path, {
      signal,
      spill: this.#spill,
    })
    this.#others.push(other)
    await other.#setUp()
    return other
  }

  /** What each connection has of its own. */
  async #setUp(): Promise<void> {
    // Spaces of time zones and local settings must not change an answer.
    await this.run(`set timezone = 'UTC'`).catch(() => undefined)
  }

  /**
   * Runs a statement. @returns the number of rows that it inserted, updated, deleted or wrote
   * @param told what the engine's error is to say
   */
  async run(sql: string, told = (error: unknown): unknown => error): Promise<number> {
    const result = await this.#guarded(() => this.connection.run(sql), told)
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

  /** Runs a statement that gives one whole number a row. @returns how many, and their sum */
  async sum(sql: string): Promise<{ rows: bigint; sum: bigint }> {
    const result = await this.#guarded(() => this.connection.run(sql))
    let [rows, sum] = [0n, 0n]
    for (;;) {
      const chunk = await result.fetchChunk()
      if (!chunk || chunk.rowCount === 0) return { rows, sum }
      rows += BigInt(chunk.rowCount)
      for (const value of chunk.getColumnValues(0)) sum += BigInt(value as bigint)
    }
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
    return this.#with('preserve_insertion_order', ['true', 'false'], work)
  }

  /**
   * Runs `work` so that what a join leaves of a few rows stays in its place among the others: elsewhere the engine collects
   * such rest, and gives it when there is more of it.
   */
  async inPlace<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#with('enable_caching_operators', ['false', 'true'], work)
  }

  /**
   * Runs `work` without the engine's choice of the side of a join that it keeps in memory: it is the right one then. Of a
   * file of texts it does not know the size, and would keep the whole source.
   */
  async withBuildSide<Result>(work: () => Promise<Result>): Promise<Result> {
    const disabled = [`${DISABLED},build_side_probe_side,join_order`, DISABLED] as const
    return this.#with('disabled_optimizers', disabled.map(literal), work)
  }

  /** Runs `work` with another value of a setting of the engine. @param values while it runs, and afterwards */
  async #with<Result>(
    setting: string,
    [meanwhile, afterwards]: readonly string[],
    work: () => Promise<Result>,
  ): Promise<Result> {
    await this.run(`set ${setting} = ${meanwhile}`)
    try {
      return await work()
    } finally {
      // Not by `run`, which an abort refuses.
      await this.connection.run(`set ${setting} = ${afterwards}`)
    }
  }

  async attach(path: string, name: string, options: { readOnly?: boolean } = {}): Promise<void> {
    await assertRegular(path)
    try {
      await this.connection.run(`attach ${literal(path)} as ${name}${options.readOnly ? ' (read_only)' : ''}`)
      this.path ??= path
    } catch (error) {
      throw engineError(error, path)
    }
  }

  /** The folder of its own for what does not fit in memory; the engine makes it when it needs it. */
  get spillPath(): string | undefined {
    return this.#spill?.path
  }

  /** Once is enough. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.signal?.removeEventListener('abort', this.#interrupt)
    for (const { connection } of [this, ...this.#others]) connection.closeSync()
    this.#instance.closeSync()
    this.#spill?.remove()
  }

  async #guarded<Result>(work: () => Promise<Result>, told = (error: unknown): unknown => error): Promise<Result> {
    this.signal?.throwIfAborted()
    try {
      return await work()
    } catch (error) {
      this.signal?.throwIfAborted()
      throw engineError(told(error), this.path)
    }
  }
}

/** The engine would wait for ever for a pipe. @throws EtlError IO */
async function assertRegular(path: string): Promise<void> {
  if (path === ':memory:') return
  const [file, wal] = await Promise.all([path, `${path}.wal`].map((name) => stat(name).catch(() => undefined)))
  if (file && !file.isFile()) throw corruptWarehouse(path, 'is no regular file')
  if (wal && !wal.isFile()) throw notRegular(`${path}.wal`)
}

import { rename, rm, stat } from 'node:fs/promises'
import { EtlError } from '../../../core/errors.js'
import { SCHEMAS } from '../../../core/sql/ddl.js'
import { ident, literal } from '../../../core/sql/names.js'
import { shellWord } from '../../../core/words/shell-word.js'
import type { Cell, ResultStream, Warehouse } from '../../../ports/warehouse.js'
import { readError } from '../../files/io-errors.js'
import { streamChecked } from '../engine/checked-stream.js'
import { Database, engineError } from '../engine/database.js'
import { memoryLimit } from '../engine/memory.js'
import { readOnly, readOnlyStatement } from '../engine/read-only-sql.js'
import { finalPlace, sizeOf, writeError } from '../home/files.js'
import { type HomePaths, homePaths } from '../home/paths.js'
import { changeLog, foreignChanges } from './foreign.js'
import { assertTables, assertViews } from './structure.js'

/**
 * Opens the published warehouse of a home, read-only and closed in: no statement can write, attach, or touch files.
 * @throws EtlError NO_WAREHOUSE before the first run, WAREHOUSE_CORRUPT, WAREHOUSE_VERSION
 */
export async function openLocalWarehouse(
  home: string,
  signal?: AbortSignal,
  warn?: (text: string) => void,
  memorySetting?: string,
): Promise<Warehouse> {
  const paths = homePaths(home)
  if (!(await hasWarehouse(paths.warehouse))) {
    throw new EtlError(`there is no warehouse at ${paths.warehouse} yet`, {
      code: 'NO_WAREHOUSE',
      suggestions: ['rental-etl run --watch'],
    })
  }
  const memory = memoryLimit(await sizeOf(paths.warehouse), memorySetting)
  const options = { readOnly: true, spillTo: paths.work, memoryLimit: memory, ...(signal ? { signal } : {}) }
  const db = await Database.open(paths.warehouse, options).catch(async (error) => {
    throw await unfitChanges(error, paths)
  })
  try {
    await assertTables(db, paths.warehouse)
    await assertViews(db, paths.warehouse)
    const changes = await foreignChanges(paths)
    if (changes) warn?.(changes)
    return new LocalWarehouse(db)
  } catch (error) {
    db.close()
    throw engineError(error, paths.warehouse)
  }
}

/** What is told where a warehouse cannot be opened for a change log beside it: the warehouse is whole without it. */
async function unfitChanges(error: unknown, paths: HomePaths): Promise<unknown> {
  if (error instanceof EtlError && error.code !== 'WAREHOUSE_CORRUPT') return error
  const wal = await changeLog(paths)
  if (wal === undefined || !(error instanceof Error)) return error
  return new EtlError(
    `the warehouse cannot be read with the changes that another program left in ${wal}: ${error.message}`,
    {
      code: 'IO',
      suggestions: [`mv ${shellWord(wal)} ${shellWord(`${wal}.foreign`)}   # the warehouse is as the last run left it`],
      cause: error,
    },
  )
}

/** False only for what is not there: a folder that one may not enter is told. @throws EtlError IO */
async function hasWarehouse(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw readError(error, path)
  }
}

/** Where a statement of our own does not fit its tables any more, somebody has changed them. */
function structureError(error: unknown, path: string | undefined): unknown {
  if (!(error instanceof Error) || error instanceof EtlError || !/^(Binder|Catalog) Error/.test(error.message))
    return error
  return new EtlError(`${path} is not as this tool has made it: ${error.message.split('\n')[0]}`, {
    code: 'WAREHOUSE_STRUCTURE',
    suggestions: ['rental-etl verify --scope ledger   # what was changed'],
    cause: error,
  })
}

/** Views that are kept stand before those of the warehouse, by the same names. */
const KEPT_IN = 'kept'
const KEPT = `${KEPT_IN}.presentation`

export class LocalWarehouse implements Warehouse {
  #sealed = false
  readonly #heard = new WeakSet<AbortSignal>()

  constructor(readonly db: Database) {}

  all<Row extends Record<string, Cell>>(sql: string): Promise<Row[]> {
    return this.db.all<Row>(sql).catch((error) => {
      throw structureError(error, this.db.path)
    })
  }

  /** Each signal once: many queries under one of them would add as many listeners. */
  #hear(signal: AbortSignal | undefined): void {
    if (!signal || this.#heard.has(signal)) return
    this.#heard.add(signal)
    signal.addEventListener('abort', () => this.db.connection.interrupt(), { once: true })
  }

  async query(sql: string, signal?: AbortSignal): Promise<ResultStream> {
    await this.#seal()
    this.#hear(signal)
    try {
      const statement = await readOnlyStatement(this.db.connection, sql)
      const { columns, chunks } = await streamChecked(this.db, statement, signal)
      return { columns, chunks: readable(chunks, this.db.path, signal) }
    } catch (error) {
      throw sqlError(error, this.db.path, signal)
    }
  }

  async keep(views: readonly string[]): Promise<void> {
    await this.#seal()
    for (const view of views)
      await this.db.run(`create table ${KEPT}.${ident(view)} as from presentation.${ident(view)}`)
  }

  async exportTo(relation: string, file: string, format: 'csv' | 'jsonl' | 'parquet'): Promise<number> {
    // A link stays one: what it leads to is written.
    const place = await finalPlace(file)
    const temporary = `${place}.part`
    const options = { csv: 'format csv, header', jsonl: 'format json', parquet: 'format parquet' }[format]
    // A view that somebody added could read any file, and its rows would leave with ours.
    await this.#seal(temporary)
    try {
      const rows = await this.db.run(`copy (${relation}) to ${literal(temporary)} (${options})`)
      await rename(temporary, place)
      return rows
    } catch (error) {
      await rm(temporary, { force: true })
      throw isClosedIn(error) ? readOnly(firstLine((error as Error).message)) : writeError(engineError(error), file)
    }
  }

  close(): void {
    this.db.close()
  }

  /**
   * Closes the engine in: no files but the one that it is to write, no extensions, no attaching, and no way to open it
   * again. Names are looked for in our schemas alone, in which each is unique.
   */
  async #seal(writes?: string): Promise<void> {
    if (this.#sealed) return
    const [own] = await this.db.all<{ name: string }>('select current_database() as name')
    await this.db.run(`attach ':memory:' as ${KEPT_IN} (read_write)`)
    await this.db.run(`create schema ${KEPT}`)
    const path = [KEPT, ...SCHEMAS.map((schema) => `${ident(own?.name ?? '')}.${schema}`)]
    await this.db.run(`set search_path = ${literal(path.join(','))}`)
    if (writes !== undefined) await this.db.run(`set allowed_paths = [${literal(writes)}]`)
    // Otherwise the engine tries to fetch an extension for a function that it does not know.
    await this.db.run('set autoinstall_known_extensions = false')
    await this.db.run('set autoload_known_extensions = false')
    await this.db.run('set enable_external_access = false')
    await this.db.run('set lock_configuration = true')
    this.#sealed = true
  }
}

/** Errors come while rows are read, too. */
async function* readable(
  chunks: AsyncIterable<Cell[][]>,
  path?: string,
  signal?: AbortSignal,
): AsyncGenerator<Cell[][], void> {
  try {
    yield* chunks
  } catch (error) {
    throw sqlError(error, path, signal)
  }
}

function sqlError(error: unknown, path?: string, signal?: AbortSignal): unknown {
  // An interrupted statement is the engine's error of its own kind.
  if (signal?.aborted) return signal.reason
  if (!(error instanceof Error) || error instanceof EtlError || error.name === 'AbortError') return error
  const message = error.message
  if (isClosedIn(error)) return readOnly(firstLine(message))
  const engine = engineError(error, path)
  if (engine instanceof EtlError) return engine
  return new EtlError(wholeMessage(message), {
    code: 'SQL_ERROR',
    suggestions: ['rental-etl tables   # relations and their columns'],
    cause: error,
  })
}

/** What the engine says of what it is closed to. */
function isClosedIn(error: unknown): boolean {
  const closed = /permission error|disabled by configuration|read-only mode|cannot execute statement of type/i
  return error instanceof Error && closed.test(error.message)
}

/** With the nearest name and the line; without advice on extensions, which cannot be loaded here. */
function wholeMessage(message: string): string {
  return message
    .replace(/^Failed to (extract|prepare) statements?: /, '')
    .replace(/\n+Please try installing[\s\S]*$/, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n')
}

function firstLine(message: string): string {
  return (message.split('\n').filter((line) => line.trim() !== '')[0] ?? message).trim()
}

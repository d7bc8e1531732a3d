import { StatementType } from '@duckdb/node-api'
import { rename, rm } from 'node:fs/promises'
import { EtlError } from '../../core/errors.js'
import { literal } from '../../core/sql/names.js'
import type { Cell, ResultStream, Warehouse } from '../../ports/warehouse.js'
import { cellChunks, resultColumns } from './cells.js'
import { Database, engineError } from './duckdb.js'
import { exists, writeError } from './files.js'
import { assertVersion } from './jobs/extract-state.js'
import { homePaths } from './paths.js'

/**
 * Opens the published warehouse of a home, read-only and closed in: no statement can write, attach, or touch files.
 * @throws EtlError NO_WAREHOUSE before the first run, WAREHOUSE_CORRUPT, WAREHOUSE_VERSION
 */
export async function openLocalWarehouse(home: string, signal?: AbortSignal): Promise<Warehouse> {
  const paths = homePaths(home)
  if (!(await exists(paths.warehouse))) {
    throw new EtlError(`there is no warehouse at ${paths.warehouse} yet`, {
      code: 'NO_WAREHOUSE',
      exit: 'not_found',
      suggestions: ['rental-etl run --watch'],
    })
  }
  const db = await Database.open(paths.warehouse, { readOnly: true, spillTo: paths.work, ...(signal ? { signal } : {}) })
  try {
    await assertVersion(db)
    return new LocalWarehouse(db)
  } catch (error) {
    db.close()
    throw engineError(error, paths.warehouse)
  }
}

class LocalWarehouse implements Warehouse {
  #sealed = false

  constructor(readonly db: Database) {}

  all<Row extends Record<string, Cell>>(sql: string): Promise<Row[]> {
    return this.db.all<Row>(sql)
  }

  async query(sql: string, signal?: AbortSignal): Promise<ResultStream> {
    await this.#seal()
    await this.#assertReads(sql)
    const interrupt = (): void => this.db.connection.interrupt()
    signal?.addEventListener('abort', interrupt, { once: true })
    try {
      const result = await this.db.stream(sql)
      return { columns: resultColumns(result), chunks: readable(cellChunks(result)) }
    } catch (error) {
      throw sqlError(error)
    }
  }

  async exportTo(relation: string, file: string, format: 'csv' | 'jsonl' | 'parquet'): Promise<number> {
    const temporary = `${file}.part`
    const options = { csv: 'format csv, header', jsonl: 'format json', parquet: 'format parquet' }[format]
    try {
      const rows = await this.db.run(`copy (${relation}) to ${literal(temporary)} (${options})`)
      await rename(temporary, file)
      return rows
    } catch (error) {
      await rm(temporary, { force: true })
      throw writeError(engineError(error), file)
    }
  }

  close(): void {
    this.db.close()
  }

  /** Closes the engine in: no files, no extensions, no attaching, and no way to open it again. */
  async #seal(): Promise<void> {
    if (this.#sealed) return
    await this.db.run('set enable_external_access = false')
    await this.db.run('set lock_configuration = true')
    this.#sealed = true
  }

  async #assertReads(sql: string): Promise<void> {
    let types: StatementType[]
    try {
      const statements = await this.db.connection.extractStatements(sql)
      types = []
      for (let at = 0; at < statements.count; at++) types.push((await statements.prepare(at)).statementType)
    } catch (error) {
      throw sqlError(error)
    }
    if (types.length === 0) throw usage('no SQL was given')
    if (types.length > 1) throw readOnly(`${types.length} statements were given; query takes one`)
    const [type] = types
    if (type !== StatementType.SELECT && type !== StatementType.EXPLAIN) {
      throw readOnly(`query only reads: a ${StatementType[type ?? 0]} statement is refused`)
    }
  }
}

/** Errors come while rows are read, too. */
async function* readable(chunks: AsyncIterable<Cell[][]>): AsyncGenerator<Cell[][], void> {
  try {
    yield* chunks
  } catch (error) {
    throw sqlError(error)
  }
}

function sqlError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof EtlError || error.name === 'AbortError') return error
  const message = error.message
  if (/permission error|disabled by configuration|read-only mode|cannot execute statement of type/i.test(message)) {
    return readOnly(firstLine(message))
  }
  return new EtlError(firstLine(message), {
    code: 'SQL_ERROR',
    exit: 'usage',
    suggestions: ['rental-etl tables   # relations and their columns'],
    cause: error,
  })
}

function firstLine(message: string): string {
  return (message.split('\n').filter((line) => line.trim() !== '')[0] ?? message).trim()
}

function readOnly(message: string): EtlError {
  return new EtlError(message, {
    code: 'READ_ONLY_SQL',
    exit: 'usage',
    suggestions: ['rental-etl query "select * from presentation.vw_occupancy_rate_monthly"'],
  })
}

function usage(message: string): EtlError {
  return new EtlError(message, { code: 'USAGE', exit: 'usage', suggestions: ['rental-etl query --help'] })
}

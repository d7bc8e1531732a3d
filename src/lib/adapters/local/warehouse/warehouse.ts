import { stat } from 'node:fs/promises'
import { EtlError } from '../../../core/errors.js'
import type { Keyed } from '../../../core/verify/unique-keys.js'
import type { Relation } from '../../../core/words/relations.js'
import { shellWord } from '../../../core/words/shell-word.js'
import type { Cell, FileFormat, ResultStream, Row, Warehouse } from '../../../ports/warehouse.js'
import { readError } from '../../files/io-errors.js'
import { streamChecked } from '../engine/checked-stream.js'
import { Database, engineError } from '../engine/database.js'
import { inLanes, type Lanes, lanesOf } from '../engine/lanes.js'
import { memoryLimit } from '../engine/memory.js'
import { readOnlyStatement } from '../engine/read-only-sql.js'
import { isPlainlyUnique } from '../engine/unique.js'
import { sizeOf } from '../home/files.js'
import { type HomePaths, homePaths } from '../home/paths.js'
import { closeIn } from './closed-in.js'
import { exportFile } from './export-file.js'
import { changeLog, foreignChanges } from './foreign.js'
import { keepingStatements } from './kept-views.js'
import { readRelations } from './relations.js'
import { ownSqlError, userSqlError } from './sql-errors.js'
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
    await assertViews(db, paths.warehouse, await assertTables(db, paths.warehouse))
    const changes = await foreignChanges(paths)
    if (changes) warn?.(changes)
    return await LocalWarehouse.over(db)
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

/** A database whose tables are those of a warehouse. */
export class LocalWarehouse implements Warehouse {
  readonly db: Database

  private constructor(
    private readonly lanes: Lanes,
    readonly own: string,
  ) {
    this.db = lanes[0]
  }

  /** From now on the database is closed in. */
  static async over(db: Database): Promise<LocalWarehouse> {
    const lanes = await lanesOf(db)
    return new LocalWarehouse(lanes, await closeIn(lanes))
  }

  /** One snapshot, since the file stays as it is while it is open. */
  async read<Answers extends Record<keyof Answers, Row>>(
    statements: Readonly<Record<keyof Answers, string>>,
  ): Promise<{ [Name in keyof Answers]: Answers[Name][] }> {
    const named = Object.entries<string>(statements)
    const tasks = named.map(
      ([, sql]) =>
        (db: Database): Promise<Row[]> =>
          db.all(sql),
    )
    const answers = await this.#ours(() => inLanes(this.lanes, tasks))
    return Object.fromEntries(named.map(([name], at) => [name, answers[at]])) as {
      [Name in keyof Answers]: Answers[Name][]
    }
  }

  async stream(sql: string): Promise<ResultStream> {
    const { columns, chunks } = await this.#ours(() => streamChecked(this.db, sql))
    return { columns, chunks: readable(chunks, (error) => ownSqlError(error, this.db.path)) }
  }

  async query(sql: string): Promise<ResultStream> {
    const fault = (error: unknown): unknown => userSqlError(error, this.db.path)
    try {
      const { columns, chunks } = await streamChecked(this.db, await readOnlyStatement(this.db.connection, sql))
      return { columns, chunks: readable(chunks, fault) }
    } catch (error) {
      // An interrupted statement is the engine's error of its own kind.
      this.db.signal?.throwIfAborted()
      throw fault(error)
    }
  }

  async keep(views: readonly string[], readers?: readonly string[]): Promise<void> {
    await this.#ours(async () => {
      const statements = await keepingStatements(this, views, readers)
      const tasks = statements.map(
        (sql) =>
          (db: Database): Promise<number> =>
            db.run(sql),
      )
      await inLanes(this.lanes, tasks)
    })
  }

  async knownUnique(tables: Readonly<Record<string, Keyed>>): Promise<ReadonlySet<string>> {
    const tasks = Object.entries(tables).map(
      ([name, table]) =>
        async (db: Database): Promise<string[]> =>
          (await isPlainlyUnique(db, table)) ? [name] : [],
    )
    return new Set((await this.#ours(() => inLanes(this.lanes, tasks))).flat())
  }

  relations(): Promise<Relation[]> {
    return this.#ours(() => readRelations(this.db, this.own))
  }

  exportTo(statement: string, file: string, format: FileFormat): Promise<number> {
    return exportFile(this.db, statement, file, format)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.db.close()
  }

  #ours<Result>(work: () => Promise<Result>): Promise<Result> {
    return work().catch((error) => {
      throw ownSqlError(error, this.db.path)
    })
  }
}

/** Errors come while rows are read, too. */
async function* readable(
  chunks: AsyncIterable<Cell[][]>,
  fault: (error: unknown) => unknown,
): AsyncGenerator<Cell[][], void> {
  try {
    yield* chunks
  } catch (error) {
    throw fault(error)
  }
}

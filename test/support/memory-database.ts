import { onTestFinished } from 'vitest'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { createStatements } from '../../src/lib/core/sql/ddl.js'
import type { Cell, ResultStream, Row, Warehouse } from '../../src/lib/ports/warehouse.js'
import { rowStream } from '../../src/lib/use-cases/row-stream.js'

/** A database in memory that is closed at the end of the test. */
export async function memoryDatabase(signal?: AbortSignal): Promise<Database> {
  const db = await Database.open(':memory:', signal ? { signal } : {})
  onTestFinished(() => db.close())
  return db
}

/** One with the tables of a warehouse, without rows. */
export async function emptyWarehouse(): Promise<Database> {
  const db = await memoryDatabase()
  for (const statement of createStatements()) await db.run(statement)
  return db
}

/** The warehouse of a use-case under test: a database as it is, with a record of its trips. */
export class MemoryWarehouse implements Warehouse {
  /** The statements of each. */
  readonly trips: string[][] = []
  closed = 0

  constructor(readonly db: Database) {}

  async read<Answers extends Record<keyof Answers, Row>>(
    statements: Readonly<Record<keyof Answers, string>>,
  ): Promise<{ [Name in keyof Answers]: Answers[Name][] }> {
    const named = Object.entries<string>(statements)
    this.trips.push(named.map(([, sql]) => sql))
    const answers: [string, Row[]][] = []
    for (const [name, sql] of named) answers.push([name, await this.db.all(sql)])
    return Object.fromEntries(answers) as { [Name in keyof Answers]: Answers[Name][] }
  }

  async stream(sql: string): Promise<ResultStream> {
    this.trips.push([sql])
    const rows = await this.db.all<Row>(sql)
    const names = Object.keys(rows[0] ?? {})
    return rowStream(
      names.map((name) => ({ name, type: 'VARCHAR' })),
      rows.map((row) => names.map((name) => row[name] as Cell)),
    )
  }

  query(sql: string): Promise<ResultStream> {
    return this.stream(sql)
  }

  /** Of each call the views, and who is said to read them. */
  readonly keeps: [readonly string[], readonly string[] | undefined][] = []

  /** Views stay as they are: what they give is the same. */
  async keep(views: readonly string[], readers?: readonly string[]): Promise<void> {
    this.keeps.push([views, readers])
  }

  /** Those that a test says. */
  unique: string[] = []

  async knownUnique(): Promise<ReadonlySet<string>> {
    return new Set(this.unique)
  }

  relations(): Promise<never> {
    throw new Error('relations are not in the script')
  }

  exportTo(): Promise<never> {
    throw new Error('exporting is not in the script')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed++
  }
}

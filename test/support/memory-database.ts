import { onTestFinished } from 'vitest'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { createStatements } from '../../src/lib/core/sql/ddl.js'
import type { Cell, ResultStream, Warehouse } from '../../src/lib/ports/warehouse.js'
import { rowStream } from '../../src/lib/use-cases/row-stream.js'

/** A database in memory that is closed at the end of the test. */
export async function memoryDatabase(): Promise<Database> {
  const db = await Database.open(':memory:')
  onTestFinished(() => db.close())
  return db
}

/** One with the tables of a warehouse, without rows. */
export async function emptyWarehouse(): Promise<Database> {
  const db = await memoryDatabase()
  for (const statement of createStatements()) await db.run(statement)
  return db
}

/** The warehouse of a use-case under test: a database as it is, with a record of what was asked by `query`. */
export class MemoryWarehouse implements Warehouse {
  readonly asked: string[] = []
  closed = 0

  constructor(readonly db: Database) {}

  all<Row extends Record<string, Cell>>(sql: string): Promise<Row[]> {
    return this.db.all<Row>(sql)
  }

  async query(sql: string): Promise<ResultStream> {
    this.asked.push(sql)
    const rows = await this.db.all<Record<string, Cell>>(sql)
    const names = Object.keys(rows[0] ?? {})
    return rowStream(
      names.map((name) => ({ name, type: 'VARCHAR' })),
      rows.map((row) => names.map((name) => row[name] as Cell)),
    )
  }

  /** Views stay as they are: what they give is the same. */
  async keep(): Promise<void> {}

  exportTo(): Promise<number> {
    throw new Error('exporting is not in the script')
  }

  close(): void {
    this.closed++
  }
}

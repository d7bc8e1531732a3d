import type { Cell, ResultStream } from '../../../ports/warehouse.js'
import { cellChunks, resultColumns } from './cells.js'
import type { Database } from './database.js'

/**
 * A statement's rows as they come. The engine ends a streamed result without a word when the statement fails, or is
 * interrupted, after its first rows; a transaction around it knows, for it is aborted then. Another statement on the same
 * connection ends the stream too.
 * @throws the engine's error, also while rows are read
 */
export async function streamChecked(db: Database, sql: string): Promise<ResultStream> {
  await rollback(db)
  await db.run('begin transaction')
  const result = await db.stream(sql)
  return { columns: resultColumns(result), chunks: checked(db, sql, cellChunks(result)) }
}

async function* checked(db: Database, sql: string, chunks: AsyncIterable<Cell[][]>): AsyncGenerator<Cell[][], void> {
  try {
    yield* chunks
    const failed = await db.connection.run('select 1').then(
      () => false,
      () => true,
    )
    db.signal?.throwIfAborted()
    if (failed) throw await failureOf(db, sql)
  } finally {
    await rollback(db)
  }
}

/** What went wrong is lost; the statement done once more, not streamed, says it. */
async function failureOf(db: Database, sql: string): Promise<Error> {
  await rollback(db)
  return db.connection.run(sql).then(
    () => new Error('Execution Error: the statement failed after its first rows, and no longer does'),
    (error: Error) => error,
  )
}

async function rollback(db: Database): Promise<void> {
  // There may be no transaction.
  await db.connection.run('rollback').catch(() => undefined)
}

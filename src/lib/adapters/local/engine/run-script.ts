import { EtlError } from '../../../core/errors.js'
import { filled, type Places, type Step } from '../../../core/sql/script.js'
import type { Cell } from '../../../ports/warehouse.js'
import type { Database } from './database.js'

/**
 * Runs the steps of a script, one after another, inside the open transaction.
 * @param run runs a step that neither reads nor guards
 * @returns the rows of the step that reads
 * @throws EtlError UNBALANCED where a guard does not hold; the engine's error
 */
export async function runScript<Row extends Record<string, Cell>>(
  db: Database,
  steps: readonly Step[],
  places: Places,
  run: (step: Step, sql: string) => Promise<unknown> = (_, sql) => db.run(sql),
): Promise<Row[]> {
  let rows: Row[] = []
  for (const step of steps) {
    const sql = filled(step, places)
    if (step.reads) rows = await db.all<Row>(sql)
    else if (step.guard === undefined) await run(step, sql)
    else await assertHolds(db, sql, step.guard)
  }
  return rows
}

async function assertHolds(db: Database, sql: string, message: string): Promise<void> {
  await db.run(sql).catch((error: Error) => {
    // Other errors quote the statement, in which the message stands, too.
    if (!error.message.startsWith('Conversion Error') || !error.message.includes(message)) throw error
    throw new EtlError(`${message}; nothing was changed`, {
      code: 'UNBALANCED',
      suggestions: ['rental-etl run --full-refresh'],
      cause: error,
    })
  })
}

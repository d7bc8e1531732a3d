import type { Cell, ResultStream } from '../../src/lib/ports/warehouse.js'

/** The names of a result's columns, and all its rows. */
export async function readAll({ columns, chunks }: ResultStream): Promise<{ columns: string[]; rows: Cell[][] }> {
  const rows: Cell[][] = []
  for await (const chunk of chunks) rows.push(...chunk)
  return { columns: columns.map(({ name }) => name), rows }
}

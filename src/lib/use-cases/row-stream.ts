import type { Cell, ResultColumn, ResultStream } from '../ports/warehouse.js'

/** Rows that are all there, as a result that is read as it comes. */
export function rowStream(columns: ResultColumn[], rows: Cell[][]): ResultStream {
  return { columns, chunks: once(rows) }
}

async function* once(rows: Cell[][]): AsyncGenerator<Cell[][], void> {
  if (rows.length > 0) yield rows
}

/** A result whose first rows are already read: the same rows, and whether there are none. */
export async function readAhead({
  columns,
  chunks,
}: ResultStream): Promise<{ stream: ResultStream; isEmpty: boolean }> {
  const rest = chunks[Symbol.asyncIterator]()
  const head = await rest.next()
  return { stream: { columns, chunks: head.done ? once([]) : resumed(head.value, rest) }, isEmpty: head.done === true }
}

async function* resumed(head: Cell[][], rest: AsyncIterator<Cell[][]>): AsyncGenerator<Cell[][], void> {
  try {
    yield head
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

/** All rows by column name but for the last column, which holds the same value in each row: its value. */
export async function sampleOf({
  columns,
  chunks,
}: ResultStream): Promise<{ rows: Record<string, Cell>[]; last: Cell | undefined }> {
  const names = columns.slice(0, -1).map(({ name }) => name)
  const rows: Record<string, Cell>[] = []
  let last: Cell | undefined
  for await (const chunk of chunks) {
    for (const row of chunk) {
      rows.push(Object.fromEntries(names.map((name, at) => [name, row[at] as Cell])))
      last = row[names.length]
    }
  }
  return { rows, last }
}

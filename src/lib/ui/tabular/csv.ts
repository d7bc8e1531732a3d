import type { Cell, ResultStream } from '../../ports/warehouse.js'
import { eachChunk, type Write } from './options.js'

/** A header line, then the rows; values are as they are. */
export async function writeCsv(stream: ResultStream, write: Write): Promise<number> {
  await write(`${stream.columns.map(({ name }) => csvField(name)).join(',')}\n`)
  return eachChunk(stream, (rows) => write(rows.map((row) => `${row.map(csvField).join(',')}\n`).join('')))
}

function csvField(cell: Cell): string {
  if (cell === null) return ''
  const text = String(cell)
  // An empty text is quoted: it is not NULL.
  return text === '' || /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}

import type { ResultStream } from '../../ports/warehouse.js'
import { visible } from '../terminal.js'
import { eachChunk, isNumber, type Write } from './options.js'

/** A table of Markdown, numbers to the right. */
export async function writeMarkdown(stream: ResultStream, write: Write): Promise<number> {
  const { columns } = stream
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |\n`
  await write(line(columns.map(({ name }) => markdown(name))))
  await write(`|${columns.map((column) => (isNumber(column) ? ' ---: |' : ' --- |')).join('')}\n`)
  return eachChunk(stream, (rows) =>
    write(rows.map((row) => line(row.map((cell) => (cell === null ? '' : markdown(String(cell)))))).join('')),
  )
}

function markdown(text: string): string {
  return visible(text).replaceAll('|', '\\|')
}

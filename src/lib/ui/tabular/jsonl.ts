import type { ResultStream } from '../../ports/warehouse.js'
import { rowObject } from './json.js'
import { eachChunk, type Write } from './options.js'

/** An object on each line. */
export function writeJsonl(stream: ResultStream, write: Write): Promise<number> {
  return eachChunk(stream, (rows) => write(rows.map((row) => `${rowObject(stream.columns, row)}\n`).join('')))
}

import type { Cell, ResultColumn, ResultStream } from '../../ports/warehouse.js'
import { eachChunk, type TabularOptions, type Write } from './options.js'

/** The value of `result` alone: what was said of it, columns, and rows as objects by column name. */
export async function writeJson(
  stream: ResultStream,
  write: Write,
  more: TabularOptions['result'] = {},
): Promise<number> {
  const head = Object.entries(more).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)},`)
  await write(`{${head.join('')}"columns":${JSON.stringify(stream.columns)},"rows":[`)
  let first = true
  const count = await eachChunk(stream, (rows) => {
    const text = rows.map((row) => rowObject(stream.columns, row)).join(',\n')
    const begin = first ? '\n' : ',\n'
    first = false
    return write(`${begin}${text}`)
  })
  await write(']}')
  return count
}

/** A row as a JSON object. */
export function rowObject(columns: readonly ResultColumn[], row: readonly Cell[]): string {
  return `{${columns.map(({ name }, at) => `${JSON.stringify(name)}:${JSON.stringify(row[at] ?? null)}`).join(',')}}`
}

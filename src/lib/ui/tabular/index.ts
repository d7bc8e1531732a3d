import { EtlError } from '../../core/errors.js'
import type { Cell, ResultColumn, ResultStream } from '../../ports/warehouse.js'
import { writeCsv } from './csv.js'
import { writeJson } from './json.js'
import { writeJsonl } from './jsonl.js'
import { writeMarkdown } from './markdown.js'
import type { TabularOptions, Write } from './options.js'
import { writeTable } from './table.js'

/**
 * Writes a tabular result chunk by chunk, and returns the number of its rows. JSON is the value of `result` alone; a table
 * is marked for colours, and goes through `toTerminal`.
 * @throws EtlError USAGE for two columns of one name where rows are objects; what reading throws, when what was begun is closed
 */
export async function writeTabular(stream: ResultStream, write: Write, options: TabularOptions): Promise<number> {
  switch (options.output) {
    case 'json':
      assertNames(stream.columns)
      return writeJson(stream, write, options.result)
    case 'jsonl':
      assertNames(stream.columns)
      return writeJsonl(stream, write)
    case 'csv':
      return writeCsv(stream, write)
    case 'md':
      return writeMarkdown(stream, write)
    case 'table':
      return writeTable(stream, write, options)
  }
}

/** A small table as text, without a line end; marked for colours. */
export async function tableText(columns: ResultColumn[], rows: Cell[][], width: number): Promise<string> {
  const parts: string[] = []
  const chunks = (async function* () {
    yield rows
  })()
  const take = (chunk: string): void => {
    parts.push(chunk)
  }
  await writeTabular({ columns, chunks }, take, { output: 'table', width })
  return parts.join('').trimEnd()
}

function assertNames(columns: readonly ResultColumn[]): void {
  const names = columns.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice === undefined) return
  throw new EtlError(`two columns are named ${twice}, and a row as an object can hold only one of them`, {
    code: 'USAGE',
    suggestions: [`rental-etl query "select a.${twice} as ${twice}_1, b.${twice} as ${twice}_2 from …"`],
  })
}

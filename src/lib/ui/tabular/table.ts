import type { Cell, ResultColumn, ResultStream } from '../../ports/warehouse.js'
import { paint } from '../paint.js'
import { visible } from '../terminal.js'
import { cutTo, textWidth } from '../width.js'
import { wrapped } from '../wrap.js'
import { fitted, GAP, type Layout, widened } from './layout.js'
import { eachChunk, type HumanColumn, isNumber, type TabularOptions, type Write } from './options.js'

/** Rows by which a table's widths are measured. */
const MEASURED_ROWS = 1000
const BETWEEN = ' '.repeat(GAP)

/** Aligned columns under a bold heading; what does not fit is cut, and columns that do not fit are named below. */
export async function writeTable(stream: ResultStream, write: Write, options: TabularOptions): Promise<number> {
  const columns: HumanColumn[] = options.human?.columns ?? stream.columns
  const texts = columns.map((column) => cellText(column, options.human ? '' : 'NULL'))
  let at = 0
  const names = columns.map(({ name }) => visible(name))
  let layout: Layout | undefined
  let held: string[][] = []
  const print = async (): Promise<void> => {
    const head = layout === undefined
    if (held.length === 0 && !head) return
    const needed = natural(names, held)
    layout = layout === undefined ? fitted(columns, needed, options) : widened(layout, columns, needed, options)
    const lines = held.map(lineOf(columns, layout))
    if (head) lines.unshift(...heading(columns, names, layout))
    held = []
    await write(`${lines.join('\n')}\n`)
  }
  const count = await eachChunk(stream, async (rows) => {
    for (const row of rows) {
      const shown = options.human?.row(row, at++) ?? row
      held.push(texts.map((text, column) => text(shown[column] ?? null)))
      if (held.length >= MEASURED_ROWS) await print()
    }
  })
  await print()
  if (count === 0) await write('(0 rows)\n')
  const left = names.filter((_, column) => !layout?.shown.includes(column) && !columns[column]?.spare)
  if (left.length > 0) {
    const line = `columns that do not fit: ${left.join(', ')} (a wider terminal or --output csv shows them)`
    await write(`${wrapped(line, options.width).join('\n')}\n`)
  }
  return count
}

/** How the cells of a column are written; numbers, dates and booleans hold nothing that would have to be made visible. */
function cellText({ type }: ResultColumn, none: string): (cell: Cell) => string {
  if (PLAIN_TYPE.test(type)) return (cell) => (cell === null ? none : String(cell))
  return (cell) => (cell === null ? none : visible(String(cell)))
}

const PLAIN_TYPE = /^(BIGINT|INTEGER|DOUBLE|DECIMAL|BOOLEAN|DATE|TIMESTAMP)/

function natural(names: readonly string[], rows: readonly string[][]): number[] {
  return names.map((name, at) => {
    let most = textWidth(name)
    for (const row of rows) most = Math.max(most, textWidth(row[at] as string))
    return most
  })
}

function lineOf(columns: readonly HumanColumn[], { shown, widths }: Layout): (row: readonly string[]) => string {
  const right = shown.map((at) => isNumber(columns[at] as ResultColumn))
  return (row) => {
    let line = ''
    for (const [place, at] of shown.entries()) {
      const whole = row[at] as string
      const width = widths[place] as number
      const text = cutTo(whole, width)
      const style = columns[at]?.style?.(whole)
      const pad = ' '.repeat(Math.max(0, width - textWidth(text)))
      const shownText = style === undefined ? text : paint(style, text)
      line += `${place === 0 ? '' : BETWEEN}${right[place] ? pad : ''}${shownText}${right[place] ? '' : pad}`
    }
    return line.trimEnd()
  }
}

function heading(columns: readonly HumanColumn[], names: readonly string[], layout: Layout): string[] {
  const plain = columns.map(({ name, type }) => ({ name, type }))
  const rule = layout.widths.map((width) => '─'.repeat(width)).join(BETWEEN)
  // Marked when it is trimmed: blanks within a style would stay, and be longer than the line.
  return [paint('bold', lineOf(plain, layout)(names)), rule]
}

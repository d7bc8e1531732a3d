import { styleText } from 'node:util'
import { EtlError } from '../core/errors.js'
import type { Cell, ResultColumn, ResultStream } from '../ports/warehouse.js'
import { visible, wrapped } from './format.js'

export interface TabularOptions {
  output: 'table' | 'json' | 'jsonl' | 'csv' | 'md'
  /** Columns of the terminal; Infinity where lines may have any length. */
  width: number
  color: boolean
  /** What goes first where a table is too wide: texts, for a table whose numbers matter; columns from the end unless told. */
  leaveOut?: 'texts' | undefined
  /** A note behind a row of a table. */
  mark?: (row: Cell[], columns: ResultColumn[]) => string | undefined
}

type Write = (chunk: string) => Promise<void> | void

/**
 * Writes a tabular result chunk by chunk, and returns the number of its rows. JSON is the value of `result` alone.
 * @throws EtlError USAGE for two columns of one name where rows are objects; what reading throws, when what was begun is closed
 */
export async function writeTabular(stream: ResultStream, write: Write, options: TabularOptions): Promise<number> {
  if (options.output === 'json' || options.output === 'jsonl') assertNames(stream.columns)
  switch (options.output) {
    case 'json':
      return writeJson(stream, write)
    case 'jsonl':
      return eachChunk(stream, (rows) => write(rows.map((row) => `${object(stream.columns, row)}\n`).join('')))
    case 'csv':
      await write(`${stream.columns.map(({ name }) => csvField(name)).join(',')}\n`)
      return eachChunk(stream, (rows) => write(rows.map((row) => `${row.map(csvField).join(',')}\n`).join('')))
    case 'md':
      return writeMarkdown(stream, write, options.mark)
    case 'table':
      return writeTable(stream, write, options)
  }
}

async function eachChunk({ chunks }: ResultStream, work: (rows: Cell[][]) => Promise<void> | void): Promise<number> {
  let count = 0
  for await (const rows of chunks) {
    if (rows.length === 0) continue
    count += rows.length
    await work(rows)
  }
  return count
}

async function writeJson(stream: ResultStream, write: Write): Promise<number> {
  await write(`{"columns":${JSON.stringify(stream.columns)},"rows":[`)
  let first = true
  const count = await eachChunk(stream, (rows) => {
    const text = rows.map((row) => object(stream.columns, row)).join(',\n')
    const begin = first ? '\n' : ',\n'
    first = false
    return write(`${begin}${text}`)
  })
  await write(']}')
  return count
}

function object(columns: readonly ResultColumn[], row: readonly Cell[]): string {
  return `{${columns.map(({ name }, at) => `${JSON.stringify(name)}:${JSON.stringify(row[at] ?? null)}`).join(',')}}`
}

function csvField(cell: Cell): string {
  if (cell === null) return ''
  const text = String(cell)
  // An empty text is quoted: it is not NULL.
  return text === '' || /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}

async function writeMarkdown(stream: ResultStream, write: Write, mark: TabularOptions['mark']): Promise<number> {
  const { columns } = stream
  const line = (cells: string[]): string => `| ${[...cells, ...(mark ? [''] : [])].join(' | ')} |\n`
  await write(line(columns.map(({ name }) => markdown(name))))
  await write(
    `|${columns.map((column) => (isNumber(column) ? ' ---: |' : ' --- |')).join('')}${mark ? ' --- |' : ''}\n`,
  )
  return eachChunk(stream, (rows) =>
    write(
      rows
        .map((row) => {
          const cells = row.map((cell) => (cell === null ? '' : markdown(String(cell))))
          return `| ${[...cells, ...(mark ? [mark(row, columns) ?? ''] : [])].join(' | ')} |\n`
        })
        .join(''),
    ),
  )
}

function markdown(text: string): string {
  return visible(text).replaceAll('|', '\\|')
}

/** Rows by which a table's widths are measured. */
const MEASURED_ROWS = 1000
/** Texts are cut down to this. */
const NARROWEST = 12
/** Where that is not enough, columns are left out, and texts of those that stay have this much: a run id is whole. */
const READABLE = 21
/** A text in the first column names the row, and is pasted: it stays whole up to this. */
const KEY = 32
const GAP = 2

async function writeTable(stream: ResultStream, write: Write, options: TabularOptions): Promise<number> {
  const [{ default: Table }, { default: stringWidth }] = await Promise.all([
    import('cli-table3'),
    import('string-width'),
  ])
  const { mark } = options
  const columns = [...stream.columns, ...(mark ? [{ name: '', type: 'VARCHAR' }] : [])]
  const cells = (row: Cell[]): string[] => [
    ...row.map((cell) => (cell === null ? 'NULL' : visible(String(cell)))),
    ...(mark ? [mark(row, stream.columns) ?? ''] : []),
  ]
  let layout: Layout | undefined
  let held: string[][] = []
  const print = async (): Promise<void> => {
    const head = layout === undefined
    const needed = natural(columns, held, stringWidth)
    layout = layout === undefined ? fitted(columns, needed, options) : widened(layout, columns, needed, options)
    const { widths, shown } = layout
    const pick = <Item>(items: readonly Item[]): Item[] => shown.map((at) => items[at] as Item)
    if (held.length === 0 && !head) return
    const table = new Table({
      chars: BORDERLESS,
      colWidths: widths,
      colAligns: pick(columns).map((column) => (isNumber(column) ? 'right' : 'left')),
      style: {
        'padding-left': 0,
        'padding-right': GAP,
        head: [],
        border: [],
        compact: true,
      },
      wordWrap: false,
      truncate: '…',
      ...(head ? { head: pick(columns).map(({ name }) => visible(name)) } : {}),
    })
    table.push(...held.map(pick))
    held = []
    const lines = table
      .toString()
      .split('\n')
      .map((line) => line.trimEnd())
    if (head) {
      // Styled when it is trimmed: blanks within a style would stay, and be longer than the line.
      if (options.color) lines[0] = styleText('bold', lines[0] ?? '', { validateStream: false })
      lines.splice(
        1,
        0,
        widths
          .map((width) => '─'.repeat(Math.max(0, width - GAP)))
          .join(' '.repeat(GAP))
          .trimEnd(),
      )
    }
    await write(`${lines.filter((line, at) => line !== '' || at === 0).join('\n')}\n`)
  }
  const count = await eachChunk(stream, async (rows) => {
    for (const row of rows) {
      held.push(cells(row))
      if (held.length >= MEASURED_ROWS) await print()
    }
  })
  await print()
  if (count === 0) await write('(0 rows)\n')
  const left = columns.filter((_, at) => !layout?.shown.includes(at)).map(({ name }) => visible(name))
  if (left.length > 0) {
    const line = `columns that do not fit: ${left.join(', ')} (a wider terminal or --output csv shows them)`
    await write(`${wrapped(line, options.width).join('\n')}\n`)
  }
  return count
}

function natural(
  columns: readonly ResultColumn[],
  rows: readonly string[][],
  measure: (text: string) => number,
): number[] {
  return columns.map(({ name }, at) =>
    rows.reduce((most, row) => Math.max(most, measure(row[at] ?? '')), measure(visible(name))),
  )
}

interface Layout {
  /** Places of the columns that are shown. */
  shown: number[]
  /** Of each of them, with the gap behind it. */
  widths: number[]
}

/** Cuts texts until the table fits, and leaves out columns from the end where that is not enough; numbers and dates are never cut. */
function fitted(
  columns: readonly ResultColumn[],
  natural: readonly number[],
  { width, leaveOut }: TabularOptions,
): Layout {
  let shown = columns.map((_, at) => at)
  let widths = cut(columns, natural, width, NARROWEST)
  const total = (): number => widths.reduce((sum, one) => sum + one + GAP, -GAP)
  while (total() > width && shown.length > 1) {
    // A column without a name holds the marks, which say how a row is to be read.
    const text = shown.findLast((at) => at > 0 && columns[at]?.type === 'VARCHAR' && columns[at]?.name !== '')
    const last = leaveOut === 'texts' && text ? text : shown.findLast((at) => columns[at]?.name !== '')
    shown = shown.filter((at) => at !== last)
    const of = <Item>(items: readonly Item[]): Item[] => shown.map((at) => items[at] as Item)
    widths = cut(of(columns), of(natural), width, READABLE)
  }
  return { shown, widths: widths.map((one) => one + GAP) }
}

/** The layout for rows that come later: a number or a date is never cut, and no text where lines have any length. */
function widened(
  { shown, widths }: Layout,
  columns: readonly ResultColumn[],
  needed: readonly number[],
  { width }: TabularOptions,
): Layout {
  const grown = shown.map((at, place) => {
    const before = (widths[place] as number) - GAP
    const whole = columns[at]?.type !== 'VARCHAR' || width === Number.POSITIVE_INFINITY
    return whole ? Math.max(before, needed[at] as number) : before
  })
  const of = shown.map((at) => columns[at] as ResultColumn)
  return { shown, widths: cut(of, grown, width, NARROWEST).map((one) => one + GAP) }
}

/** Takes from the widest texts until the columns fit, or all are as narrow as they may be. */
function cut(columns: readonly ResultColumn[], natural: readonly number[], width: number, narrowest: number): number[] {
  const widths = [...natural]
  let over = widths.reduce((sum, one) => sum + one + GAP, -GAP) - width
  for (; over > 0; over--) {
    let widest = -1
    for (const [at, column] of columns.entries()) {
      const one = widths[at] as number
      if (
        column.type === 'VARCHAR' &&
        one > (at === 0 ? Math.max(KEY, narrowest) : narrowest) &&
        (widest < 0 || one > (widths[widest] as number))
      )
        widest = at
    }
    if (widest < 0) break
    widths[widest] = (widths[widest] as number) - 1
  }
  return widths
}

function isNumber({ type }: ResultColumn): boolean {
  return /^(BIGINT|INTEGER|DOUBLE|DECIMAL)/.test(type)
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

const BORDERLESS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '' },
  ...{ 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' },
}

/** A small table as text, without a line end. */
export async function tableText(
  columns: ResultColumn[],
  rows: Cell[][],
  options: { width: number; color: boolean },
): Promise<string> {
  const parts: string[] = []
  const chunks = (async function* () {
    yield rows
  })()
  const take = (chunk: string): void => {
    parts.push(chunk)
  }
  await writeTabular({ columns, chunks }, take, { output: 'table', ...options })
  return parts.join('').trimEnd()
}

import type { ResultColumn } from '../../ports/warehouse.js'
import type { HumanColumn, TabularOptions } from './options.js'

/** Texts are cut down to this. */
const NARROWEST = 12
/** Where that is not enough, columns are left out, and texts of those that stay have this much: a run id is whole. */
const READABLE = 21
/** A text in the first column names the row, and is pasted: it stays whole up to this. */
const KEY = 32
/** Blanks between two columns. */
export const GAP = 2

export interface Layout {
  /** Places of the columns that are shown. */
  shown: number[]
  /** Of each of them. */
  widths: number[]
}

type Limits = Pick<TabularOptions, 'width' | 'leaveOut'>

/** Cuts texts until the table fits, and leaves out columns from the end where that is not enough; numbers and dates are never cut. */
export function fitted(
  columns: readonly HumanColumn[],
  natural: readonly number[],
  { width, leaveOut }: Limits,
): Layout {
  let shown = columns.map((_, at) => at)
  const of = <Item>(items: readonly Item[]): Item[] => shown.map((at) => items[at] as Item)
  if (total(natural) > width) shown = shown.filter((at) => !columns[at]?.spare)
  let widths = cut(of(columns), of(natural), width, NARROWEST)
  while (total(widths) > width && shown.length > 1) {
    const text = shown.findLast((at) => at > 0 && columns[at]?.type === 'VARCHAR')
    const last = (leaveOut === 'texts' ? text : undefined) ?? shown.at(-1)
    shown = shown.filter((at) => at !== last)
    widths = cut(of(columns), of(natural), width, READABLE)
  }
  return { shown, widths }
}

/** The layout for rows that come later: a number or a date is never cut, and no text where lines have any length. */
export function widened(
  { shown, widths }: Layout,
  columns: readonly ResultColumn[],
  needed: readonly number[],
  { width }: Limits,
): Layout {
  const grown = shown.map((at, place) => {
    const before = widths[place] as number
    const whole = columns[at]?.type !== 'VARCHAR' || width === Number.POSITIVE_INFINITY
    return whole ? Math.max(before, needed[at] as number) : before
  })
  const of = shown.map((at) => columns[at] as ResultColumn)
  return { shown, widths: cut(of, grown, width, NARROWEST) }
}

/** Takes from the widest texts until the columns fit, or all are as narrow as they may be. */
function cut(columns: readonly ResultColumn[], natural: readonly number[], width: number, narrowest: number): number[] {
  const widths = [...natural]
  for (let over = total(widths) - width; over > 0; over--) {
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

function total(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one + GAP, -GAP)
}

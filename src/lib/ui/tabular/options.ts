import type { Cell, ResultColumn, ResultStream } from '../../ports/warehouse.js'
import type { Style } from '../paint.js'

export const FORMS = ['table', 'json', 'jsonl', 'csv', 'md'] as const
/** The forms of a tabular result. */
export type Form = (typeof FORMS)[number]

export interface HumanColumn extends ResultColumn {
  /** The colour of a cell, by its text. */
  style?: (text: string) => Style | undefined
  /** Goes without a word where the terminal is too narrow for the whole of the others. */
  spare?: boolean
}

/** The same rows for a reader instead of a program: ages instead of times, words instead of flags. */
export interface HumanView {
  columns: HumanColumn[]
  /** What a row of the result is here; null is nothing. @param at the place of the row */
  row(row: Cell[], at: number): Cell[]
}

export interface TabularOptions {
  output: Form
  /** Columns of the terminal; Infinity where lines may have any length. */
  width: number
  /** What goes first where a table is too wide: texts, for a table whose numbers matter; columns from the end unless told. */
  leaveOut?: 'texts' | undefined
  /** What the table shows instead; every other form is for programs, and has the rows as they are. */
  human?: HumanView | undefined
  /** More of a JSON result, beside columns and rows. */
  result?: Readonly<Record<string, string>>
}

export type Write = (chunk: string) => Promise<void> | void

/** Hands on the rows chunk by chunk, and counts them. */
export async function eachChunk(
  { chunks }: ResultStream,
  work: (rows: Cell[][]) => Promise<void> | void,
): Promise<number> {
  let count = 0
  for await (const rows of chunks) {
    if (rows.length === 0) continue
    count += rows.length
    await work(rows)
  }
  return count
}

export function isNumber({ type }: ResultColumn): boolean {
  return /^(BIGINT|INTEGER|DOUBLE|DECIMAL)/.test(type)
}

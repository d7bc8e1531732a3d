import { Random } from './random.js'
import { type SampleOptions, type SampleSize, sampleSize } from './sample.js'

/** A source on one day of its history; day 0 is the sample itself. */
export interface SampleDay extends SampleOptions {
  day: number
}

/** What all rows of a source share. A new object for each table: the sequences of numbers are used by one at a time. */
export interface World extends SampleDay {
  size: SampleSize
  /** Rows that each day of the history adds to a table that has so many. */
  added(rows: number): number
  /** For the row that is being made … */
  random: Random
  /** … and for the listings that it looks at meanwhile. */
  inner: Random
}

/** Which row of a table, independent of where it stands in the file. */
export interface RowId {
  index: number
  /** 0, LATE, or 1 + the generation of a key that was taken again. */
  variant: number
  /** Day of the history on which it came. */
  born: number
}

export interface Row extends RowId {
  /** In the order of the model's columns. */
  fields: string[]
}

/** The variant of a row that turned up late, beside the one with the same index. */
export const LATE = 1

export function createWorld(options: SampleDay): World {
  return {
    ...options,
    size: sampleSize(options.scale),
    added: (rows) => Math.max(1, Math.round(rows * 0.002)),
    random: new Random(options.seed),
    inner: new Random(options.seed),
  }
}

/** The variant of a generation of a key. */
export function variantOf(generation: number): number {
  return generation === 0 ? 0 : LATE + generation
}

/** The day of the history on which row `index` of a table came that had `first` rows at the start. */
export function bornOn(index: number, first: number, added: number): number {
  return index < first ? 0 : 1 + Math.floor((index - first) / added)
}

/** Cents as a decimal with two digits after the point. */
export function money(cents: number): string {
  const rest = cents % 100
  return `${Math.floor(cents / 100)}.${rest < 10 ? '0' : ''}${rest}`
}

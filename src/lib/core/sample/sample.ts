import { MAX_SCALE } from '../config/source-spec.js'
import { EtlError } from '../errors.js'

/** The last day of the sample source: its default as-of date. */
export const SAMPLE_LAST_DAY = '2026-06-30'

/** Another number means that the same options give other bytes; a sample that was kept is then made anew. */
export const SAMPLE_VERSION = 1

/** What decides every byte of a sample. */
export interface SampleOptions {
  /** 1 is 10,000 listings, 100,000 bookings and 200,000 views. */
  scale: number
  seed: number
  /** Share of rows with something odd about them, 0 to 0.5. */
  dirt: number
}

export const SAMPLE_DEFAULTS: Readonly<SampleOptions> = { scale: 1, seed: 42, dirt: 0.02 }

export const MAX_DIRT = 0.5
export const MAX_DAYS = 365

/** Rows of a sample before dirt adds copies and takes rows away. */
export interface SampleSize {
  listings: number
  bookings: number
  /** Two for each booking. */
  views: number
  users: number
}

/** How many rows a scale means; at least one of each. */
export function sampleSize(scale: number): SampleSize {
  const rows = (atOne: number): number => Math.max(1, Math.round(atOne * scale))
  const bookings = rows(100_000)
  return { listings: rows(10_000), bookings, views: 2 * bookings, users: rows(20_000) }
}

/** The last day of the source on a day of its history, `YYYY-MM-DD`. */
export function dayAfterSample(day: number): string {
  return new Date(Date.parse(SAMPLE_LAST_DAY) + day * 86_400_000).toISOString().slice(0, 10)
}

/** A scale as typed. @throws EtlError USAGE when it is not a number over 0 and up to MAX_SCALE */
export function parseScale(text: string): number {
  const scale = decimal(text)
  if (scale !== undefined && scale > 0 && scale <= MAX_SCALE) return scale
  throw usage(`--scale ${text}: a scale is a number over 0 and up to ${MAX_SCALE}`, '--scale 0.1')
}

/** A share of odd rows as typed. @throws EtlError USAGE when it is not a number from 0 to MAX_DIRT */
export function parseDirt(text: string): number {
  const dirt = decimal(text)
  if (dirt !== undefined && dirt <= MAX_DIRT) return dirt
  throw usage(`--dirt ${text}: the share of odd rows is a number from 0 to ${MAX_DIRT}`, '--dirt 0.02')
}

function decimal(text: string): number | undefined {
  return /^(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : undefined
}

function usage(message: string, flag: string): EtlError {
  return new EtlError(message, { code: 'USAGE', suggestions: [`rental-etl sample DIR ${flag}`] })
}

import type { SampleOptions } from '../core/sample/sample.js'

/** A file of a sample, as it was written. */
export interface SampleTableFile {
  table: string
  /** Records without the header, whether good or not. */
  rows: number
  bytes: number
  /** Absolute. */
  path: string
}

/** One day of a history: a whole source. */
export interface SampleDayFolder {
  /** 0 is the sample before any change. */
  day: number
  /** Absolute. */
  folder: string
  /** The last day of this source, `YYYY-MM-DD`: its as-of date. */
  last_day: string
  tables: SampleTableFile[]
}

/** What was written: `tables` of a single source, or `days` of a history; the other one is empty. */
export interface WrittenSample extends SampleOptions {
  /** Absolute. */
  folder: string
  last_day: string
  tables: SampleTableFile[]
  days: SampleDayFolder[]
}

export interface SampleRequest extends SampleOptions {
  /** Days of mutations after the sample itself; 0 for a single source. */
  days: number
  signal?: AbortSignal | undefined
}

/** Writes the made-up source. */
export interface SampleWriter {
  /**
   * Writes a sample, or day00 … dayNN of a history, into a folder that is new, empty, or holds a sample from before.
   * @throws EtlError USAGE for a folder with anything else in it, IO, and what the signal was aborted with
   */
  write(folder: string, request: SampleRequest): Promise<WrittenSample>
}

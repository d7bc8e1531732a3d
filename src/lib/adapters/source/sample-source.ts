import { join } from 'node:path'
import type { RecordPlace, WantedRecord } from '../../ports/source-check.js'
import { ensureSample, isSample } from '../files/sample/index.js'
import { CsvSource } from './csv/csv-source.js'
import type { OpenSource, Source } from './source.js'

export interface SampleSourceOptions {
  scale: number
  /** Where the sample is kept. */
  folder: string
  /** Nothing is written there: a sample that is missing is made among the scratch files of each reading. */
  readOnly?: boolean
}

/** The made-up sample, written when it is asked for and not there. */
export class SampleSource implements Source {
  constructor(private readonly options: SampleSourceOptions) {}

  /** @throws EtlError IO, and what the signal was aborted with */
  async open(work: string, signal: AbortSignal): Promise<OpenSource> {
    const { scale, folder: kept, readOnly = false } = this.options
    const folder = readOnly && !(await isSample(kept, scale)) ? join(work, 'sample') : kept
    await ensureSample(folder, { scale, signal })
    return new CsvSource(folder).open(work, signal)
  }

  /** Of the sample that is kept: one is not made for this. */
  lineOf(wanted: WantedRecord, signal: AbortSignal): Promise<RecordPlace> {
    return new CsvSource(this.options.folder).lineOf(wanted, signal)
  }
}

import type { FoundSource } from '../core/config/found-table.js'

/** A look at how a source names its tables and columns, and at their first rows; it changes nothing. */
export interface SourceSurvey {
  /** The source as a configuration has it: without any password. */
  source: string
  /**
   * Undefined for a source that has the model's own names.
   * @throws EtlError SOURCE_MISSING, ACCESS, IO, and what the signal was aborted with
   */
  look(signal: AbortSignal): Promise<FoundSource | undefined>
}

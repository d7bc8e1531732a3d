import type { SourceTableName } from '../core/model.js'
import type { LakeTable, SourceFacts } from '../core/trace/facts.js'
import type { TraceKey } from '../core/trace/key.js'

/** Looks for one key in what lies outside of the warehouse; nothing is changed. */
export interface Trace {
  /**
   * The records of the live source that have the key, by table; only these tables are read. What cannot be read is told as
   * the `failure` of its table.
   * @param most the largest number of records that are given; all are counted
   * @throws what the signal was aborted with
   */
  source(
    key: TraceKey,
    tables: readonly SourceTableName[],
    most: number,
    signal: AbortSignal,
  ): Promise<Map<SourceTableName, SourceFacts>>
  /** The rows of the lake that have the key, by table, in the order of loads. @throws EtlError NO_WAREHOUSE, IO */
  lake(key: TraceKey, tables: readonly SourceTableName[], signal: AbortSignal): Promise<Map<SourceTableName, LakeTable>>
}

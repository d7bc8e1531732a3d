import type { SourceTableName } from '../../../core/model.js'
import type { LakeTable, SourceFacts } from '../../../core/trace/facts.js'
import type { TraceKey } from '../../../core/trace/key.js'
import type { Trace } from '../../../ports/trace.js'
import { Database } from '../engine/database.js'
import { memoryLimit } from '../engine/memory.js'
import { homePaths } from '../home/paths.js'
import type { ExtractSettings } from '../jobs/extract-raw.js'
import { lakeTrace } from './lake-trace.js'
import { sourceTrace } from './source-trace.js'

/** Reads the live source, and the lake of a home. */
export class LocalTrace implements Trace {
  constructor(private readonly settings: ExtractSettings) {}

  source(
    key: TraceKey,
    tables: readonly SourceTableName[],
    most: number,
    signal: AbortSignal,
  ): Promise<Map<SourceTableName, SourceFacts>> {
    return sourceTrace(this.settings, key, { tables, most, signal })
  }

  async lake(
    key: TraceKey,
    tables: readonly SourceTableName[],
    signal: AbortSignal,
  ): Promise<Map<SourceTableName, LakeTable>> {
    const { home, memory } = this.settings
    const paths = homePaths(home)
    const options = { readOnly: true, spillTo: paths.work, memoryLimit: memoryLimit(0, memory), signal }
    const db = await Database.open(paths.warehouse, options)
    try {
      return await lakeTrace(db, home, key, tables)
    } finally {
      db.close()
    }
  }
}

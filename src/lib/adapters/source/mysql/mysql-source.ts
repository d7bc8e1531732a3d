import type { FoundSource } from '../../../core/config/found-table.js'
import type { SourceMapping } from '../../../core/config/mapping.js'
import type { MysqlSpec } from '../../../core/config/mysql-url.js'
import type { OpenSource, Source } from '../source.js'

/** A database of a MySQL or MariaDB server, read in one snapshot. */
export class MysqlSource implements Source {
  /** @param password asked for at each opening; undefined where there is none */
  constructor(
    private readonly spec: MysqlSpec,
    private readonly password: () => Promise<string | undefined>,
    private readonly mapping: SourceMapping = {},
  ) {}

  /** @throws EtlError ACCESS, IO, SOURCE_MISSING */
  async open(work: string, signal: AbortSignal): Promise<OpenSource> {
    // The driver and the engine are loaded where they are used.
    const { MysqlReading } = await import('./mysql-reading.js')
    return MysqlReading.open(this.spec, await this.password(), { work, mapping: this.mapping }, signal)
  }

  async survey(signal: AbortSignal): Promise<FoundSource> {
    const { surveyDatabase } = await import('./mysql-survey.js')
    return surveyDatabase(this.spec, await this.password(), signal)
  }
}

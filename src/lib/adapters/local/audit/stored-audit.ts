import { CURATED_TABLES, DIM_DATES, SOURCE_TABLES } from '../../../core/model.js'
import { BUILD_QUERY, type Build, whyNotCurrent } from '../../../core/sql/build.js'
import { consistencyQuery } from '../../../core/sql/consistency.js'
import { curatedQuery } from '../../../core/sql/content.js'
import { SCHEMA_VERSION } from '../../../core/sql/ddl.js'
import { checkLoadLog } from '../../../core/verify/load-log.js'
import { type CheckResult, skipped } from '../../../core/verify/verify.js'
import type { StoredAudit } from '../../../ports/stored-audit.js'
import { readSqlFiles } from '../../files/sql-files.js'
import { Database } from '../engine/database.js'
import { memoryLimit } from '../engine/memory.js'
import { sizeOf } from '../home/files.js'
import { type HomePaths, homePaths } from '../home/paths.js'
import { versionOf } from '../warehouse/structure.js'
import { check } from './check.js'
import { auditLake, auditQuarantine } from './lake-audit.js'
import { readLoads } from './loads.js'
import { auditDigests } from './log-audit.js'
import { slicesOf } from './slices.js'
import { auditStructure } from './structure-audit.js'
import { auditViews } from './view-audit.js'

const OLDER = 'the warehouse is of an older version, which the next run brings up to this one: rental-etl run'

/** Compares what a local home keeps: lake, raw, quarantine, load log, curated, views. */
export class LocalStoredAudit implements StoredAudit {
  readonly #paths: HomePaths

  /** @param memory the engine's limit, where the user has set one */
  constructor(
    home: string,
    private readonly memory?: string,
  ) {
    this.#paths = homePaths(home)
  }

  content(signal?: AbortSignal): Promise<CheckResult[]> {
    return this.#reading(signal, async (db) => {
      const version = await versionOf(db)
      const structure = await auditStructure(db)
      // One that is of an older version has its tables, too; where only the number says so, somebody has written it.
      if (version < SCHEMA_VERSION && structure.status !== 'pass') {
        return [skipped('content', 'ledger', OLDER)]
      }
      const checks = [structure, await check(db, 'warehouse_consistent', consistencyQuery())]
      const loads = await readLoads(db, this.#paths)
      checks.push(checkLoadLog(loads), ...(await auditDigests(db)))
      for (const table of SOURCE_TABLES) {
        checks.push(...(await auditLake(db, this.#paths, table, loads)))
        checks.push(await auditQuarantine(db, this.#paths, table, loads))
      }
      return [...checks, ...(await this.#curated(db))]
    })
  }

  views(signal?: AbortSignal): Promise<CheckResult> {
    return this.#reading(signal, async (db) => {
      if ((await versionOf(db)) < SCHEMA_VERSION && (await auditStructure(db)).status !== 'pass')
        return skipped('views_as_defined', 'views', OLDER)
      return auditViews(db)
    })
  }

  async #curated(db: Database): Promise<CheckResult[]> {
    const [build] = await db.all<Build>(BUILD_QUERY)
    const why = whyNotCurrent(build)
    const tables = [...CURATED_TABLES, DIM_DATES]
    if (why !== undefined) {
      return tables.map((table) => skipped(`curated_content_${table.name}`, 'ledger', why))
    }
    const files = await readSqlFiles('curated')
    const checks: CheckResult[] = []
    for (const table of tables) {
      const text = files.find((file) => file.name === table.name)?.text ?? ''
      const pieces = async (): Promise<string[]> =>
        (await slicesOf(db, `curated.${table.name}`, table)).map((slice) => curatedQuery(table, text, slice))
      checks.push(await check(db, `curated_content_${table.name}`, curatedQuery(table, text), { pieces }))
    }
    return checks
  }

  async #reading<Result>(signal: AbortSignal | undefined, look: (db: Database) => Promise<Result>): Promise<Result> {
    const db = await Database.open(this.#paths.warehouse, {
      readOnly: true,
      spillTo: this.#paths.work,
      memoryLimit: memoryLimit(await sizeOf(this.#paths.warehouse), this.memory),
      ...(signal ? { signal } : {}),
    })
    try {
      return await look(db)
    } finally {
      db.close()
    }
  }
}

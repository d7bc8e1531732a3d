import { CURATED_TABLES, type CuratedTable, DIM_DATES, SOURCE_TABLES } from '../../../core/model.js'
import { BUILD_QUERY, type Build, whyNotCurrent } from '../../../core/sql/build.js'
import { consistencyQuery } from '../../../core/sql/consistency.js'
import { curatedQuery } from '../../../core/sql/content.js'
import { IN_ORDER } from '../../../core/sql/curated-script.js'
import { SCHEMA_VERSION } from '../../../core/sql/ddl.js'
import { checkLoadLog } from '../../../core/verify/load-log.js'
import { keyedOf } from '../../../core/verify/unique-keys.js'
import { type CheckResult, skipped } from '../../../core/verify/verify.js'
import type { StoredAudit } from '../../../ports/stored-audit.js'
import { readSqlFiles } from '../../files/sql-files.js'
import { Database } from '../engine/database.js'
import { inLanes, lanesOf } from '../engine/lanes.js'
import { memoryLimit } from '../engine/memory.js'
import { isPlainlyUnique } from '../engine/unique.js'
import { sizeOf } from '../home/files.js'
import { type HomePaths, homePaths } from '../home/paths.js'
import { versionOf } from '../warehouse/structure.js'
import { check, type Piece } from './check.js'
import { auditLake, auditQuarantine } from './lake-audit.js'
import { readLoads } from './loads.js'
import { auditDigests } from './log-audit.js'
import { areAlike, sameRow } from './pairs.js'
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
      const loads = await readLoads(db, this.#paths)
      const tasks: Task[] = [
        async (lane) => [await check(lane, 'warehouse_consistent', { sql: consistencyQuery() })],
        async () => [checkLoadLog(loads)],
        auditDigests,
        ...SOURCE_TABLES.flatMap((table): Task[] => [
          (lane) => auditLake(lane, this.#paths, table, loads),
          async (lane) => [await auditQuarantine(lane, this.#paths, table, loads)],
        ]),
        ...(await curatedTasks(db)),
      ]
      return [structure, ...(await inLanes(await lanesOf(db), tasks)).flat()]
    })
  }

  views(signal?: AbortSignal): Promise<CheckResult> {
    return this.#reading(signal, async (db) => {
      if ((await versionOf(db)) < SCHEMA_VERSION && (await auditStructure(db)).status !== 'pass')
        return skipped('views_as_defined', 'views', OLDER)
      return auditViews(db)
    })
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

/** Checks that wait for no other, by any connection. */
type Task = (lane: Database) => Promise<CheckResult[]>

/** Each curated table beside what its SQL gives over raw. */
async function curatedTasks(db: Database): Promise<Task[]> {
  const [build] = await db.all<Build>(BUILD_QUERY)
  const why = whyNotCurrent(build)
  const tables = [...CURATED_TABLES, DIM_DATES]
  if (why !== undefined) return [async () => tables.map(({ name }) => skipped(contentOf(name), 'ledger', why))]
  const files = await readSqlFiles('curated')
  return tables.map((table) => async (lane) => {
    const text = files.find((file) => file.name === table.name)?.text ?? ''
    const actual = keyedOf(`curated.${table.name}`, table)
    const pieces = async (): Promise<Piece[]> => {
      const canBePaired = IN_ORDER.includes(table.name) && (await isPlainlyUnique(lane, actual))
      return (await slicesOf(lane, actual.relation, table)).map((slice) => {
        const sql = curatedQuery(table, text, slice)
        return canBePaired ? { sql, isSound: () => holdsSlice(lane, table, text, slice) } : { sql }
      })
    }
    return [await check(lane, contentOf(table.name), { sql: curatedQuery(table, text) }, { pieces })]
  })
}

/** True where a slice of a table is proved to hold what the table's SQL gives, in pairs. */
function holdsSlice(db: Database, table: CuratedTable, text: string, slice: string): Promise<boolean> {
  const expected = `(select * from (\n${text}\n) x where ${slice})`
  return areAlike(db, expected, `(select * from curated.${table.name} where ${slice})`, sameRow(table))
}

function contentOf(table: string): string {
  return `curated_content_${table}`
}

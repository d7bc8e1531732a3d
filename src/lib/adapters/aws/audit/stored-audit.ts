import { EtlError } from '../../../core/errors.js'
import { CURATED_TABLES, DIM_DATES } from '../../../core/model.js'
import { BUILD_QUERY, type Build, whyNotCurrent } from '../../../core/sql/build.js'
import { consistencyQuery } from '../../../core/sql/consistency.js'
import { curatedQuery } from '../../../core/sql/content.js'
import { counted, judgeRows } from '../../../core/verify/found.js'
import { LOG_QUERY, type LogRow } from '../../../core/verify/loads.js'
import { type CheckResult, skipped } from '../../../core/verify/verify.js'
import type { Clock } from '../../../ports/clock.js'
import type { StoredAudit } from '../../../ports/stored-audit.js'
import { MARK, movedError } from '../redshift/trips.js'
import type { RedshiftWarehouse } from '../redshift/warehouse.js'
import { type LakeAnswers, LakeAudit } from './lake-audit.js'
import type { LakePlace } from './lake-state.js'
import { checkStructure, readParts } from './structure.js'
import { auditViews } from './view-audit.js'

const CONSISTENT = 'warehouse_consistent'
const TRIES = 2

export interface AwsAuditOptions {
  open: (signal?: AbortSignal) => Promise<RedshiftWarehouse>
  /** Texts of the files of a folder under sql/, by name. */
  texts: (folder: 'curated' | 'presentation') => Promise<Readonly<Record<string, string>>>
  lake: () => Promise<LakePlace>
  clock: Clock
}

/**
 * Compares what is kept on AWS: the files of the lake with what the loads recorded, their rows with raw and quarantine,
 * curated with what its SQL gives over raw, the views with what theirs gives over curated. Rows are compared in Redshift, in one
 * transaction.
 */
export class AwsStoredAudit implements StoredAudit {
  constructor(private readonly options: AwsAuditOptions) {}

  async content(signal?: AbortSignal): Promise<CheckResult[]> {
    await using warehouse = await this.options.open(signal)
    const structure = checkStructure(await readParts(warehouse))
    try {
      return [structure, ...(await this.#rows(warehouse))]
    } catch (error) {
      if (structure.status === 'pass' || !(error instanceof EtlError) || error.code !== 'WAREHOUSE_STRUCTURE')
        throw error
      return [structure, skipped('content', 'ledger', `the tables are not as defined: ${error.message}`)]
    }
  }

  async views(signal?: AbortSignal): Promise<CheckResult> {
    await using warehouse = await this.options.open(signal)
    return await auditViews(warehouse, await this.options.texts('presentation'))
  }

  async #rows(warehouse: RedshiftWarehouse): Promise<CheckResult[]> {
    const queries = await this.#queries()
    const lake = new LakeAudit(await this.options.lake(), this.options.clock)
    const asked = { ...Object.fromEntries([...queries].map(([name, sql]) => [name, counted(sql)])), build: BUILD_QUERY }
    for (let left = TRIES; left > 0; left--) {
      const { log, mark } = await warehouse.read<{ log: LogRow; mark: Mark }>({ log: LOG_QUERY, mark: MARK })
      const answers = await lake.look(warehouse, log, { ...asked, mark: MARK })
      // The files that were copied are those of the log as it was before.
      if (answers.others['mark']?.[0]?.['load_seq'] === mark[0]?.load_seq) return judged(queries, answers)
    }
    throw movedError()
  }

  async #queries(): Promise<Map<string, string>> {
    const texts = await this.options.texts('curated')
    return new Map([
      [CONSISTENT, consistencyQuery()],
      ...[...CURATED_TABLES, DIM_DATES].map((table): [string, string] => [
        `curated_content_${table.name}`,
        curatedQuery(table, texts[table.name] ?? ''),
      ]),
    ])
  }
}

type Mark = { load_seq: string | null }

function judged(queries: ReadonlyMap<string, string>, { checks, others }: LakeAnswers): CheckResult[] {
  const why = whyNotCurrent(others['build']?.[0] as Build | undefined)
  const ours = [...queries].map(([name, sql]) =>
    why !== undefined && name !== CONSISTENT
      ? skipped(name, 'ledger', why)
      : judgeRows({ name, scope: 'ledger', sql }, others[name] ?? []),
  )
  const [consistent, ...curated] = ours as [CheckResult, ...CheckResult[]]
  return [consistent, ...checks, ...curated]
}

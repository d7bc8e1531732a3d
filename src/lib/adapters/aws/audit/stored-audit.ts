import { CURATED_TABLES, DIM_DATES } from '../../../core/model.js'
import { BUILD_QUERY, type Build, whyNotCurrent } from '../../../core/sql/build.js'
import { consistencyQuery } from '../../../core/sql/consistency.js'
import { curatedQuery } from '../../../core/sql/content.js'
import { type CheckResult, judge, type SampleRow, skipped } from '../../../core/verify/verify.js'
import type { StoredAudit } from '../../../ports/stored-audit.js'
import type { Row, Warehouse } from '../../../ports/warehouse.js'

const SAMPLE_ROWS = 5
const NOT_HERE = 'not compared for a target on AWS in this version'

/**
 * Compares what Redshift keeps: the warehouse with itself, and curated by value with what its SQL gives over raw. The lake,
 * the digests and the definitions of the views are not looked at, and each check of them says so.
 */
export class AwsStoredAudit implements StoredAudit {
  constructor(
    private readonly open: (signal?: AbortSignal) => Promise<Warehouse>,
    private readonly curated: () => Promise<Readonly<Record<string, string>>>,
  ) {}

  async content(signal?: AbortSignal): Promise<CheckResult[]> {
    const texts = await this.curated()
    const tables = [...CURATED_TABLES, DIM_DATES]
    const queries = new Map([
      ['warehouse_consistent', consistencyQuery()],
      ...tables.map((table): [string, string] => [
        `curated_content_${table.name}`,
        curatedQuery(table, texts[table.name] ?? ''),
      ]),
    ])
    await using warehouse = await this.open(signal)
    // Of one snapshot, so that no run comes between.
    const answers = (await warehouse.read({
      ...Object.fromEntries([...queries].map(([name, sql]) => [name, counted(sql)])),
      build: BUILD_QUERY,
    })) as Record<string, Row[]>
    const why = whyNotCurrent(answers['build']?.[0] as Build | undefined)
    return [
      skipped('lake_content', 'ledger', NOT_HERE),
      ...[...queries].map(([name, sql]) =>
        why !== undefined && name.startsWith('curated_content_')
          ? skipped(name, 'ledger', why)
          : judged(name, sql, answers[name] ?? []),
      ),
    ]
  }

  async views(): Promise<CheckResult> {
    return skipped('views_as_defined', 'views', NOT_HERE)
  }
}

function counted(sql: string): string {
  return `select *, count(*) over () as bad_rows from (\n${sql}\n) as bad limit ${SAMPLE_ROWS}`
}

function judged(name: string, sql: string, rows: readonly Row[]): CheckResult {
  const sample = rows.map(({ bad_rows: _, ...row }) => row as SampleRow)
  return judge({ name, scope: 'ledger', severity: 'error', sql }, Number(rows[0]?.['bad_rows'] ?? 0), sample)
}

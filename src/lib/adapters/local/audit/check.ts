import { EtlError } from '../../../core/errors.js'
import { counted, SAMPLE_ROWS } from '../../../core/verify/found.js'
import { type CheckResult, judge, type SampleRow, type Scope } from '../../../core/verify/verify.js'
import type { Database } from '../engine/database.js'

/**
 * A check of what is stored: what its query gives is bad.
 * @param pieces queries that give together what `sql` gives, for what does not fit in memory at once
 */
export async function check(
  db: Database,
  name: string,
  sql: string,
  { pieces, scope = 'ledger' }: { pieces?: () => Promise<readonly string[]>; scope?: Scope } = {},
): Promise<CheckResult> {
  return safely(name, scope, sql, async () => {
    let bad = 0
    const sample: SampleRow[] = []
    for (const piece of (await pieces?.()) ?? [sql]) {
      const rows = await db.all<SampleRow & { bad_rows: string }>(counted(piece))
      bad += Number(rows[0]?.bad_rows ?? 0)
      sample.push(...rows.slice(0, SAMPLE_ROWS - sample.length).map(({ bad_rows: _, ...row }) => row))
    }
    return judge({ name, scope, severity: 'error', sql }, bad, sample)
  })
}

/**
 * What somebody has damaged cannot always be looked at: a file that is no Parquet file of ours any more, a column that is
 * gone. That is a finding, and the other checks go on.
 */
export async function safely(
  name: string,
  scope: Scope,
  sql: string,
  look: () => Promise<CheckResult>,
): Promise<CheckResult> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof Error) || error instanceof EtlError || !DAMAGE.test(error.message)) throw error
    const problem = `cannot be looked at: ${error.message.split('\n')[0]}`
    return judge({ name, scope, severity: 'error', sql }, 1, [{ problem }])
  }
}

const DAMAGE = /parquet|binder error|catalog error|conversion error|snappy|thrift|invalid (input|unicode)|corrupt/i

import { EtlError } from '../../../core/errors.js'
import { counted, SAMPLE_ROWS } from '../../../core/verify/found.js'
import { type CheckResult, judge, type SampleRow, type Scope } from '../../../core/verify/verify.js'
import type { Database } from '../engine/database.js'

/** A query for bad rows. */
export interface Piece {
  sql: string
  /** True where it is proved in a quicker way that there are none; where it is false nothing is known. */
  isSound?: () => Promise<boolean>
}

/**
 * A check of what is stored.
 * @param whole what is told of it, too
 * @param pieces give together what the whole gives, for what does not fit in memory at once
 */
export async function check(
  db: Database,
  name: string,
  whole: Piece,
  { pieces, scope = 'ledger' }: { pieces?: () => Promise<readonly Piece[]>; scope?: Scope } = {},
): Promise<CheckResult> {
  const { sql } = whole
  return safely(name, scope, sql, async () => {
    const asked = { name, scope, severity: 'error', sql } as const
    if (await whole.isSound?.()) return judge(asked, 0, [])
    let bad = 0
    const sample: SampleRow[] = []
    for (const piece of (await pieces?.()) ?? [{ sql } satisfies Piece]) {
      if (await piece.isSound?.()) continue
      const rows = await db.all<SampleRow & { bad_rows: string }>(counted(piece.sql))
      bad += Number(rows[0]?.bad_rows ?? 0)
      sample.push(...rows.slice(0, SAMPLE_ROWS - sample.length).map(({ bad_rows: _, ...row }) => row))
    }
    return judge(asked, bad, sample)
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

import { SOURCE_TABLES } from '../../../core/model.js'
import { literal } from '../../../core/sql/names.js'
import { found } from '../../../core/verify/found.js'
import { type CheckResult, skipped } from '../../../core/verify/verify.js'
import type { Database } from '../engine/database.js'
import { digestQuery } from '../engine/digest.js'
import { safely } from './check.js'

/** Each raw table against the digest that its last load has kept: also where the lake is gone. */
export async function auditDigests(db: Database): Promise<CheckResult[]> {
  const rows = await db.all<{ table_name: string; digest: string | null; version: string }>(
    `select table_name, arg_max(digest, seq) as digest, version() as version from raw_data.load_log group by table_name`,
  )
  const checks: CheckResult[] = []
  for (const table of SOURCE_TABLES) {
    const kept = rows.find(({ table_name }) => table_name === table.name)
    if (!kept) continue
    const name = `raw_digest_${table.raw}`
    if (!kept.digest?.startsWith(`${kept.version} `)) {
      const why = kept.digest ? 'its digest is one of another version of the engine' : 'its load has kept no digest'
      checks.push(skipped(name, 'ledger', `${why}; the next load of the table keeps one`))
      continue
    }
    const sql = digestQuery(table)
    const { digest } = kept
    const look = async (): Promise<CheckResult> => {
      const [now] = await db.all<{ digest: string }>(`select (${sql}) as digest`)
      const bad = now?.digest === digest ? [] : [{ table: table.raw, problem: 'is not as its last load left it' }]
      return { ...found(name, '', bad), sql: `${sql}\n-- kept in raw_data.load_log: ${literal(digest)}` }
    }
    checks.push(await safely(name, 'ledger', sql, look))
  }
  return checks
}

import { SOURCE_TABLES, type SourceTable } from '../../../core/model.js'
import { lakeContentQuery } from '../../../core/sql/lake-content.js'
import { quarantineContentQuery, type RejectRows, unseenRejectsQuery } from '../../../core/sql/quarantine-content.js'
import { found } from '../../../core/verify/found.js'
import { checkLoadLog } from '../../../core/verify/load-log.js'
import { type Load, sinceRebuild } from '../../../core/verify/loads.js'
import { type CheckResult, type SampleRow, skipped } from '../../../core/verify/verify.js'
import { type Copy, copiedRejects, copiedRows, REJECTS } from './lake-copy.js'
import { filesFound } from './lake-files.js'
import type { LakeState } from './lake-state.js'

/** A comparison that the warehouse makes, once the files that it needs are copied. */
export interface Question {
  name: string
  sql: string
  /** Name of the copy that it reads. */
  of: string
  /** Counts rows that nothing is known of; where there are some, it was not checked. */
  unseen?: string
  why: string
}

/** What is known of the lake, and what is to be asked. */
export interface LakePlan {
  checks: CheckResult[]
  copies: Copy[]
  questions: Question[]
}

export interface LakePlanOptions {
  /** The bucket need not keep the files of a load any more. */
  isPast: (load: Load) => boolean
  retentionDays: number
}

/** What the manifests and the listing of the bucket say, and what is left for the warehouse to compare. */
export function lakePlan({ loads, folders }: LakeState, options: LakePlanOptions): LakePlan {
  const plan: LakePlan = { checks: [checkLoadLog(loads)], copies: [], questions: [] }
  const rejects = { name: REJECTS, files: [] as Copy['files'][number][] }
  for (const table of SOURCE_TABLES) {
    planRows(plan, table, sinceRebuild(loads, table), folders, options)
    const question = quarantineQuestion(table, loads, folders, options)
    rejects.files.push(...question.files)
    plan.questions.push(question)
  }
  plan.copies.push(rejects)
  return plan
}

/** The files of a table since its last rebuild, and its rows beside raw. */
function planRows(
  plan: LakePlan,
  table: SourceTable,
  loads: readonly Load[],
  folders: LakeState['folders'],
  { isPast, retentionDays }: LakePlanOptions,
): void {
  const manifests = loads.flatMap(manifestProblems)
  const { damaged, expired } = filesFound(loads, table, ['files', 'rejected_files'], folders, isPast)
  const what = 'size and ETag of each file in the lake against its manifest'
  const files = found(`lake_files_${table.raw}`, what, [...manifests, ...damaged])
  const past = expired.length === 0 ? undefined : pastText(expired, retentionDays)
  plan.checks.push(files.status === 'pass' && past ? skipped(files.name, 'ledger', past) : files)
  const name = `lake_content_${table.raw}`
  const { whole } = filesFound(loads, table, ['files'], folders, isPast)
  if (files.status === 'fail')
    plan.checks.push(skipped(name, 'ledger', `files of the lake are not as they were written (${files.name})`))
  else if (past) plan.checks.push(skipped(name, 'ledger', past))
  else if (loads.length > 0) {
    plan.copies.push({ name: table.name, files: whole })
    plan.questions.push({ name, sql: lakeContentQuery(table, copiedRows(table, loads)), of: table.name, why: '' })
  }
}

/** The quarantine of a table beside the rejects of all loads whose files are there. */
function quarantineQuestion(
  table: SourceTable,
  loads: readonly Load[],
  folders: LakeState['folders'],
  { isPast, retentionDays }: LakePlanOptions,
): Question & Pick<Copy, 'files'> {
  const isLost = (load: Load): boolean => {
    if (!load.manifest || load.changed) return true
    const { damaged, expired } = filesFound([load], table, ['rejected_files'], folders, isPast)
    return expired.length > 0 || damaged.some(({ problem }) => problem !== 'is not in the manifest')
  }
  const last = loads.findLastIndex(isLost)
  const newest = last < 0 ? 0 : Number(loads[last]?.rows[0]?.seq ?? 0)
  const known = loads.slice(last + 1)
  const rows: RejectRows = {
    rows: copiedRejects(table),
    // A run that has not loaded is known: there is no such run.
    isKnown: (_, rank) => (last < 0 ? '1 = 1' : `(${rank} > ${newest} or ${rank} < 0)`),
  }
  return {
    name: `quarantine_content_${table.raw}`,
    sql: quarantineContentQuery(table.name, rows),
    of: REJECTS,
    ...(last < 0 ? {} : { unseen: unseenRejectsQuery(table.name, rows) }),
    why: `bad rows are open since a load until ${loads[last]?.runId}, whose files are gone (data/ is kept for ${retentionDays} days): rental-etl run --full-refresh writes them again`,
    files: filesFound(known, table, ['rejected_files'], folders, isPast).whole,
  }
}

function pastText(expired: readonly Load[], days: number): string {
  const { runId } = expired.at(-1) as Load
  return `files of ${expired.length} loads, the newest of them ${runId}, are older than the ${days} days for which the bucket keeps data/: rental-etl run --full-refresh writes all rows again`
}

function manifestProblems({ runId, manifest, changed }: Load): SampleRow[] {
  if (manifest && !changed) return []
  const problem = manifest ? 'is not as it was loaded' : 'is gone, or no manifest'
  return [{ file: `runs/${runId}/manifest.json`, run_id: runId, problem }]
}

import { randomUUID } from 'node:crypto'
import { EtlError } from '../../../core/errors.js'
import { SOURCE_TABLES } from '../../../core/model.js'
import { counted, judgeRows } from '../../../core/verify/found.js'
import type { Load, LogRow } from '../../../core/verify/loads.js'
import { type CheckResult, judge, skipped } from '../../../core/verify/verify.js'
import type { Clock } from '../../../ports/clock.js'
import type { Row } from '../../../ports/warehouse.js'
import { ownSqlError, SetUpFailed } from '../redshift/errors.js'
import type { RedshiftWarehouse } from '../redshift/warehouse.js'
import { missingRight, missingS3Right } from './copy-rights.js'
import { type Copy, copyList, copyStatements, copyTable } from './lake-copy.js'
import { type LakePlan, lakePlan, type Question } from './lake-plan.js'
import { type LakePlace, readLake } from './lake-state.js'

const DAY_MS = 86_400_000
/** A file is older than the load of it, by as long as its run was going on, or waited to be resumed. */
const SLACK_DAYS = 2
/** What a COPY says of files that are not of the table's form. */
const OF_FILES = /spectrum scan|parquet|incompatible|unmatched|too long|cannot insert a null|manifest/i
/** Lists of files for COPY; the bucket removes them after some days. */
const LISTS = 'glue/temp/verify'

/** Rows of other queries by name, of the snapshot on which the lake was compared. */
export interface LakeAnswers {
  checks: CheckResult[]
  others: Record<string, Row[]>
}

/** Compares the lake with the warehouse, within the warehouse. */
export class LakeAudit {
  constructor(
    private readonly place: LakePlace,
    private readonly clock: Clock,
  ) {}

  /**
   * @param log all of the load log
   * @param others queries that are asked of the same snapshot
   */
  async look(
    warehouse: RedshiftWarehouse,
    log: readonly LogRow[],
    others: Readonly<Record<string, string>>,
  ): Promise<LakeAnswers> {
    const { files, retentionDays } = this.place
    let plan: LakePlan
    const lists = new Map<string, string>()
    try {
      plan = lakePlan(await readLake(files, log), { isPast: (load) => this.#isPast(load), retentionDays })
      for (const copy of plan.copies) lists.set(copy.name, await this.#list(copy))
    } catch (error) {
      if (!(error instanceof EtlError) || error.code !== 'ACCESS') throw error
      return { checks: notLooked(missingS3Right(error, this.place)), others: await warehouse.read(others) }
    }
    return this.#ask(warehouse, plan, lists, others)
  }

  /** Asks all of it in one transaction; what cannot be copied is left out, and told. */
  async #ask(
    warehouse: RedshiftWarehouse,
    { checks, copies, questions }: LakePlan,
    lists: ReadonlyMap<string, string>,
    others: Readonly<Record<string, string>>,
  ): Promise<LakeAnswers> {
    const told: CheckResult[] = []
    for (let left = { copies, questions }; ; ) {
      const steps = left.copies.map((copy) => ({
        copy,
        sqls: copyStatements(copy, lists.get(copy.name) ?? '', this.place.copyRole),
      }))
      try {
        const answers = await warehouse.readBehind<Record<string, Row>>(
          steps.flatMap(({ sqls }) => sqls),
          { ...others, ...Object.fromEntries(left.questions.flatMap(queriesOf)) },
        )
        return { checks: [...checks, ...told, ...left.questions.map((one) => judged(one, answers))], others: answers }
      } catch (error) {
        if (!(error instanceof SetUpFailed)) throw error
        const right = missingRight(error, this.place, warehouse.place.database)
        // What the surroundings did to it says nothing of the files.
        if (right === undefined && !OF_FILES.test(error.message)) throw ownSqlError(error.failed, error.user)
        const failed = steps.flatMap(({ copy, sqls }) => sqls.map(() => copy))[error.at]
        const gone = (of: string): boolean => right !== undefined || of === failed?.name
        const out = left.questions.filter(({ of }) => gone(of))
        told.push(...out.map((one) => (right ? skipped(one.name, 'ledger', right) : unreadable(one, error))))
        left = {
          copies: left.copies.filter(({ name }) => !gone(name)),
          questions: left.questions.filter(({ of }) => !gone(of)),
        }
      }
    }
  }

  async #list({ name, files }: Copy): Promise<string> {
    if (files.length === 0) return ''
    const { files: bucket } = this.place
    const key = `${LISTS}/${randomUUID()}/${name}.manifest`
    await bucket.write(key, copyList(files, bucket.bucket))
    return `s3://${bucket.bucket}/${key}`
  }

  #isPast({ rows }: Load): boolean {
    const kept = (this.place.retentionDays - SLACK_DAYS) * DAY_MS
    return this.clock.now().getTime() - Date.parse(String(rows[0]?.loaded_at)) > kept
  }
}

function queriesOf({ name, sql, unseen }: Question): [string, string][] {
  return [[name, counted(sql)], ...(unseen === undefined ? [] : [[unseenName(name), unseen] as [string, string]])]
}

function unseenName(name: string): string {
  return `${name}: unseen`
}

/** The query as it is told: the table that it reads is gone with the transaction. */
function toldSql({ of, sql }: Question): string {
  return `-- ${copyTable(of)}: a temporary table, into which the files of the lake were copied\n${sql}`
}

function judged(question: Question, answers: Readonly<Record<string, Row[]>>): CheckResult {
  const { name, unseen, why } = question
  const check = judgeRows({ name, scope: 'ledger', sql: toldSql(question) }, answers[name] ?? [])
  const open = unseen === undefined ? 0 : Number(answers[unseenName(name)]?.[0]?.['n'] ?? 0)
  return open > 0 && check.status === 'pass' ? skipped(name, 'ledger', why) : check
}

/** Files that are as they were written, and are yet not of the tables' form. */
function unreadable(question: Question, error: SetUpFailed): CheckResult {
  const problem = `cannot be looked at: ${error.message.split('\n')[0]}`
  return judge({ name: question.name, scope: 'ledger', severity: 'error', sql: toldSql(question) }, 1, [{ problem }])
}

function notLooked(why: string): CheckResult[] {
  const names = SOURCE_TABLES.flatMap(({ raw }) =>
    ['lake_files', 'lake_content', 'quarantine_content'].map((name) => `${name}_${raw}`),
  )
  return ['load_log_as_loaded', ...names].map((name) => skipped(name, 'ledger', why))
}

import { mkdir } from 'node:fs/promises'
import type { SourceTable } from '../../../core/model.js'
import type { WorstRule } from '../../../core/run/guards.js'
import type { Counts } from '../../../core/run/run.js'
import { columnNames, REJECT_COLUMNS } from '../../../core/sql/ddl.js'
import { literal } from '../../../core/sql/names.js'
import { whyQuarantined } from '../../../core/words/bad-value.js'
import type { Misfits } from '../../source/source.js'
import type { Database } from '../engine/database.js'
import { jsonLines } from '../engine/readers.js'
import { type TextRelation, typedSelect } from '../engine/typing.js'
import { WAREHOUSE } from './extract-state.js'
import type { WrittenFile } from './manifest-file.js'
import { writeParquet } from './parquet.js'

/** Rejected rows of one table: those that are new are written, those that the source no longer has are tombstones. */
export interface RejectExtract {
  /** Bad rows of the source as they are now. */
  found: number
  added: number
  addedByRule: Counts
  cleared: number
  files: WrittenFile[]
  /** What most of those found broke. */
  worst: WorstRule | undefined
}

/**
 * Compares the source's bad rows with the open quarantine, as multisets: the n-th of several equal rows has occurrence n.
 * @param beyond with `--reconcile never` the condition for a row to be looked at; nothing is cleared then
 */
export async function extractRejects(
  db: Database,
  table: SourceTable,
  source: TextRelation,
  options: {
    misfits: Misfits | undefined
    /** A relation with the rejected rows that the extract has kept; `undefined`: they are read from the source. */
    bad: string | undefined
    /** There are any. */
    typedBad: boolean
    attached: boolean
    beyond: string | undefined
    /** The table is rebuilt: all rejects are told again, and those that are open already keep their id and first run. */
    rebuilt: boolean
    /** What a mapping makes of columns. */
    made: Readonly<Record<string, string>> | undefined
    folder: string
  },
): Promise<RejectExtract> {
  const parts: string[] = []
  if (options.typedBad) parts.push(`select rule, key_text, row_text from ${options.bad ?? badRows(table, source)}`)
  if (options.misfits && options.misfits.count > 0 && !options.beyond) {
    parts.push(`select 'bad_row:fields' as rule, ${misfitKey(table, options.misfits.header ?? source.header)} as key_text, cast(to_json(fields) as varchar) as row_text
      from ${jsonLines(options.misfits.path, { columns: { fields: 'varchar[]' }, longest: options.misfits.longest })}`)
  }
  const open = options.attached
    ? `(select rule, key_text, row_text, occurrence from ${WAREHOUSE}.raw_data.quarantine where table_name = ${literal(table.name)} and cleared_run_id is null)`
    : `(select '' as rule, '' as key_text, '' as row_text, 0 as occurrence where false)`
  if (parts.length === 0 && (await db.count(`select count(*) from ${open}`)) === 0) {
    return { found: 0, added: 0, addedByRule: {}, cleared: 0, files: [], worst: undefined }
  }
  const rejects = `create or replace temp table rejects as select rule, key_text, row_text,
    row_number() over (partition by rule, key_text, row_text) as occurrence from (${parts.length > 0 ? parts.join(' union all ') : 'select null as rule, null as key_text, null as row_text where false'})`
  await db.run(rejects)
  const same = 'a.rule = b.rule and a.key_text = b.key_text and a.row_text = b.row_text and a.occurrence = b.occurrence'
  const changes = `select a.*, false as "_deleted" from rejects a${options.rebuilt ? '' : ` anti join ${open} b on ${same}`}${
    options.beyond ? '' : ` union all select a.*, true as "_deleted" from ${open} a anti join rejects b on ${same}`
  }`
  await db.run(`create or replace temp table reject_changes as ${changes}`)
  const rules = await db.all<{ rule: string; n: string }>(
    'select rule, count(*) as n from reject_changes where not "_deleted" group by rule order by rule',
  )
  const cleared = await db.count('select count(*) from reject_changes where "_deleted"')
  const addedByRule = Object.fromEntries(rules.map(({ rule, n }) => [rule, Number(n)]))
  const added = Object.values(addedByRule).reduce((sum, n) => sum + n, 0)
  const files: WrittenFile[] = []
  if (added + cleared > 0) {
    await mkdir(options.folder, { recursive: true })
    const file = `${options.folder}/part-0.parquet`
    await writeParquet(
      db,
      `select ${columnNames(REJECT_COLUMNS)} from reject_changes order by rule, key_text, row_text, occurrence`,
      file,
    )
    files.push({ path: file, rows: added + cleared })
  }
  const found = await db.count('select count(*) from rejects')
  return { found, added, addedByRule, cleared, files, worst: await worstRule(db, table, 'rejects', options.made) }
}

/**
 * The rule that most rows of a relation of rejects broke, by one of them.
 * @param made what a mapping makes of the table's columns
 */
export async function worstRule(
  db: Database,
  table: SourceTable,
  rejects: string,
  made: Readonly<Record<string, string>> = {},
): Promise<WorstRule | undefined> {
  const [worst] = await db.all<{ rule: string; n: string; text: string }>(
    `select rule, count(*) as n, min(row_text) as text from ${rejects} group by rule order by count(*) desc, rule limit 1`,
  )
  if (!worst) return undefined
  const { rule, n, text } = worst
  return {
    rule,
    rows: Number(n),
    why: whyQuarantined(table.name, rule, JSON.parse(text) as Record<string, string>),
    expression: made[rule.split(':')[1] ?? ''],
  }
}

/** The rejected rows of a source, as a relation. */
function badRows(table: SourceTable, source: TextRelation): string {
  const typed = typedSelect(table, source)
  return `(select "_rule" as rule, ${typed.keyText} as key_text, ${typed.rowText} as row_text from (${typed.sql}) where "_rule" is not null)`
}

/** The key's texts of a row that does not fit the header, as far as it has them. */
function misfitKey(table: SourceTable, header: readonly string[]): string {
  return table.key.map((name) => `coalesce(fields[${header.indexOf(name) + 1}], '')`).join(` || ' | ' || `)
}

import { stat } from 'node:fs/promises'
import { CURATED_TABLES, type CuratedTable } from '../../../core/model.js'
import type { RunRequest } from '../../../core/run/request.js'
import { emptyFlow, type TableFlow } from '../../../core/run/run.js'
import { BUILD, CHANGED_KEYS, columnNames } from '../../../core/sql/ddl.js'
import { ident, literal, sameKey } from '../../../core/sql/names.js'
import { CHANGED_BY_TABLE, curatedStatements, incrementalText, viewStatement } from '../../../core/sql/statements.js'
import { readSqlFiles, type SqlFile } from '../../files/sql-files.js'
import type { Database } from '../engine/database.js'
import { memoryLimit } from '../engine/memory.js'
import { exists } from '../home/files.js'
import { homePaths } from '../home/paths.js'
import { leaveAsWritten, publishChange } from '../warehouse/working-copy.js'
import type { JobContext } from '../workflow/job.js'
import { rawSeq } from './extract-state.js'

/** Job `redshift_raw_to_curated`: brings curated and the views up to raw and to the as-of date, in one transaction. */
export async function curatedLayer(
  request: RunRequest,
  settings: { home: string },
  context: JobContext,
): Promise<void> {
  const paths = homePaths(settings.home)
  const [tables, views, ledger] = await Promise.all([
    readSqlFiles('curated'),
    readSqlFiles('presentation'),
    readSqlFiles('ledger'),
  ])
  const size = (await exists(paths.warehouse)) ? (await stat(paths.warehouse)).size : 0
  const options = { spillTo: `${paths.work}/spill`, memoryLimit: memoryLimit(size), signal: context.signal }
  const flows = await publishChange(paths, options, async (db) => {
    const seq = await rawSeq(db)
    const full = request.rebuild_curated || (await mustRebuild(db))
    if (full || !(await anyChanged(db))) await leaveAsWritten(db)
    await db.run('delete from curated.build')
    await db.run(
      `insert into curated.build (${columnNames(BUILD)}) select ${literal(request.run_id)}, cast(${literal(request.as_of)} as date), ${seq}`,
    )
    const done: TableFlow[] = []
    for (const table of CURATED_TABLES) {
      context.emit({
        type: 'table_progress',
        layer: 'curated',
        table: table.name,
        rows: 0,
        step: full ? 'rebuilding' : 'updating',
      })
      done.push(await applyTable(db, table, sql(tables, table.name), sql(ledger, table.name), full))
    }
    for (const statement of curatedStatements('dim_dates', sql(tables, 'dim_dates'), 'full')) await db.run(statement)
    for (const name of Object.keys(CHANGED_KEYS)) await db.run(`delete from curated.${name}`)
    for (const view of views) await db.run(viewStatement(view.name, view.text))
    return done
  })
  for (const flow of flows) context.emit({ type: 'table_done', layer: 'curated', flow })
}

async function anyChanged(db: Database): Promise<boolean> {
  const counts = Object.keys(CHANGED_KEYS).map((name) => `(select count(*) from curated.${name})`)
  return (await db.count(`select ${counts.join(' + ')}`)) > 0
}

/** True when curated was never built, or a load since then rebuilt a table of raw. */
async function mustRebuild(db: Database): Promise<boolean> {
  const [build] = await db.all<{ raw_seq: string | null }>('select raw_seq from curated.build')
  if (!build) return true
  return (
    (await db.count(
      `select count(*) from raw_data.load_log where seq > ${Number(build.raw_seq ?? 0)} and full_refresh`,
    )) > 0
  )
}

/** Replaces a table's rows, all or those of changed keys, and counts them on both sides. */
async function applyTable(
  db: Database,
  table: CuratedTable,
  text: string,
  ledger: string,
  full: boolean,
): Promise<TableFlow> {
  const flow = emptyFlow(table.name)
  const target = `curated.${table.name}`
  const changed = `(select distinct * from curated.${CHANGED_BY_TABLE[table.name]})`
  const inScope = full ? '' : ` where exists (select 1 from ${changed} c where ${sameKey(table.key, 'c', 't')})`
  const touched = full || (await db.count(`select count(*) from curated.${CHANGED_BY_TABLE[table.name]}`)) > 0
  if (!touched) return flow
  await db.run(
    `create or replace temp table old_rows as select ${columnNames(table.columns)} from ${target} t${inScope}`,
  )
  for (const statement of curatedStatements(table.name, text, full ? 'full' : 'incremental')) await db.run(statement)
  flow.rows_out = await db.count(`select count(*) from ${target} t${inScope}`)
  const before = await db.count('select count(*) from old_rows')
  const [kept] = before === 0 ? [] : await db.all<{ kept: string; unchanged: string }>(keptQuery(table))
  flow.unchanged = Number(kept?.unchanged ?? 0)
  flow.updated = Number(kept?.kept ?? 0) - flow.unchanged
  flow.deleted = before - flow.updated - flow.unchanged
  flow.inserted = flow.rows_out - flow.updated - flow.unchanged
  await db.run('drop table old_rows')
  const rows = await db.all<{ rule: string; n: string }>(full ? ledger : incrementalText(ledger))
  for (const { rule, n } of rows) {
    if (rule === 'rows_in') flow.rows_in = Number(n)
    else if (!rule.startsWith('beside:') && Number(n) > 0) flow.filtered[rule] = Number(n)
  }
  flow.unexplained = flow.rows_in - flow.rows_out - Object.values(flow.filtered).reduce((sum, n) => sum + n, 0)
  return flow
}

/** How many of the rows before are there by their key, and how many of these with the same cells. */
function keptQuery(table: CuratedTable): string {
  const others = table.columns.filter(({ name }) => !table.key.includes(name)).map(({ name }) => ident(name))
  const same = others.map((name) => `o.${name} is not distinct from n.${name}`).join(' and ')
  return `select count(*) as kept, count(*) filter (where ${same}) as unchanged
    from old_rows o join curated.${table.name} n on ${sameKey(table.key, 'o', 'n')}`
}

function sql(files: readonly SqlFile[], name: string): string {
  const file = files.find((candidate) => candidate.name === name)
  if (!file) throw new Error(`sql file of ${name} is missing`)
  return file.text
}

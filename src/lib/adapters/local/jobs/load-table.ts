import type { SourceTable } from '../../../core/model.js'
import type { Manifest, ManifestTable } from '../../../core/run/manifest.js'
import { emptyFlow, type TableFlow } from '../../../core/run/run.js'
import { applyStatements, rawColumns, survivors } from '../../../core/sql/load.js'
import { literal, sameKey } from '../../../core/sql/names.js'
import type { Database } from '../engine/database.js'
import type { HomePaths } from '../home/paths.js'
import { winnerOrder } from './extract-table.js'

/** Loads one table's part of a manifest inside the open transaction, and counts each row on both sides. */
export async function loadTable(
  db: Database,
  table: SourceTable,
  entry: ManifestTable,
  manifest: Manifest,
  paths: HomePaths,
  load: { runId: string; seq: number },
): Promise<TableFlow> {
  const flow = emptyFlow(table.raw)
  const raw = `raw_data.${table.raw}`
  const files = entry.files.map((file) => literal(`${paths.home}/${file.path}`))
  const lake = files.length > 0 ? `read_parquet([${files.join(', ')}])` : undefined
  const rows = lake ? await db.count(`select count(*) from ${lake} where not _deleted`) : 0
  const survive = lake && survivors(table, lake, winnerOrder(table, '', '_position'), { ...load, copies: entry.copies })
  if (entry.full) {
    const before = await db.count(`select count(*) from ${raw}`)
    if (before > 0) {
      flow.deleted = lake
        ? await db.count(`select count(*) from ${raw} anti join ${lake} l on ${sameKey(table.key, raw, 'l')}`)
        : before
      await db.run(`delete from ${raw}`)
    }
    if (survive) flow.inserted = await db.run(`insert into ${raw} (${rawColumns(table)}) ${survive}`)
  } else if (lake && survive) {
    await db.run(`create or replace temp table staged as select *, false as _deleted from (${survive})
      union all by name select * exclude (_position), 0 as _position from ${lake} where _deleted`)
    Object.assign(flow, await effect(db, table, raw))
    for (const statement of applyStatements(table, 'staged')) await db.run(statement)
  }
  flow.rows_out = flow.inserted + flow.updated + flow.unchanged
  const survived = `(select * from ${raw} where _load_seq = ${load.seq})`
  flow.superseded =
    lake && entry.copies
      ? entry.full
        ? await db.count(`select sum(_superseded) from ${survived}`)
        : await db.count('select sum(_superseded) from staged where not _deleted')
      : 0
  flow.nullified = await nullifiedBy(
    db,
    entry.full ? survived : lake ? '(select * from staged where not _deleted)' : undefined,
  )
  flow.quarantined = await loadRejects(db, entry, manifest, paths, load)
  const quarantined = Object.values(flow.quarantined).reduce((sum, n) => sum + n, 0)
  flow.rows_in = rows + entry.rejected
  flow.unexplained = flow.rows_in - flow.rows_out - flow.superseded - quarantined
  return flow
}

/** What the staged rows will do to raw, counted before they do it. */
async function effect(db: Database, table: SourceTable, raw: string): Promise<Partial<TableFlow>> {
  const [row] = await db.all<Record<string, string | null>>(`select
      count(*) filter (where not s._deleted and r._row_hash is null) as inserted,
      count(*) filter (where not s._deleted and r._row_hash <> s._row_hash) as updated,
      count(*) filter (where not s._deleted and r._row_hash = s._row_hash) as unchanged,
      count(*) filter (where s._deleted and r._row_hash is not null) as deleted
    from staged s left join ${raw} r on ${sameKey(table.key, 's', 'r')}`)
  return Object.fromEntries(Object.entries(row ?? {}).map(([name, n]) => [name, Number(n ?? 0)]))
}

async function nullifiedBy(db: Database, relation: string | undefined): Promise<Record<string, number>> {
  if (!relation) return {}
  const rows = await db.all<{ name: string; n: string }>(
    `select name, count(*) as n from (select unnest(string_split(_nullified, ',')) as name from ${relation} where _nullified is not null) group by name order by name`,
  )
  return Object.fromEntries(rows.map(({ name, n }) => [name, Number(n)]))
}

/** Closes cleared rejects and opens new ones; a reject that is still there keeps its id and first run. */
async function loadRejects(
  db: Database,
  entry: ManifestTable,
  manifest: Manifest,
  paths: HomePaths,
  load: { runId: string },
): Promise<Record<string, number>> {
  if (entry.rejected_files.length === 0) return {}
  const files = entry.rejected_files.map((file) => literal(`${paths.home}/${file.path}`))
  const rejects = `read_parquet([${files.join(', ')}])`
  const same = 'q.rule = r.rule and q.key_text = r.key_text and q.row_text = r.row_text and q.occurrence = r.occurrence'
  const open = `q.table_name = ${literal(entry.table)} and q.cleared_run_id is null`
  await db.run(
    `update raw_data.quarantine q set cleared_run_id = ${literal(load.runId)} from ${rejects} r where r._deleted and ${same} and ${open}`,
  )
  // Loading a manifest once more opens nothing twice.
  await db.run(`create or replace temp table new_rejects as select r.* from ${rejects} r where not r._deleted
    and not exists (select 1 from raw_data.quarantine q where ${same} and ${open})`)
  await db.run(`insert into raw_data.quarantine select (select coalesce(max(id), 0) from raw_data.quarantine) + row_number() over (order by rule, key_text, row_text, occurrence),
    ${literal(entry.table)}, rule, key_text, row_text, occurrence, ${literal(manifest.run_id)}, null from new_rejects`)
  await db.run('drop table new_rejects')
  const rules = await db.all<{ rule: string; n: string }>(
    `select rule, count(*) as n from ${rejects} r where not _deleted and exists (select 1 from raw_data.quarantine q where ${same} and ${open}) group by rule order by rule`,
  )
  return Object.fromEntries(rules.map(({ rule, n }) => [rule, Number(n)]))
}

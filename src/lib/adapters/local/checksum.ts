import type { SourceTable } from '../../core/model.js'
import { runStart } from '../../core/run/run-id.js'
import { readFrom } from '../../core/sql/beyond.js'
import { columnNames } from '../../core/sql/ddl.js'
import { ident, identList, literal, sameKey } from '../../core/sql/names.js'
import { SAMPLE_ROWS } from '../../core/verify/found.js'
import { contentChecks } from '../../core/verify/source-checks.js'
import type { CheckResult, SampleRow } from '../../core/verify/verify.js'
import type { ComparedExtract } from './compared-extract.js'
import type { Database } from './engine/database.js'
import { rawTable, WAREHOUSE } from './jobs/extract-state.js'

/** What the last load of a table knew of its source. */
interface LastLoad {
  /** Where its bookmark stands; undefined where raw was empty. */
  position: string | undefined
  /** Before its snapshot; `YYYY-MM-DD HH:MM:SS` in UTC. */
  started: string
}

/**
 * What differs between a source and raw, from an extract that compared them: rows of which the source itself says that
 * they came or changed after the last run are told apart, since on a live source there always are some.
 */
export async function checksum(extract: ComparedExtract, table: SourceTable): Promise<CheckResult[]> {
  const { db } = extract
  const last = await lastLoad(db, table)
  await stageDifferences(db, table, await extract.rows(table), last)
  const bad = await rejects(db, await extract.rejected(table))
  const [counts] = await db.all<{ moved: string; other: string }>(
    `select count(*) filter (where moved) as moved, count(*) filter (where not moved) as other from differences`,
  )
  const sample = [...(await cells(db, table, 'not moved')), ...bad.sample].slice(0, SAMPLE_ROWS)
  return contentChecks(table.name, `the live source of ${table.name}, typed, against raw by value`, last?.started, {
    ...{ bad: Number(counts?.other ?? 0) + bad.count, sample },
    ...{ moved: Number(counts?.moved ?? 0), movedSample: await cells(db, table, 'moved') },
  })
}

/** Makes the temp table `differences`: rows of the source (`_deleted`: of raw) that differ, and whether they moved. */
async function stageDifferences(
  db: Database,
  table: SourceTable,
  rows: string | undefined,
  last: LastLoad | undefined,
): Promise<void> {
  const columns = columnNames(table.columns)
  if (rows === undefined) {
    const none = table.columns.map(({ name, type }) => `cast(null as ${type}) as ${ident(name)}`)
    await db.run(`create or replace temp table differences as
      select ${none.join(', ')}, false as _deleted, false as _there, false as moved where false`)
    return
  }
  const raw = rawTable(table)
  const first = ident(table.key[0] as string)
  const came = last?.position === undefined ? 'true' : readFrom(table, last.position, 's.')
  const latest = table.latestBy && ident(table.latestBy)
  const changed = latest
    ? `coalesce(s.${latest} > timestamp ${literal(last?.started ?? '')} and s.${latest} is distinct from r.${latest}, false)`
    : 'false'
  await db.run(`create or replace temp table differences as
    select ${identList(
      table.columns.map(({ name }) => name),
      's.',
    )}, s._deleted, r.${first} is not null as _there,
      case when s._deleted then false when r.${first} is null then ${came} else ${last ? changed : 'false'} end as moved
    from (select ${columns}, _deleted from ${rows}) s left join ${raw} r on ${sameKey(table.key, 's', 'r')}`)
}

/** The first differences, cell by cell, by key. */
async function cells(db: Database, table: SourceTable, which: 'moved' | 'not moved'): Promise<SampleRow[]> {
  const values = table.columns.filter(({ name }) => !table.key.includes(name))
  const key = identList(table.key, 'd.')
  const text = (value: string): string => `cast(${value} as varchar)`
  const whole = `select ${key}, -1 as place, null as "column", null as in_source, null as in_raw,
      case when d._deleted then 'gone from the source' else 'in the source, but not in raw' end as problem
    from chosen d where d._deleted or not d._there`
  const parts = values.map(({ name }, place) => {
    const [source, raw] = [`d.${ident(name)}`, `r.${ident(name)}`]
    return `select ${key}, ${place}, ${literal(name)}, ${text(source)}, ${text(raw)}, 'differs'
      from chosen d join ${rawTable(table)} r on ${sameKey(table.key, 'd', 'r')}
      where not d._deleted and ${source} is distinct from ${raw}`
  })
  // Copies of a key may be as raw has them, and only their number not.
  const copies = `select ${key}, 999, null, null, null, 'more or fewer copies than raw counts' from chosen d
    where d._there and not d._deleted and not exists (select 1 from shown w where ${sameKey(table.key, 'w', 'd')})`
  const rows = await db.all<SampleRow>(`with chosen as (
      select * from differences where ${which} order by ${identList(table.key)} limit ${SAMPLE_ROWS * 4}),
    shown as (${[whole, ...parts].join(' union all ')})
    select ${table.key.map((name) => `${text(ident(name))} as ${ident(name)}`).join(', ')}, "column", in_source, in_raw, problem
    from (select * from shown union all ${copies}) d order by ${key}, place limit ${SAMPLE_ROWS}`)
  return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as SampleRow)
}

/** Bad rows of the source that are not in the open quarantine, and the other way round. */
async function rejects(db: Database, rows: string | undefined): Promise<{ count: number; sample: SampleRow[] }> {
  if (rows === undefined) return { count: 0, sample: [] }
  const sample = await db.all<SampleRow>(
    `select key_text, rule, case when _deleted then 'no longer bad in the source' else 'bad in the source' end as problem
      from ${rows} order by 1, 2, 3 limit ${SAMPLE_ROWS}`,
  )
  return { count: await db.count(`select count(*) from ${rows}`), sample }
}

async function lastLoad(db: Database, table: SourceTable): Promise<LastLoad | undefined> {
  const [row] = await db.all<{ run_id: string; bookmark: string | null; loaded_at: string }>(
    `select run_id, bookmark, strftime(loaded_at, '%Y-%m-%d %H:%M:%S') as loaded_at from ${WAREHOUSE}.raw_data.load_log
      where table_name = ${literal(table.name)} order by seq desc limit 1`,
  )
  return row && { position: row.bookmark ?? undefined, started: runStart(row.run_id) ?? row.loaded_at }
}

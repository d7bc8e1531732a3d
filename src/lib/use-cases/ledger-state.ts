import { SOURCE_TABLES } from '../core/model.js'
import type { Counts } from '../core/run/run.js'
import { type Build, whyNotCurrent } from '../core/sql/build.js'
import { literal } from '../core/sql/names.js'
import { type CheckResult, judge, type LedgerLine, ledgerLine, skipped } from '../core/verify/verify.js'
import type { Warehouse } from '../ports/warehouse.js'

/** The SQL that counts a curated table's rows in and left out, by table (sql/ledger). */
export type LedgerSql = Record<string, string>

/** The ledger over everything, as a state (semantics.md §3), and what is counted beside it. */
export async function ledgerState(
  warehouse: Warehouse,
  sql: LedgerSql,
  build: Build | undefined,
): Promise<{ ledger: LedgerLine[]; checks: CheckResult[] }> {
  const source = await sourceRows(warehouse)
  const lines = SOURCE_TABLES.map(({ name }) => {
    const rows = source[name] ?? 0
    return ledgerLine('source_to_lake', name, { rows_in: rows, rows_out: rows })
  })
  for (const { name, raw } of SOURCE_TABLES) lines.push(await lakeToRaw(warehouse, name, raw, source[name] ?? 0))
  const curated = await rawToCurated(warehouse, sql, whyNotCurrent(build))
  const presentation = await curatedToPresentation(warehouse, build)
  return {
    ledger: [...lines, ...curated.ledger, ...presentation.ledger],
    checks: [...curated.checks, ...presentation.checks],
  }
}

/** Rows of the source as the last successful run saw them, by table. */
async function sourceRows(warehouse: Warehouse): Promise<Counts> {
  const rows = await warehouse.all<{ table_name: string; source_rows: string }>(
    `select table_name, source_rows
    from raw_data.load_log l
    where seq = (select max(seq) from raw_data.load_log last where last.table_name = l.table_name)`,
  )
  return Object.fromEntries(rows.map(({ table_name, source_rows }) => [table_name, Number(source_rows)]))
}

async function lakeToRaw(warehouse: Warehouse, table: string, raw: string, rows_in: number): Promise<LedgerLine> {
  const quarantined = await counts(
    warehouse,
    `select rule, count(*) as n
    from raw_data.quarantine
    where table_name = ${literal(table)} and cleared_run_id is null
    group by rule
    order by rule`,
  )
  const [rows] = await warehouse.all<{ n: string; superseded: string }>(
    `select count(*) as n, coalesce(sum(_superseded), 0) as superseded from raw_data.${raw}`,
  )
  return ledgerLine('lake_to_raw', raw, {
    rows_in,
    rows_out: Number(rows?.n),
    superseded: Number(rows?.superseded),
    quarantined,
    nullified: await nullified(warehouse, raw),
  })
}

async function nullified(warehouse: Warehouse, raw: string): Promise<Counts> {
  const lists = await warehouse.all<{ names: string; n: string }>(
    `select _nullified as names, count(*) as n
    from raw_data.${raw}
    where _nullified is not null
    group by _nullified
    order by _nullified`,
  )
  const found: Counts = {}
  for (const { names, n } of lists) {
    for (const name of names.split(',')) found[name] = (found[name] ?? 0) + Number(n)
  }
  return found
}

/** @param why the two cannot be compared; undefined where they can */
async function rawToCurated(
  warehouse: Warehouse,
  sql: LedgerSql,
  why: string | undefined,
): Promise<{ ledger: LedgerLine[]; checks: CheckResult[] }> {
  const ledger: LedgerLine[] = []
  const checks: CheckResult[] = []
  for (const [table, text] of Object.entries(sql)) {
    if (why !== undefined) {
      ledger.push({ ...ledgerLine('raw_to_curated', table, {}), status: 'skip' })
      continue
    }
    const rules = await counts(warehouse, text)
    const { rows_in = 0, ...rest } = rules
    const beside = Object.entries(rest).filter(([rule]) => rule.startsWith('beside:'))
    const filtered = Object.fromEntries(
      Object.entries(rest).filter(([rule, n]) => !rule.startsWith('beside:') && n > 0),
    )
    const rows_out = await number(warehouse, `select count(*) as n from curated.${table}`)
    ledger.push(ledgerLine('raw_to_curated', table, { rows_in, rows_out, filtered }))
    for (const [rule, n] of beside) {
      const name = rule.slice('beside:'.length)
      checks.push(judge({ name, scope: 'counts', severity: 'info', sql: text.trim() }, n, []))
    }
  }
  if (why !== undefined) checks.push(skipped('raw_to_curated', 'counts', why))
  return { ledger, checks }
}

async function curatedToPresentation(
  warehouse: Warehouse,
  build: Build | undefined,
): Promise<{ ledger: LedgerLine[]; checks: CheckResult[] }> {
  if (!build) {
    return { ledger: [{ ...ledgerLine('curated_to_presentation', 'fact_bookings', {}), status: 'skip' }], checks: [] }
  }
  const [row] = await warehouse.all<Record<string, string>>(`select
      count(*) as rows_in,
      sum(case when f.booking_date <= b.as_of then 1 else 0 end) as known,
      sum(case when f.booking_date is null then 1 else 0 end) as null_booking_date,
      sum(case when f.booking_date > b.as_of then 1 else 0 end) as after_as_of,
      sum(case when f.booking_date <= b.as_of and l.listing_id is null then 1 else 0 end) as unknown_listing
    from curated.fact_bookings f
    cross join curated.build b
    left join curated.dim_listings l on f.listing_id = l.listing_id`)
  const n = (name: string): number => Number(row?.[name] ?? 0)
  const shown = await number(
    warehouse,
    'select coalesce(sum(bookings), 0) as n from presentation.vw_bookings_per_user_weekly',
  )
  const line = ledgerLine('curated_to_presentation', 'fact_bookings', {
    rows_in: n('rows_in'),
    // What the views count, not what they should: the two differ where a view loses a booking.
    rows_out: shown,
    filtered: { null_booking_date: n('null_booking_date'), after_as_of: n('after_as_of') },
  })
  const unknown = judge(
    {
      name: 'unknown_listing',
      scope: 'counts',
      severity: 'info',
      sql: `select f.booking_id, f.listing_id
    from curated.fact_bookings f
    cross join curated.build b
    left join curated.dim_listings l on f.listing_id = l.listing_id
    where f.booking_date <= b.as_of and l.listing_id is null`,
    },
    n('unknown_listing'),
    [],
  )
  return { ledger: [line], checks: [unknown] }
}

async function counts(warehouse: Warehouse, sql: string): Promise<Counts> {
  const rows = await warehouse.all<{ rule: string; n: string }>(sql)
  return Object.fromEntries(rows.map(({ rule, n }) => [rule, Number(n)]))
}

async function number(warehouse: Warehouse, sql: string): Promise<number> {
  const [row] = await warehouse.all<Record<string, string>>(sql)
  return Number(Object.values(row ?? {})[0] ?? 0)
}

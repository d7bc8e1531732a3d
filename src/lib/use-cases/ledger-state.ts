import { SOURCE_TABLES } from '../core/model.js'
import type { Counts } from '../core/run/run.js'
import { type Build, whyNotCurrent } from '../core/sql/build.js'
import { literal } from '../core/sql/names.js'
import { type CheckResult, judge, type LedgerLine, ledgerLine, skipped } from '../core/verify/verify.js'
import { type Question, question, together } from './question.js'

/** The SQL that counts a curated table's rows in and left out, by table (sql/ledger). */
export type LedgerSql = Record<string, string>

interface LedgerPart {
  ledger: LedgerLine[]
  checks: CheckResult[]
}

/** The ledger over everything, as a state (semantics.md §3), and what is counted beside it. */
export function ledgerState(sql: LedgerSql, build: Build | undefined): Question<LedgerPart> {
  const parts = together(sourceToRaw(), rawToCurated(sql, whyNotCurrent(build)), curatedToPresentation(build))
  return {
    statements: parts.statements,
    answer: (rows) => {
      const found: readonly LedgerPart[] = parts.answer(rows)
      return { ledger: found.flatMap(({ ledger }) => ledger), checks: found.flatMap(({ checks }) => checks) }
    },
  }
}

type RawRows = {
  source: { table_name: string; source_rows: string }
  quarantined: { table_name: string; rule: string; n: string }
  raw: { table_name: string; n: string; superseded: string }
  nullified: { table_name: string; names: string; n: string }
}

/** Rows of the source are those that the last successful run saw. */
function sourceToRaw(): Question<LedgerPart> {
  const ofEach = (select: (table: string, raw: string) => string): string =>
    SOURCE_TABLES.map(({ name, raw }) => select(literal(name), `raw_data.${raw}`)).join(' union all ')
  const statements = {
    source: `select table_name, source_rows
    from raw_data.load_log l
    where seq = (select max(seq) from raw_data.load_log last where last.table_name = l.table_name)`,
    quarantined: `select table_name, rule, count(*) as n
    from raw_data.quarantine
    where cleared_run_id is null
    group by table_name, rule
    order by table_name, rule`,
    raw: ofEach(
      (table, raw) =>
        `select ${table} as table_name, count(*) as n, coalesce(sum(_superseded), 0) as superseded from ${raw}`,
    ),
    nullified: `${ofEach(
      (table, raw) => `select ${table} as table_name, _nullified as names, count(*) as n
    from ${raw}
    where _nullified is not null
    group by _nullified`,
    )} order by table_name, names`,
  }
  return question<RawRows, LedgerPart>(statements, (rows) => {
    const source: Counts = Object.fromEntries(
      rows.source.map(({ table_name, source_rows }) => [table_name, Number(source_rows)]),
    )
    const lake = SOURCE_TABLES.map(({ name }) => {
      const seen = source[name] ?? 0
      return ledgerLine('source_to_lake', name, { rows_in: seen, rows_out: seen })
    })
    const raw = SOURCE_TABLES.map((table) => lakeToRaw(table, source[table.name] ?? 0, rows))
    return { ledger: [...lake, ...raw], checks: [] }
  })
}

function lakeToRaw(
  { name, raw }: (typeof SOURCE_TABLES)[number],
  rows_in: number,
  rows: { [Name in keyof RawRows]: RawRows[Name][] },
): LedgerLine {
  const of = <One extends { table_name: string }>(all: readonly One[]): One[] =>
    all.filter(({ table_name }) => table_name === name)
  const [counted] = of(rows.raw)
  return ledgerLine('lake_to_raw', raw, {
    rows_in,
    rows_out: Number(counted?.n),
    superseded: Number(counted?.superseded),
    quarantined: counts(of(rows.quarantined)),
    nullified: nullified(of(rows.nullified)),
  })
}

function nullified(lists: readonly { names: string; n: string }[]): Counts {
  const found: Counts = {}
  for (const { names, n } of lists) {
    for (const name of names.split(',')) found[name] = (found[name] ?? 0) + Number(n)
  }
  return found
}

type RuleRow = { rule: string; n: string }

/** @param why the two cannot be compared; undefined where they can */
function rawToCurated(sql: LedgerSql, why: string | undefined): Question<LedgerPart> {
  const tables = Object.keys(sql)
  if (why !== undefined) {
    const ledger = tables.map((table): LedgerLine => ({ ...ledgerLine('raw_to_curated', table, {}), status: 'skip' }))
    return { statements: {}, answer: () => ({ ledger, checks: [skipped('raw_to_curated', 'counts', why)] }) }
  }
  const size = (table: string): string => `size of ${table}`
  const sizes = tables.map((table) => [size(table), `select count(*) as n from curated.${table}`])
  return question<Record<string, RuleRow>, LedgerPart>({ ...sql, ...Object.fromEntries(sizes) }, (rows) => {
    const found = tables.map((table) => {
      const rows_out = Number(rows[size(table)]?.[0]?.n ?? 0)
      return curatedTable(table, { text: sql[table] ?? '', rules: counts(rows[table] ?? []), rows_out })
    })
    return { ledger: found.map(({ line }) => line), checks: found.flatMap(({ checks }) => checks) }
  })
}

function curatedTable(
  table: string,
  { text, rules, rows_out }: { text: string; rules: Counts; rows_out: number },
): { line: LedgerLine; checks: CheckResult[] } {
  const { rows_in = 0, ...rest } = rules
  const beside = Object.entries(rest).filter(([rule]) => rule.startsWith('beside:'))
  const filtered = Object.fromEntries(Object.entries(rest).filter(([rule, n]) => !rule.startsWith('beside:') && n > 0))
  return {
    line: ledgerLine('raw_to_curated', table, { rows_in, rows_out, filtered }),
    checks: beside.map(([rule, n]) => {
      const name = rule.slice('beside:'.length)
      return judge({ name, scope: 'counts', severity: 'info', sql: text.trim() }, n, [])
    }),
  }
}

function curatedToPresentation(build: Build | undefined): Question<LedgerPart> {
  if (!build) {
    const line: LedgerLine = { ...ledgerLine('curated_to_presentation', 'fact_bookings', {}), status: 'skip' }
    return { statements: {}, answer: () => ({ ledger: [line], checks: [] }) }
  }
  const statements = {
    booked: `select
      count(*) as rows_in,
      sum(case when f.booking_date <= b.as_of then 1 else 0 end) as known,
      sum(case when f.booking_date is null then 1 else 0 end) as null_booking_date,
      sum(case when f.booking_date > b.as_of then 1 else 0 end) as after_as_of,
      sum(case when f.booking_date <= b.as_of and l.listing_id is null then 1 else 0 end) as unknown_listing
    from curated.fact_bookings f
    cross join curated.build b
    left join curated.dim_listings l on f.listing_id = l.listing_id`,
    shown: 'select coalesce(sum(bookings), 0) as n from presentation.vw_bookings_per_user_weekly',
  }
  return question<{ booked: Record<string, string>; shown: { n: string } }, LedgerPart>(
    statements,
    ({ booked, shown }) => {
      const n = (name: string): number => Number(booked[0]?.[name] ?? 0)
      const line = ledgerLine('curated_to_presentation', 'fact_bookings', {
        rows_in: n('rows_in'),
        // What the views count, not what they should: the two differ where a view loses a booking.
        rows_out: Number(shown[0]?.n ?? 0),
        filtered: { null_booking_date: n('null_booking_date'), after_as_of: n('after_as_of') },
      })
      return { ledger: [line], checks: [unknownListing(n('unknown_listing'))] }
    },
  )
}

function unknownListing(n: number): CheckResult {
  const sql = `select f.booking_id, f.listing_id
    from curated.fact_bookings f
    cross join curated.build b
    left join curated.dim_listings l on f.listing_id = l.listing_id
    where f.booking_date <= b.as_of and l.listing_id is null`
  return judge({ name: 'unknown_listing', scope: 'counts', severity: 'info', sql }, n, [])
}

function counts(rows: readonly RuleRow[]): Counts {
  return Object.fromEntries(rows.map(({ rule, n }) => [rule, Number(n)]))
}

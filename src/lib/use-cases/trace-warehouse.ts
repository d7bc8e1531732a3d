import type { SourceTableName } from '../core/model.js'
import { BUILD_QUERY, type Build } from '../core/sql/build.js'
import type { CuratedFacts, FeedFacts, Fields, QuarantineFacts, RawFacts, Row as Values } from '../core/trace/facts.js'
import { feedQuery, feedsOf, whyNotFed } from '../core/trace/feeds.js'
import { curatedTableOf, type TraceKey } from '../core/trace/key.js'
import {
  curatedRow,
  isQuarantined,
  LOADS,
  listingOfBooking,
  newestRaw,
  overKey,
  quarantineCandidates,
  quarantinedRows,
  rawRow,
  tablesOf,
} from '../core/trace/sql.js'
import type { Row, Warehouse } from '../ports/warehouse.js'
import { ask, type Question, question, together } from './question.js'

/** The files under sql/ that a trace asks, by folder and name. */
export interface TraceSql {
  curated: Readonly<Record<string, string>>
  ledger: Readonly<Record<string, string>>
}

/** What a warehouse knows of a key. */
export interface WarehouseFacts {
  tables: ReadonlyMap<
    SourceTableName,
    { raw: RawFacts; quarantine: QuarantineFacts[]; loads: { run_id: string; full: boolean }[] }
  >
  curated: CuratedFacts
  feeds: FeedFacts[]
  build: Build | undefined
}

type LoadRow = { table_name: string; run_id: string; full_refresh: boolean }
type Quarantined = {
  id: string
  table_name: string
  rule: string
  first_run_id: string
  cleared_run_id: string | null
  row_text: string
}

/** Two trips: the second asks for what the first one has found. @param newest the largest number of rows of a list */
export async function traceWarehouse(
  warehouse: Warehouse,
  key: TraceKey,
  { sql, newest }: { sql: TraceSql; newest: number },
): Promise<WarehouseFacts> {
  const names = tablesOf(key)
  const [raws, log, curated, build] = await ask(
    warehouse,
    together(together(...names.map((name) => rawOf(key, name, newest))), logOf(key), curatedOf(key, sql), buildOf()),
  )
  const [quarantine, feeds] = await ask(
    warehouse,
    together(quarantineOf(log.ids), feedsFrom(key, newest, build, curated)),
  )
  const tables = names.map((name, at) => {
    const loads = log.loads.filter(({ table_name }) => table_name === name)
    const rows = quarantine.filter(({ table_name }) => table_name === name)
    return [
      name,
      {
        raw: (raws as RawFacts[])[at] as RawFacts,
        quarantine: rows.map(({ row_text, table_name: _, ...row }) => ({
          ...row,
          row: JSON.parse(row_text) as Values | Fields,
        })),
        loads: loads.map(({ run_id, full_refresh }) => ({ run_id, full: full_refresh })),
      },
    ] as const
  })
  return { tables: new Map(tables), curated, feeds, build }
}

/** A user has no row of its own in raw: its rows are counted. */
function rawOf(key: TraceKey, name: SourceTableName, newest: number): Question<RawFacts> {
  if (key.kind !== 'user') {
    return question<{ rows: Row }, RawFacts>({ rows: rawRow(key, name) }, ({ rows }) => ({
      ...{ rows: rows.length, row: rows[0] ?? null, newest: [] },
    }))
  }
  return question<{ rows: Row }, RawFacts>({ rows: newestRaw(key, name, newest) }, ({ rows }) => ({
    ...{ rows: Number(rows[0]?.['cells'] ?? 0), row: null, newest: withoutCells(rows, newest) },
  }))
}

function logOf(key: TraceKey): Question<{ loads: LoadRow[]; ids: string[] }> {
  type Answers = { loads: LoadRow; candidates: { id: string; text: string } }
  return question<Answers, { loads: LoadRow[]; ids: string[] }>(
    { loads: LOADS, candidates: quarantineCandidates(key) },
    ({ loads, candidates }) => ({
      loads,
      ids: candidates.filter(({ text }) => isQuarantined(key, text)).map(({ id }) => id),
    }),
  )
}

function curatedOf(key: TraceKey, sql: TraceSql): Question<CuratedFacts & { listing: Values | null }> {
  const { name } = curatedTableOf(key)
  type Answers = { row: Row; expected: Row; rules: { rule: string; n: string }; listing: Row }
  const statements = {
    row: curatedRow(key),
    expected: overKey(key, sql.curated[name] as string),
    rules: overKey(key, sql.ledger[name] as string),
    listing: key.kind === 'booking' ? listingOfBooking(key) : 'select null as listing_id where 1 = 0',
  }
  return question<Answers, CuratedFacts & { listing: Values | null }>(
    statements,
    ({ row, expected, rules, listing }) => {
      const left = rules.find(({ rule, n }) => rule !== 'rows_in' && Number(n) > 0)
      return {
        row: row[0] ?? null,
        expected: expected[0] ?? null,
        rule: left?.rule.replace('beside:', '') ?? null,
        listing: listing[0] ?? null,
      }
    },
  )
}

function buildOf(): Question<Build | undefined> {
  return question<{ builds: Build }, Build | undefined>({ builds: BUILD_QUERY }, ({ builds }) => builds[0])
}

function quarantineOf(ids: readonly string[]): Question<Quarantined[]> {
  if (ids.length === 0) return { statements: {}, answer: () => [] }
  return question<{ rows: Quarantined }, Quarantined[]>({ rows: quarantinedRows(ids) }, ({ rows }) => rows)
}

/** Without a build there may be no views. */
function feedsFrom(
  key: TraceKey,
  newest: number,
  build: Build | undefined,
  { row: curated, listing }: CuratedFacts & { listing: Values | null },
): Question<FeedFacts[]> {
  if (build === undefined) return { statements: {}, answer: () => [] }
  const feeds = feedsOf(key)
  return {
    statements: Object.fromEntries(feeds.map((feed) => [feed.view, feedQuery(feed, newest)])),
    answer: (rows) =>
      feeds.map(({ view }) => {
        const found = rows[view] ?? []
        const why = found.length > 0 ? null : whyNotFed(key.kind, view, { curated, listing, as_of: build.as_of })
        return { view, cells: Number(found[0]?.['cells'] ?? 0), newest: withoutCells(found, newest), why }
      }),
  }
}

function withoutCells(rows: readonly Row[], newest: number): Values[] {
  return rows.slice(0, newest).map(({ cells: _, ...row }) => row)
}

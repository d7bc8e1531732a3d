import { beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../../src/lib/adapters/local/engine/database.js'
import { BUILD_QUERY, type Build } from '../../../src/lib/core/sql/build.js'
import { type LedgerLine, ledgerLine } from '../../../src/lib/core/verify/verify.js'
import { ledgerState } from '../../../src/lib/use-cases/ledger-state.js'
import { ask } from '../../../src/lib/use-cases/question.js'
import { emptyWarehouse, MemoryWarehouse } from '../../support/memory-database.js'

let db: Database
beforeEach(async () => {
  db = await emptyWarehouse()
  await db.run('create view presentation.vw_bookings_per_user_weekly as select 0 as bookings where false')
})

/** Counts of one curated table, as the files of sql/ledger give them. */
const SQL = {
  fact_bookings: `select 'rows_in' as rule, 5 as n union all select 'not_confirmed:canceled', 2 union all select 'not_confirmed:null', 0 union all select 'beside:odd', 4`,
}

const load = (seq: number, table: string, rows: number) =>
  db.run(`insert into raw_data.load_log (seq, table_name, source_rows) values (${seq}, '${table}', ${rows})`)
const built = (seq: number) => db.run(`insert into curated.build values ('r-1', date '2025-03-24', ${seq})`)
const state = async (sql: Record<string, string> = SQL) =>
  ask(new MemoryWarehouse(db), ledgerState(sql, (await db.all<Build>(BUILD_QUERY))[0]))
const lineOf = (ledger: LedgerLine[], hop: LedgerLine['hop'], table: string): LedgerLine | undefined =>
  ledger.find((line) => line.hop === hop && line.table === table)

test('before anything was loaded all lines are there, with nothing in them; what was not built is skipped', async () => {
  const { ledger, checks } = await state()
  const empty = (hop: LedgerLine['hop'], tables: string[]) => tables.map((table) => ledgerLine(hop, table, {}))
  expect(ledger).toEqual([
    ...empty('source_to_lake', ['apartments', 'apartment_attributes', 'bookings', 'user_viewing']),
    ...empty('lake_to_raw', ['stg_apartments', 'stg_apartment_attributes', 'stg_bookings', 'stg_user_viewing']),
    { ...ledgerLine('raw_to_curated', 'fact_bookings', {}), status: 'skip' },
    { ...ledgerLine('curated_to_presentation', 'fact_bookings', {}), status: 'skip' },
  ])
  expect(checks.map(({ name, status, sql }) => [name, status, sql])).toEqual([
    ['raw_to_curated', 'skip', '-- not checked: curated was not built yet: rental-etl resume'],
  ])
})

describe('source rows', () => {
  test('are those that the last load of the table saw: raw, superseded and open quarantine explain them', async () => {
    await load(1, 'bookings', 99)
    await load(2, 'bookings', 9)
    await load(3, 'apartments', 7)
    await db.run(`insert into raw_data.stg_bookings (booking_id, _superseded, _nullified) values
      (1, 0, null), (2, 2, 'num_guests'), (3, 1, 'num_guests,payment'), (4, 0, 'payment')`)
    await db.run(`insert into raw_data.quarantine (id, table_name, rule, cleared_run_id) values
      (1, 'bookings', 'null_key:booking_id', null), (2, 'bookings', 'bad_row:fields', null),
      (3, 'bookings', 'bad_row:fields', 'r-2'), (4, 'apartments', 'bad_row:fields', null)`)
    const { ledger } = await state()
    expect(lineOf(ledger, 'source_to_lake', 'bookings')).toEqual(
      ledgerLine('source_to_lake', 'bookings', { rows_in: 9, rows_out: 9 }),
    )
    expect(lineOf(ledger, 'lake_to_raw', 'stg_bookings')).toEqual({
      hop: 'lake_to_raw',
      table: 'stg_bookings',
      status: 'pass',
      rows_in: 9,
      rows_out: 4,
      superseded: 3,
      quarantined: { 'null_key:booking_id': 1, 'bad_row:fields': 1 },
      nullified: { num_guests: 2, payment: 2 },
      filtered: {},
      unexplained: 0,
    })
    expect(lineOf(ledger, 'lake_to_raw', 'stg_apartments')).toMatchObject({
      status: 'fail',
      rows_in: 7,
      rows_out: 0,
      unexplained: 6,
    })
  })
})

describe('curated', () => {
  beforeEach(async () => {
    await load(3, 'bookings', 5)
    await db.run('insert into curated.fact_bookings (booking_id) values (1), (2), (3)')
  })

  test('rows of raw are kept or filtered; what is counted beside is a check; rules without rows are left out', async () => {
    await built(3)
    const { ledger, checks } = await state()
    expect(lineOf(ledger, 'raw_to_curated', 'fact_bookings')).toEqual(
      ledgerLine('raw_to_curated', 'fact_bookings', {
        rows_in: 5,
        rows_out: 3,
        filtered: { 'not_confirmed:canceled': 2 },
      }),
    )
    expect(checks[0]).toEqual({
      name: 'odd',
      scope: 'counts',
      severity: 'info',
      status: 'pass',
      bad_rows: 4,
      sample: [],
      sql: SQL.fact_bookings,
    })
  })

  test('a row too few is unexplained', async () => {
    await built(3)
    await db.run('delete from curated.fact_bookings where booking_id = 1')
    expect(lineOf((await state()).ledger, 'raw_to_curated', 'fact_bookings')).toMatchObject({
      status: 'fail',
      unexplained: 1,
    })
  })

  test('while raw is ahead of it, it is not judged', async () => {
    await built(2)
    const { ledger, checks } = await state()
    expect(lineOf(ledger, 'raw_to_curated', 'fact_bookings')).toEqual({
      ...ledgerLine('raw_to_curated', 'fact_bookings', {}),
      status: 'skip',
    })
    expect(checks.find(({ status }) => status === 'skip')).toMatchObject({
      name: 'raw_to_curated',
      sql: '-- not checked: raw is ahead of curated, a run stopped between: rental-etl resume',
    })
  })
})

describe('presentation', () => {
  beforeEach(async () => {
    await built(0)
    await db.run(`insert into curated.dim_listings (listing_id) values (1)`)
    await db.run(`insert into curated.fact_bookings (booking_id, listing_id, booking_date) values
      (1, 3, '2025-03-24'), (2, 2, '2025-03-01'), (3, null, '2025-03-02'), (4, 1, null), (5, 1, '2025-03-25'), (6, 9, '2025-04-01')`)
    await db.run('drop view presentation.vw_bookings_per_user_weekly')
  })

  test('B is what the views count; bookings without a date, and after D, are filtered', async () => {
    await db.run('create view presentation.vw_bookings_per_user_weekly as select unnest([2, 1]) as bookings')
    const { ledger, checks } = await state({})
    expect(lineOf(ledger, 'curated_to_presentation', 'fact_bookings')).toEqual(
      ledgerLine('curated_to_presentation', 'fact_bookings', {
        rows_in: 6,
        rows_out: 3,
        filtered: { null_booking_date: 1, after_as_of: 2 },
      }),
    )
    expect(checks.map(({ name, severity, status, bad_rows }) => [name, severity, status, bad_rows])).toEqual([
      ['unknown_listing', 'info', 'pass', 3],
    ])
    expect((await db.all(checks[0]?.sql as string)).length).toBe(3)
  })

  test('a view that loses one makes the line fail', async () => {
    await db.run('create view presentation.vw_bookings_per_user_weekly as select 2 as bookings')
    expect(lineOf((await state({})).ledger, 'curated_to_presentation', 'fact_bookings')).toMatchObject({
      status: 'fail',
      unexplained: 1,
    })
  })
})

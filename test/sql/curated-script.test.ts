import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSqlFiles } from '../../src/lib/adapters/files/sql-files.js'
import { CURATED_TABLES, SOURCE_TABLES } from '../../src/lib/core/model.js'
import { type CuratedTexts, curatedScript } from '../../src/lib/core/sql/curated-script.js'
import { portableFaults } from '../support/portable-sql.js'
import { play, type ScriptEngine, scriptEngine, type Texts } from '../support/script-engine.js'

let engines: ScriptEngine[]
let texts: Required<CuratedTexts>

beforeAll(async () => {
  const named = async (folder: 'curated' | 'ledger' | 'presentation'): Promise<Record<string, string>> =>
    Object.fromEntries((await readSqlFiles(folder)).map(({ name, text }) => [name, text]))
  texts = { curated: await named('curated'), ledger: await named('ledger'), presentation: await named('presentation') }
  engines = [await scriptEngine('duckdb'), await scriptEngine('postgres')]
})

afterAll(async () => {
  for (const engine of engines) await engine.close()
})

const LISTING = `insert into raw_data.stg_apartments (id, title, source, price, currency, listing_created_on, is_active, last_modified_timestamp, _load_seq, _run_id, _position, _superseded)`
const BOOKING = `insert into raw_data.stg_bookings (booking_id, user_id, apartment_id, booking_date, checkin_date, checkout_date, total_price, currency, booking_status, _load_seq, _run_id, _position, _superseded)`

/** Two listings, of which one has no attributes; two bookings, of which one is canceled. */
const RAW = [
  `${LISTING} values (1, 'a', 's', 10.00, 'usd', '2026-01-01', true, '2026-01-01 00:00:00', 1, 'r1', 0, 0), (2, 'b', 's', 20.00, 'usd', '2026-01-01', true, '2026-01-01 00:00:00', 1, 'r1', 0, 0)`,
  `insert into raw_data.stg_apartment_attributes (id, cityname, _load_seq, _run_id, _position, _superseded) values (1, 'x', 1, 'r1', 0, 0)`,
  `${BOOKING} values (1, 7, 1, '2026-01-02', '2026-01-03', '2026-01-05', 30.00, 'usd', 'Confirmed', 1, 'r1', 0, 0), (2, 8, 1, '2026-01-02', '2026-01-03', '2026-01-05', 30.00, 'usd', 'Cancelled', 1, 'r1', 0, 0)`,
]

const CHANGES = [
  'delete from raw_data.stg_bookings where booking_id = 1',
  `update raw_data.stg_bookings set booking_status = 'confirmed' where booking_id = 2`,
  'insert into curated.changed_bookings values (1), (2)',
  'insert into curated.changed_users values (7), (8)',
]

const flat = (counts: readonly Texts[]): string[] =>
  counts
    .filter(({ n }) => Number(n) !== 0)
    .map(({ table_name, effect, n }) => `${table_name} ${effect} ${n}`)
    .sort()

test('the steps that run here are those that PostgreSQL runs, and do the same', async () => {
  const told: string[][][] = []
  for (const engine of engines) {
    for (const sql of RAW) await engine.run(sql)
    const places = { run_id: 'r1', as_of: '2026-02-01' }
    const first = await play(engine, curatedScript('first', texts), places)
    for (const table of CURATED_TABLES) await engine.run(`delete from curated.${table.name}`)
    const full = await play(engine, curatedScript('full', texts), places)
    expect(flat(first)).toEqual(flat(full))
    for (const sql of CHANGES) await engine.run(sql)
    const some = await play(engine, curatedScript('incremental', texts), { ...places, run_id: 'r2' })
    told.push([flat(full), flat(some)])
  }
  expect(told[0]).toEqual(told[1])
  expect(told[0]).toEqual([
    [
      'dim_listings inserted 1',
      'dim_listings no_attributes 1',
      'dim_listings rows_in 2',
      'dim_users inserted 2',
      'dim_users rows_in 2',
      'fact_bookings inserted 1',
      'fact_bookings not_confirmed:canceled 1',
      'fact_bookings rows_in 2',
    ],
    [
      'dim_listings beside:rows after 1',
      'dim_listings beside:rows before 1',
      'dim_users beside:rows after 1',
      'dim_users beside:rows before 2',
      'dim_users deleted 1',
      'dim_users rows_in 1',
      'dim_users updated 1',
      'fact_bookings beside:rows after 1',
      'fact_bookings beside:rows before 1',
      'fact_bookings deleted 1',
      'fact_bookings inserted 1',
      'fact_bookings rows_in 1',
    ],
  ])
})

describe('what a step does wrong is told', () => {
  const other = `${BOOKING} values (3, 7, 1, '2026-01-02', '2026-01-03', '2026-01-05', 30.00, 'usd', 'confirmed', 1, 'r1', 0, 0)`
  const places = { run_id: 'r1', as_of: '2026-02-01' }

  test.each([
    ['nothing is put in', 'fact_bookings: put in', 'where 1 = 0'],
    ['nothing is taken out', 'fact_bookings: take out', 'and 1 = 0'],
    ['rows of other keys are taken out', 'fact_bookings: take out', 'or 1 = 1'],
    ['a row does not come', 'fact_bookings: prepare', 'and booking_id <> 2'],
  ])('%s', async (_, broken, more) => {
    for (const engine of engines) {
      for (const { raw } of SOURCE_TABLES) await engine.run(`delete from raw_data.${raw}`)
      for (const sql of [...RAW, other]) await engine.run(sql)
      await play(engine, curatedScript('full', texts), places)
      for (const sql of CHANGES) await engine.run(sql)
      const steps = curatedScript('incremental', texts)
      const wrong = steps.map((step) => (step.name === broken ? { ...step, sql: `${step.sql} ${more}` } : step))
      expect(wrong).not.toEqual(steps)
      await expect(play(engine, wrong, places)).rejects.toThrow('curated does not balance')
      await play(engine, steps, places)
    }
  })
})

test('every step is portable, and a script leaves room below 40 statements', () => {
  for (const mode of ['first', 'full', 'incremental'] as const) {
    const steps = curatedScript(mode, texts)
    expect(steps.flatMap(({ name, sql }) => portableFaults(sql).map((fault) => `${name}: ${fault}`))).toEqual([])
    expect(new Set(steps.map(({ name }) => name)).size).toBe(steps.length)
    expect(steps.length).toBeLessThanOrEqual(38)
  }
})

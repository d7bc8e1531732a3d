import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { writeSample } from '../../src/lib/adapters/files/sample/index.js'
import { LocalStoredAudit } from '../../src/lib/adapters/local/audit/stored-audit.js'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { SOURCE_TABLES, sourceTable } from '../../src/lib/core/model.js'
import { runJobs } from '../support/pipeline.js'
import { type Scratch, scratchFolder } from '../support/temporary.js'

// A source without copies of a key, in the order of its bookmarks: lake, raw and views lie in one order, and are compared in pairs (decision 28).
let scratch: Scratch
let loaded: string
const folder = (name: string): string => join(scratch.path, name)

beforeAll(async () => {
  scratch = await scratchFolder()
  loaded = folder('loaded')
  await writeSample(folder('source'), { scale: 0.01, seed: 5, dirt: 0, signal: new AbortController().signal })
  const db = await Database.open(':memory:')
  const views = join(folder('source'), 'user_viewing.csv')
  await db.run(`create table v as from read_csv('${views}', header = true, all_varchar = true)`)
  await db.run(`copy (from v order by viewed_at) to '${views}' (header)`)
  db.close()
  await runJobs({ home: loaded, folder: folder('source'), asOf: '2026-06-30', runId: 'r1' })
})

afterAll(() => scratch[Symbol.asyncDispose]())

/** What is red, with its first rows and their number; and which tables were joined with others, rather than paired. */
async function audited(
  home: string,
): Promise<{ red: Record<string, { bad_rows: number; sample: unknown[] }>; joined: string[] }> {
  const run = vi.spyOn(DuckDBConnection.prototype, 'run')
  try {
    const checks = await new LocalStoredAudit(home).content()
    const sent = run.mock.calls.map(
      ([sql]) => String(sql).match(/full outer join \((?:select \* from \()?select \* from (\w+\.\w+)/)?.[1],
    )
    const red = checks
      .filter(({ status }) => status !== 'pass')
      .map(({ name, bad_rows, sample }) => [name, { bad_rows, sample }])
    return { red: Object.fromEntries(red), joined: [...new Set(sent.filter((name) => name !== undefined))].sort() }
  } finally {
    run.mockRestore()
  }
}

async function altered(name: string, ...statements: string[]): Promise<string> {
  const home = folder(name)
  await cp(loaded, home, { recursive: true })
  const db = await Database.open(join(home, 'warehouse.duckdb'))
  for (const statement of statements) await db.run(statement)
  db.close()
  return home
}

const JOINED = ['curated.dim_dates', 'curated.dim_listings', 'curated.dim_users', 'curated.fact_bookings']

test('what nobody touched is proved in pairs, and the rest by joins', async () => {
  expect(await audited(loaded)).toEqual({ red: {}, joined: JOINED })
})

const RAW = SOURCE_TABLES.map(({ raw }) => `raw_data.${raw}`)
const IN_ORDER = [...RAW, 'curated.fact_user_views']

test('the same rows in another order are joined, and nothing is red', async () => {
  const home = await altered(
    'reversed',
    ...IN_ORDER.flatMap((table, at) => [
      `create temp table kept_${at} as from ${table}`,
      `delete from ${table}`,
      // Not all in the same other one: raw and curated would be paired with each other.
      `insert into ${table} from kept_${at} order by ${table.startsWith('curated.') ? 'hash(rowid)' : 'rowid desc'}`,
    ]),
  )
  const { red, joined } = await audited(home)
  expect([red, joined]).toEqual([{}, [...JOINED, ...IN_ORDER].sort()])
})

/** Conditions for rows of a table, each for one of its own: they lie all over the table. */
const rowsOf = (table: string, n: number): string[] =>
  Array.from({ length: n }, (_, at) => `rowid = (select max(rowid) * ${at} // ${n - 1} from ${table})`)

describe.each(SOURCE_TABLES.map(({ raw }) => raw))('%s', (raw) => {
  const table = `raw_data.${raw}`
  const { key, columns } = sourceTable(raw)
  const first = key[0] as string
  const texts = columns.filter(({ type, name }) => type === 'VARCHAR' && !key.includes(name)).map(({ name }) => name)
  const changes = [
    ...columns
      .filter(({ name }) => !key.includes(name))
      .map(({ name }) => `${name} = case when ${name} is null then '7' end`),
    ...['_load_seq = _load_seq + 1', '_load_seq = null', `_run_id = 'r2'`, '_run_id = null'],
    ...['_position = 1', '_position = null', '_superseded = 1', '_superseded = null', `_nullified = 'x'`],
    ...texts.map((name) => `${name} = coalesce(${name}, '') || ' '`),
  ]

  test('one row altered in each column, technical ones too, is red each', async () => {
    const rows = rowsOf(table, changes.length)
    const home = await altered(
      `${raw} altered`,
      ...changes.map((change, at) => `update ${table} set ${change} where ${rows[at]}`),
    )
    const found = (await audited(home)).red[`lake_content_${raw}`]
    expect(found?.bad_rows).toBe(changes.length)
    expect(found?.sample[0]).toMatchObject({ [first]: expect.any(String), difference: expect.any(String) })
  })

  test.each(['min', 'max'] as const)('the row of the %s rowid that got another key is red, by both', async (end) => {
    const at = `rowid = (select ${end}(rowid) from ${table})`
    const home = await altered(
      `${raw} ${end}`,
      `create temp table made as select * replace (4242 as ${first}) from ${table} where ${at}`,
      `delete from ${table} where ${at}`,
      `insert into ${table} from made`,
    )
    const found = (await audited(home)).red[`lake_content_${raw}`]
    expect(found?.bad_rows).toBe(2)
    expect(JSON.stringify(found?.sample)).toContain('4242')
  })

  test('a row that is gone, and a row that stands twice, are red', async () => {
    const gone = await altered(`${raw} gone`, `delete from ${table} where rowid = (select max(rowid) from ${table})`)
    expect((await audited(gone)).red[`lake_content_${raw}`]).toMatchObject({
      bad_rows: 1,
      sample: [{ difference: 'in the lake, but not in raw' }],
    })
    const twice = await altered(`${raw} twice`, `insert into ${table} from ${table} limit 1`)
    const { red, joined } = await audited(twice)
    expect(joined).toContain(table)
    expect(Object.keys(red)).toContain(`raw_digest_${raw}`)
  })
})

test('one row of curated.fact_user_views altered in each column is red each', async () => {
  const table = 'curated.fact_user_views'
  const changes = [
    'user_id = 4242',
    'listing_id = 4242',
    `viewed_timestamp = viewed_timestamp + interval 1 microsecond`,
    'viewed_at = viewed_at + 1',
    'viewed_at = null',
    'is_wishlisted = not coalesce(is_wishlisted, false)',
    `call_to_action = coalesce(call_to_action, '') || 'x'`,
  ]
  const rows = rowsOf(table, changes.length)
  const home = await altered(
    'views altered',
    ...changes.map((change, at) => `update ${table} set ${change} where ${rows[at]}`),
  )
  const { red } = await audited(home)
  // Another key is a row too many and one too few.
  expect(red['curated_content_fact_user_views']?.bad_rows).toBe(changes.length + 3)
  expect(Object.keys(red)).toEqual(['curated_content_fact_user_views'])
})

test('after a later load its keys are followed, the others are paired, and what is planted is named', async () => {
  const home = folder('later')
  await cp(loaded, home, { recursive: true })
  const later = folder('later source')
  await cp(folder('source'), later, { recursive: true })
  const db = await Database.open(':memory:')
  const file = join(later, 'bookings.csv')
  await db.run(`create table b as from read_csv('${file}', header = true, all_varchar = true)`)
  const [gone, changed, kept] = await db.all<{ id: string }>(
    'select booking_id as id from b order by rowid limit 3 offset 20',
  )
  await db.run(`delete from b where booking_id = '${gone?.id}'`)
  await db.run(`update b set num_guests = '9' where booking_id = '${changed?.id}'`)
  await db.run(`copy b to '${file}' (header)`)
  db.close()
  await runJobs({ home, folder: later, asOf: '2026-06-30', runId: 'r2' })
  const sound = await audited(home)
  expect([sound.red, sound.joined]).toEqual([{}, [...JOINED, 'raw_data.stg_bookings'].sort()])
  const warehouse = await Database.open(join(home, 'warehouse.duckdb'))
  for (const one of [changed, kept])
    await warehouse.run(`update raw_data.stg_bookings set num_guests = 8 where booking_id = ${one?.id}`)
  warehouse.close()
  const named = JSON.stringify((await audited(home)).red['lake_content_stg_bookings']?.sample)
  for (const one of [changed, kept]) expect(named).toContain(`"${one?.id}"`)
})

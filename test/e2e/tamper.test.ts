import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import Verify from '../../src/commands/verify.js'
import { writeSample } from '../../src/lib/adapters/files/sample/index.js'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { KEYS } from '../support/alterations.js'
import { captureCommand } from '../support/capture-command.js'
import { runJobs } from '../support/pipeline.js'
import { type Scratch, scratchFolder } from '../support/temporary.js'

let scratch: Scratch
let source: string
let loaded: string

beforeAll(async () => {
  scratch = await scratchFolder()
  source = join(scratch.path, 'source')
  loaded = join(scratch.path, 'loaded')
  await writeSample(source, { scale: 0.02, seed: 3, dirt: 0.02, signal: new AbortController().signal })
  await runJobs({ home: loaded, folder: source, asOf: '2026-06-30', runId: 'r1' })
})

afterAll(() => scratch[Symbol.asyncDispose]())

interface Verdict {
  code: number
  verdict: string
  failed: { name: string; sample: unknown[] }[]
  lines: string[]
}

async function verify(home: string, flags: string[] = [], folder = source): Promise<Verdict> {
  const { stdout, code } = await captureCommand(
    Verify,
    'verify',
    '--home',
    home,
    '--source',
    `csv:${folder}`,
    '--json',
    ...flags,
  )
  const { result } = JSON.parse(stdout)
  const failed = (rows: { status: string }[]) => rows.filter(({ status }) => status === 'fail')
  return {
    code,
    verdict: result.verdict,
    failed: (failed(result.checks) as unknown as Verdict['failed']).map(({ name, sample }) => ({ name, sample })),
    lines: (failed(result.ledger) as unknown as { table: string }[]).map(({ table }) => table),
  }
}

test('what nobody touched is not red', async () => {
  const { code, failed, lines } = await verify(loaded, ['--scope', 'all'])
  expect({ code, failed, lines }).toEqual({ code: 0, failed: [], lines: [] })
})

const CELLS: Record<string, string> = {
  'raw_data.stg_apartments': 'price = price + 1',
  'raw_data.stg_apartment_attributes': `cityname = cityname || '!'`,
  'raw_data.stg_bookings': 'total_price = total_price + 0.01',
  'raw_data.stg_user_viewing': 'is_wishlisted = not coalesce(is_wishlisted, false)',
  'curated.dim_listings': 'price = price + 1',
  'curated.fact_bookings': 'checkout_date = checkout_date + 1',
  'curated.fact_user_views': `call_to_action = 'x'`,
  'curated.dim_users': 'view_count = view_count + 1',
}

test.each(Object.keys(CELLS))(
  'rows of %s: one deleted, one altered and one added by hand is red, and names each key',
  async (table) => {
    const home = join(scratch.path, table)
    await cp(loaded, home, { recursive: true })
    const key = KEYS[table] as string
    const db = await Database.open(join(home, 'warehouse.duckdb'))
    // Rows that have their whole key, from the middle on.
    const [deleted, altered, model] = await db.all<{ rowid: string; key: string }>(
      `select rowid, cast(${key} as varchar) as key from ${table}
      where rowid in (select min(rowid) from ${table} group by ${key}) order by rowid limit 3 offset (select count(distinct ${key}) // 2 from ${table})`,
    )
    await db.run(`delete from ${table} where rowid = ${deleted?.rowid}`)
    await db.run(`update ${table} set ${CELLS[table]} where rowid = ${altered?.rowid}`)
    await db.run(`create temp table made as select * from ${table} where rowid = ${model?.rowid}`)
    await db.run(`update made set ${key} = 424242424242`)
    await db.run(`insert into ${table} select * from made`)
    db.close()
    const { code, failed } = await verify(home)
    expect(code).toBe(1)
    const named = JSON.stringify(failed.map(({ sample }) => sample))
    for (const one of [deleted?.key, altered?.key, '424242424242']) expect(named).toContain(`"${one}"`)
  },
)

test.each(['delete', 'alter', 'add'] as const)(
  'one row of the lake: %s by hand is red, and names the file',
  async (act) => {
    const home = join(scratch.path, `lake-${act}`)
    await cp(loaded, home, { recursive: true })
    const folder = join(home, 'data', 'raw', 'bookings', 'run_id=r1')
    const file = join(folder, (await readdir(folder))[0] as string)
    const db = await Database.open(':memory:')
    await db.run(`create table lake as select * from read_parquet('${file}')`)
    const [row] = await db.all<{ key: string }>(
      'select cast(booking_id as varchar) as key from lake where _position = 0 limit 1 offset 50',
    )
    if (act === 'delete') await db.run(`delete from lake where booking_id = ${row?.key}`)
    if (act === 'alter') await db.run(`update lake set total_price = total_price + 1 where booking_id = ${row?.key}`)
    if (act === 'add')
      await db.run(
        `insert into lake select * replace (424242424242 as booking_id) from lake where booking_id = ${row?.key}`,
      )
    await db.run(`copy lake to '${file}' (format parquet)`)
    db.close()
    const { code, failed } = await verify(home)
    expect(code).toBe(1)
    const said = JSON.stringify(failed)
    expect(said).toContain('bookings/run_id=r1')
    expect(said).toContain(`"${act === 'add' ? '424242424242' : row?.key}"`)
  },
)

test.each([
  ['delete', 'in the lake, but not in quarantine'],
  ['alter', 'not in the lake as it is in quarantine'],
  ['add', 'not in the lake as it is in quarantine'],
] as const)('one row of the quarantine: %s by hand is red, and names the key', async (act, difference) => {
  const home = join(scratch.path, `quarantine-${act}`)
  await cp(loaded, home, { recursive: true })
  const db = await Database.open(join(home, 'warehouse.duckdb'))
  const [row] = await db.all<{ id: string; key_text: string; rule: string }>(
    `select id, key_text, rule from raw_data.quarantine where table_name = 'bookings' order by id limit 1 offset 2`,
  )
  const where = `where id = ${row?.id}`
  if (act === 'delete') await db.run(`delete from raw_data.quarantine ${where}`)
  if (act === 'alter') await db.run(`update raw_data.quarantine set row_text = row_text || ' ' ${where}`)
  if (act === 'add') {
    await db.run(
      `insert into raw_data.quarantine select * replace (424242 as id, occurrence + 9 as occurrence) from raw_data.quarantine ${where}`,
    )
  }
  db.close()
  const { code, failed } = await verify(home)
  expect(code).toBe(1)
  expect(failed.find(({ name }) => name === 'quarantine_content_stg_bookings')?.sample).toContainEqual({
    key_text: row?.key_text,
    rule: row?.rule,
    difference,
    run_id: 'r1',
  })
})

test.each([
  ['data/raw/bookings/run_id=r1/part-9.parquet', 'is not in the manifest'],
  ['data/rejected/bookings/run_id=r1/part-0.parquet', 'is not as it was written'],
])('the file %s that was written by hand is red', async (file, problem) => {
  const home = join(scratch.path, file.replaceAll('/', '-'))
  await cp(loaded, home, { recursive: true })
  await cp(join(home, 'data/raw/bookings/run_id=r1/part-0.parquet'), join(home, file))
  const { code, failed } = await verify(home)
  expect(code).toBe(1)
  expect(failed.find(({ name }) => name === 'lake_files_stg_bookings')?.sample).toEqual([
    { file, run_id: 'r1', problem },
  ])
})

test('a file of the lake that is no Parquet file any more is red', async () => {
  const home = join(scratch.path, 'no-parquet')
  await cp(loaded, home, { recursive: true })
  await writeFile(join(home, 'data/raw/bookings/run_id=r1/part-0.parquet'), 'cut')
  const { code, failed } = await verify(home, ['--scope', 'ledger'])
  expect([code, failed.map(({ name }) => name)]).toEqual([1, ['lake_files_stg_bookings', 'lake_content_stg_bookings']])
})

test('a lake that is gone is red until everything is loaded again', async () => {
  const home = join(scratch.path, 'no-lake')
  await cp(loaded, home, { recursive: true })
  await rm(join(home, 'data'), { recursive: true })
  expect(await verify(home, ['--scope', 'ledger'])).toMatchObject({ code: 1 })
  await runJobs({ home, folder: source, asOf: '2026-06-30', runId: 'r2', fullRefresh: true })
  expect(await verify(home, ['--scope', 'ledger'])).toMatchObject({ code: 0, failed: [] })
})

test('a manifest that is not the one that was loaded is red', async () => {
  const home = join(scratch.path, 'manifest')
  await cp(loaded, home, { recursive: true })
  const file = join(home, 'runs/r1/manifest.json')
  await writeFile(file, (await readFile(file, 'utf8')).replace('2026-06-30', '2026-06-29'))
  const { code, failed } = await verify(home, ['--scope', 'ledger'])
  expect(code).toBe(1)
  expect(failed[0]?.sample).toEqual([
    { file: 'runs/r1/manifest.json', run_id: 'r1', problem: 'is not as it was loaded' },
  ])
})

test('a change of the live source is seen by checksum alone, with its key', async () => {
  const moved = join(scratch.path, 'moved')
  await cp(source, moved, { recursive: true })
  const file = join(moved, 'bookings.csv')
  const text = await readFile(file, 'utf8')
  const [id] = /^7\d+(?=,)/m.exec(text) as RegExpExecArray
  await writeFile(file, text.replace(new RegExp(`^${id},.*\n`, 'gm'), ''))
  const changed = await verify(loaded, ['--scope', 'checksum'], moved)
  expect(changed.code).toBe(1)
  expect(changed.failed.map(({ name }) => name)).toEqual(['source_content_bookings'])
  expect(changed.failed[0]?.sample).toContainEqual({ booking_id: id, problem: 'gone from the source' })
  expect(await verify(loaded, [], moved)).toMatchObject({ code: 0 })
})

async function alteredHome(name: string, statement: string): Promise<string> {
  const home = join(scratch.path, name)
  await cp(loaded, home, { recursive: true })
  const db = await Database.open(join(home, 'warehouse.duckdb'))
  await db.run(statement)
  db.close()
  return home
}

test('a NULL that became a text which means NULL in a file is red, and named', async () => {
  const cell = `select min(booking_id) from raw_data.stg_bookings where payment_status is null`
  const home = await alteredHome(
    'null',
    `update raw_data.stg_bookings set payment_status = '\\N' where booking_id = (${cell})`,
  )
  const db = await Database.open(join(loaded, 'warehouse.duckdb'), { readOnly: true })
  const id = await db.count(cell)
  db.close()
  expect(await verify(home)).toMatchObject({
    code: 1,
    failed: [
      { name: 'raw_digest_stg_bookings' },
      { sample: [{ booking_id: String(id), difference: 'not in the lake as it is in raw' }] },
    ],
  })
})

test('a view that was replaced by hand is red, and named, until curated is done again', async () => {
  const view = 'vw_bookings_per_user_weekly'
  const home = await alteredHome(
    'view-replaced',
    `create or replace view presentation.${view} as select * from (select date '2024-01-01' as week_start, 1::bigint as user_id, 1::bigint as bookings) where false`,
  )
  expect(await verify(home, ['--scope', 'views'])).toMatchObject({
    code: 1,
    failed: [
      { name: 'views_as_defined', sample: [{ view_name: view, difference: 'is not as this version defines it' }] },
    ],
  })
  await runJobs({ home, folder: source, asOf: '2026-06-30', runId: 'r2' })
  expect(await verify(home)).toMatchObject({ code: 0, failed: [] })
})

test.each([
  ['table', 'drop table curated.dim_users', 'curated.dim_users', 'mv '],
  [
    'view',
    'drop view presentation.vw_repeat_customer_rate',
    'presentation.vw_repeat_customer_rate',
    'rental-etl rerun curated',
  ],
])('a %s that was removed by hand is told, with what to do', async (what, statement, relation, suggestion) => {
  const home = await alteredHome(`${what}-removed`, statement)
  const { code, stdout } = await captureCommand(Verify, 'verify', '--home', home, '--json')
  const { error } = JSON.parse(stdout)
  expect([code, error.code, error.message]).toEqual([
    74,
    'WAREHOUSE_CORRUPT',
    `${join(home, 'warehouse.duckdb')} lacks ${relation}`,
  ])
  expect(error.suggestions[0].startsWith(suggestion)).toBe(true)
  const again = runJobs({ home, folder: source, asOf: '2026-06-30', runId: 'r2' })
  if (what === 'table') await expect(again).rejects.toMatchObject({ code: 'WAREHOUSE_CORRUPT', exit: 'io' })
  else {
    await again
    expect(await verify(home)).toMatchObject({ code: 0, failed: [] })
  }
})

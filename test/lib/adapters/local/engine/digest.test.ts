import { beforeEach, expect, test } from 'vitest'
import type { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { digestQuery, keepDigests, rowHash, rowsAfter } from '../../../../../src/lib/adapters/local/engine/digest.js'
import { SOURCE_TABLES, sourceTable } from '../../../../../src/lib/core/model.js'
import { emptyWarehouse } from '../../../../support/memory-database.js'

const VIEWS = sourceTable('user_viewing')
const STG = 'raw_data.stg_user_viewing'

let db: Database

beforeEach(async () => {
  db = await emptyWarehouse()
})

const digest = async (table = VIEWS): Promise<unknown> => (await db.all(`select (${digestQuery(table)}) as d`))[0]?.d

const view = (user: number, listing: number, call: string) =>
  db.run(
    `insert into ${STG} (user_id, apartment_id, viewed_at, call_to_action, _load_seq, _run_id, _position, _superseded)
      values (${user}, ${listing}, timestamp '2024-01-01', '${call}', 1, 'r-1', 0, 0)`,
  )
const reject = (id: number, table: string, row: string, cleared = 'null') =>
  db.run(
    `insert into raw_data.quarantine (id, table_name, rule, row_text, occurrence, first_run_id, cleared_run_id)
      values (${id}, '${table}', 'no_key', '${row}', 1, 'r-1', ${cleared})`,
  )

test('begins with the version of the engine, whose hash it is', async () => {
  const [version] = await db.all('select version() as version')
  expect(await digest()).toBe(`${version?.version} 0 0 0 0`)
})

test('is that of the rows, in whatever order they came', async () => {
  await view(1, 7, 'call')
  await view(2, 7, 'mail')
  const one = await digest()
  await db.run(`delete from ${STG}`)
  await view(2, 7, 'mail')
  await view(1, 7, 'call')
  expect(await digest()).toBe(one)
})

test.each([
  ['a cell', `update ${STG} set call_to_action = 'x' where user_id = 1`],
  ['a cell made NULL', `update ${STG} set call_to_action = null where user_id = 1`],
  ['two cells exchanged', `update ${STG} set call_to_action = case user_id when 1 then 'mail' else 'call' end`],
  ['values exchanged between two columns', `update ${STG} set user_id = 7, apartment_id = 1 where user_id = 1`],
  ['a technical column', `update ${STG} set _superseded = 1 where user_id = 1`],
  ['a row less', `delete from ${STG} where user_id = 1`],
  ['a row twice', `insert into ${STG} select * from ${STG} where user_id = 1`],
  ['a row in quarantine', `update raw_data.quarantine set row_text = 'y' where id = 1`],
  ['a row in quarantine that was cleared', `update raw_data.quarantine set cleared_run_id = 'r-2' where id = 1`],
])('%s is seen', async (_, statement) => {
  await view(1, 7, 'call')
  await view(2, 7, 'mail')
  await reject(1, 'user_viewing', 'x')
  const before = await digest()
  await db.run(statement)
  expect(await digest()).not.toBe(before)
})

test('follows from what it was and from the rows that came and went', async () => {
  await view(1, 7, 'call')
  const before = String(await digest())
  const [version = '', ...numbers] = before.split(' ')
  const came = await db.sum(
    `insert into ${STG} select * replace (user_id + 1 as user_id) from ${STG} returning ${rowHash(VIEWS)}`,
  )
  const after = rowsAfter(before, version, { rows: came.rows, hashes: came.sum })
  expect(await digest()).toBe(`${version} ${after} 0 0`)
  const gone = await db.sum(`delete from ${STG} where user_id = 2 returning ${rowHash(VIEWS)}`)
  const none = { rows: came.rows - gone.rows, hashes: came.sum - gone.sum }
  expect(rowsAfter(before, version, none)).toBe(numbers.slice(0, 2).join(' '))
  expect([rowsAfter(before, 'v0', none), rowsAfter(null, version, none)]).toEqual([undefined, undefined])
})

test('other tables, and what was cleared long ago, do not count', async () => {
  const before = await digest()
  await reject(1, 'bookings', 'x')
  await reject(2, 'user_viewing', 'x', `'r-0'`)
  expect(await digest()).toBe(before)
})

test('a load keeps those of the tables that it wrote, and passes the others on', async () => {
  const kept = async (seq: number) =>
    Object.fromEntries(
      (
        await db.all<{ table_name: string; digest: string }>(
          `select table_name, digest from raw_data.load_log where seq = ${seq}`,
        )
      ).map((row) => [row.table_name, row.digest]),
    )
  const load = async (seq: number, written: typeof SOURCE_TABLES) => {
    for (const { name } of SOURCE_TABLES)
      await db.run(`insert into raw_data.load_log (seq, table_name) values (${seq}, '${name}')`)
    await db.run(keepDigests(seq, written))
  }
  await load(1, SOURCE_TABLES)
  const first = await kept(1)
  expect(first).toEqual(
    Object.fromEntries(await Promise.all(SOURCE_TABLES.map(async (table) => [table.name, await digest(table)]))),
  )
  await view(1, 7, 'call')
  await db.run(`insert into raw_data.stg_bookings (booking_id) select 1 where false`)
  await load(2, [VIEWS])
  expect(await kept(2)).toEqual({ ...first, user_viewing: await digest() })
  // What is altered beside the loads does not become right by a load that wrote nothing.
  await view(2, 7, 'by hand')
  await load(3, [])
  expect(await kept(3)).toEqual(await kept(2))
})

import { describe, expect, test } from 'vitest'
import { holdsLoad, type LakePart, lakeRawQuery } from '../../../../../src/lib/adapters/local/audit/lake-query.js'
import type { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { sourceTable } from '../../../../../src/lib/core/model.js'
import { emptyWarehouse } from '../../../../support/memory-database.js'

const VIEWS = sourceTable('user_viewing')
const PART: LakePart = { runId: 'r-1', rank: 1, seqs: [3, 4], rows: 'lake' }
const COLUMNS = 'user_id, apartment_id, viewed_at, is_wishlisted, call_to_action'
const RAW = 'raw_data.stg_user_viewing'

/** Nine views of one load, which raw holds as they are. */
async function loaded(): Promise<Database> {
  const db = await emptyWarehouse()
  // Somebody may have taken it away.
  for (const column of VIEWS.key) await db.run(`alter table ${RAW} alter column ${column} drop not null`)
  await db.run(`create table lake as select i as user_id, 7 as apartment_id, timestamp '2024-01-01' + to_hours(i) as viewed_at,
      i % 2 = 0 as is_wishlisted, case when i % 3 > 0 then 'call' end as call_to_action, 0 as _position,
      case when i = 5 then 'is_wishlisted' end as _nullified, false as _deleted
    from range(9) r(i)`)
  await db.run(`insert into ${RAW} (${COLUMNS}, _load_seq, _run_id, _position, _superseded, _nullified)
    select ${COLUMNS}, 3, 'r-1', 0, 0, _nullified from lake`)
  return db
}

const told = (db: Database): Promise<Record<string, unknown>[]> =>
  db.all(`select user_id, difference from (${lakeRawQuery(VIEWS, [PART])}) order by 1`)

test('what a load has left is proved in pairs, by either number of it', async () => {
  const db = await loaded()
  expect(await holdsLoad(db, VIEWS, PART)).toBe(true)
  await db.run(`update ${RAW} set _load_seq = 4 where user_id > 4`)
  expect(await holdsLoad(db, VIEWS, PART)).toBe(true)
  expect(await told(db)).toEqual([])
})

test('the same rows in another order are not proved, and the join finds nothing', async () => {
  const db = await loaded()
  await db.run(`create temp table kept as from ${RAW}`)
  await db.run(`delete from ${RAW}`)
  await db.run(`insert into ${RAW} from kept order by user_id desc`)
  expect(await holdsLoad(db, VIEWS, PART)).toBe(false)
  expect(await told(db)).toEqual([])
})

describe.each(['raw', 'lake'] as const)('what the join finds is never proved: %s', (side) => {
  const inRaw = [
    '_load_seq = 2',
    '_load_seq = null',
    `_run_id = 'r-2'`,
    '_run_id = null',
    '_superseded = 1',
    '_superseded = null',
  ]
  const inBoth = [
    'user_id = 99',
    'user_id = null',
    'apartment_id = 8',
    'apartment_id = null',
    `viewed_at = viewed_at + interval 1 second`,
    'viewed_at = null',
    'is_wishlisted = null',
    'is_wishlisted = not is_wishlisted',
    `call_to_action = ''`,
    'call_to_action = null',
    '_position = 1',
    '_position = null',
    `_nullified = 'call_to_action'`,
    '_nullified = null',
  ]
  const inLake = ['_deleted = true']
  const table = side === 'raw' ? RAW : 'lake'
  test.each([...inBoth, ...(side === 'raw' ? inRaw : inLake)])('%s', async (change) => {
    const db = await loaded()
    await db.run(`update ${table} set ${change} where user_id = 5`)
    expect(await holdsLoad(db, VIEWS, PART)).toBe(false)
    expect((await told(db)).length).toBeGreaterThan(0)
  })

  test.each([
    'delete from $ where user_id = 0',
    'delete from $ where user_id = 8',
    'insert into $ from $ where user_id = 4',
  ])('%s', async (statement) => {
    const db = await loaded()
    await db.run(statement.replaceAll('$', table))
    expect(await holdsLoad(db, VIEWS, PART)).toBe(false)
  })
})

test.each([
  ['a NULL in the key, on both sides', `update $ set user_id = null where user_id = 5`],
  [
    'a key with two rows, on both sides',
    `update $ set user_id = 4, viewed_at = timestamp '2024-01-01 04:00:00' where user_id = 5`,
  ],
])('%s is not proved, since the join tells of it', async (_, statement) => {
  const db = await loaded()
  for (const table of [RAW, 'lake']) await db.run(statement.replace('$', table))
  expect(await holdsLoad(db, VIEWS, PART)).toBe(false)
  expect((await told(db)).length).toBeGreaterThan(0)
})

test('copies of a key are left to the join', async () => {
  const db = await loaded()
  await db.run('update lake set _position = 6 where user_id = 5')
  await db.run('insert into lake select * replace (2 as _position) from lake where user_id = 5')
  await db.run(`update ${RAW} set _position = 6, _superseded = 1 where user_id = 5`)
  expect(await holdsLoad(db, VIEWS, PART)).toBe(false)
  expect(await told(db)).toEqual([])
})

test('a load without a number is not proved', async () => {
  expect(await holdsLoad(await loaded(), VIEWS, { ...PART, seqs: [] })).toBe(false)
})

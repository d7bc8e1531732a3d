import { describe, expect, test } from 'vitest'
import { holdsLoad, lakePieces } from '../../../../../src/lib/adapters/local/audit/lake-proof.js'
import { type LakePart, lakeRawQuery } from '../../../../../src/lib/adapters/local/audit/lake-query.js'
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

describe('several loads', () => {
  const LATER: LakePart = { runId: 'r-2', rank: 2, seqs: [5], rows: 'later' }
  const PARTS = [PART, LATER]

  /** A second load has changed user 2, taken user 3 away and brought user 20: they lie behind the others, or nowhere. */
  async function loadedTwice(): Promise<Database> {
    const db = await loaded()
    await db.run(`create table later as
      select * replace ('new' as call_to_action) from lake where user_id = 2
      union all select * replace (true as _deleted) from lake where user_id = 3
      union all select * replace (20 as user_id, timestamp '2024-01-01 02:30:00' as viewed_at) from lake where user_id = 4`)
    await db.run(
      `insert into raw_data.load_log (seq, run_id, table_name) values (3, 'r-1', 'user_viewing'), (5, 'r-2', 'user_viewing')`,
    )
    await db.run(`delete from ${RAW} where user_id in (2, 3)`)
    await db.run(`insert into ${RAW} (${COLUMNS}, _load_seq, _run_id, _position, _superseded, _nullified)
      select ${COLUMNS}, 5, 'r-2', 0, 0, _nullified from later where not _deleted`)
    return db
  }

  /** What the pieces tell where they are not proved, how many are, and what the whole query tells. */
  async function lookedAt(
    db: Database,
  ): Promise<{ pieces: number; proved: number; found: unknown[]; whole: unknown[] }> {
    const rows = (sql: string): Promise<Record<string, string | null>[]> =>
      db.all(`select user_id, difference, run_id from (${sql}) order by all`)
    const pieces = await lakePieces(db, VIEWS, PARTS)
    const found: Record<string, string | null>[] = []
    let proved = 0
    for (const piece of pieces) {
      if (await piece.isSound?.()) proved++
      else found.push(...(await rows(piece.sql)))
    }
    const byUser = (a: Record<string, string | null>, b: Record<string, string | null>) =>
      String([a['user_id'], a['difference']]).localeCompare(String([b['user_id'], b['difference']]))
    return {
      pieces: pieces.length,
      proved,
      found: found.sort(byUser),
      whole: (await rows(lakeRawQuery(VIEWS, PARTS))).sort(byUser),
    }
  }

  test('what the later one has not touched is proved in pairs, and the rest is followed', async () => {
    expect(await lookedAt(await loadedTwice())).toEqual({ pieces: 2, proved: 1, found: [], whole: [] })
  })

  test('so it is in slices', async () => {
    const db = await loadedTwice()
    await db.run(`create table lake_9 as from lake`)
    await db.run(`insert into lake_9
      select l.* replace (1000 + i as user_id, timestamp '2024-02-01' + to_seconds(i) as viewed_at)
      from lake l cross join range(1200000) r(i) where user_id = 8 order by i`)
    await db.run(`insert into ${RAW} (${COLUMNS}, _load_seq, _run_id, _position, _superseded, _nullified)
      select ${COLUMNS}, 3, 'r-1', 0, 0, _nullified from lake_9 where user_id >= 1000`)
    await db.run('drop table lake')
    await db.run('create table lake as from lake_9')
    expect(await lookedAt(db)).toEqual({ pieces: 4, proved: 3, found: [], whole: [] })
    await db.run(`update ${RAW} set call_to_action = 'x' where user_id = 1001000`)
    const altered = [{ user_id: '1001000', difference: 'not in the lake as it is in raw', run_id: 'r-1' }]
    expect(await lookedAt(db)).toEqual({ pieces: 4, proved: 2, found: altered, whole: altered })
  })

  test.each([
    ...[1, 2, 20].flatMap((user) =>
      [
        '_load_seq = 2',
        '_load_seq = null',
        `_run_id = 'r-9'`,
        '_superseded = 1',
        'user_id = 99',
        'user_id = null',
        'viewed_at = null',
        'is_wishlisted = not is_wishlisted',
        `call_to_action = ''`,
        '_position = 1',
        `_nullified = 'call_to_action'`,
      ].map((change) => `update ${RAW} set ${change} where user_id = ${user}`),
    ),
    ...[1, 2, 20].map((user) => `delete from ${RAW} where user_id = ${user}`),
    `insert into ${RAW} select * replace (3 as user_id) from ${RAW} where user_id = 4`,
    `insert into ${RAW} select * replace (77 as user_id) from ${RAW} where user_id = 4`,
    `update lake set call_to_action = 'x' where user_id = 1`,
    'update lake set _deleted = true where user_id = 1',
    'update lake set user_id = null where user_id = 1',
    'delete from lake where user_id = 1',
    `update later set call_to_action = 'x' where user_id = 2`,
    'delete from later where user_id = 20',
    'update later set _deleted = false where user_id = 3',
  ])('%s is found in pieces as it is in the whole', async (statement) => {
    const db = await loadedTwice()
    await db.run(statement)
    const { found, whole } = await lookedAt(db)
    expect(found.length).toBeGreaterThan(0)
    expect(found).toEqual(whole)
  })

  test.each([4, 20])('of a row of raw that stands there twice nothing is proved: user %i', async (user) => {
    const db = await loadedTwice()
    await db.run(`insert into ${RAW} from ${RAW} where user_id = ${user}`)
    expect(await lookedAt(db)).toMatchObject({ pieces: 2, proved: user === 4 ? 0 : 1 })
  })

  test('nor of a key with two rows, on both sides', async () => {
    const db = await loadedTwice()
    for (const table of [RAW, 'lake'])
      await db.run(`update ${table} set user_id = 4, viewed_at = timestamp '2024-01-01 04:00:00' where user_id = 5`)
    const { proved, found, whole } = await lookedAt(db)
    expect(proved).toBe(0)
    expect(found.length).toBeGreaterThan(0)
    expect(found).toEqual(whole)
  })

  test('copies of a key that no later load has touched are left to the join', async () => {
    const db = await loadedTwice()
    await db.run('update lake set _position = 6 where user_id = 5')
    await db.run('insert into lake select * replace (2 as _position) from lake where user_id = 5')
    await db.run(`update ${RAW} set _position = 6, _superseded = 1 where user_id = 5`)
    expect(await lookedAt(db)).toEqual({ pieces: 2, proved: 0, found: [], whole: [] })
  })
})

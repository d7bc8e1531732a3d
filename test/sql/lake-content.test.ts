import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sourceTable } from '../../src/lib/core/model.js'
import { lakeContentQuery } from '../../src/lib/core/sql/lake-content.js'
import { quarantineContentQuery, unseenRejectsQuery } from '../../src/lib/core/sql/quarantine-content.js'
import { portableFaults } from '../support/portable-sql.js'
import { type ScriptEngine, scriptEngine } from '../support/script-engine.js'

const VIEWS = sourceTable('user_viewing')

/** Rows by user: [user, call, position, superseded, run, deleted]. */
type Row = [user: number, call: string, position: number, superseded: number, run: string, deleted?: boolean]

const columns = 'user_id, apartment_id, viewed_at, is_wishlisted, call_to_action'
const typed = ([user, call]: Row): string =>
  `${user}, 7, cast('2024-01-01 00:00:00' as timestamp), true, cast('${call}' as varchar(100))`
const inLake = (row: Row): string =>
  `select ${typed(row)}, ${row[2]}, cast(null as varchar(100)), ${row[5] === true}, '${row[4]}'`
const bySeq = { 'r-1': 1, 'r-2': 2 } as Record<string, number>

const RUNS: Record<string, Row[]> = {
  'r-1': [
    [1, 'a', 0, 0, 'r-1'],
    [2, 'a', 1, 0, 'r-1'],
    [2, 'b', 2, 0, 'r-1'],
    [3, 'a', 0, 0, 'r-1'],
    [4, 'a', 0, 0, 'r-1'],
  ],
  'r-2': [
    [3, 'c', 0, 0, 'r-2'],
    [4, '', 0, 0, 'r-2', true],
  ],
}
const RAW: Row[] = [
  [1, 'a', 0, 0, 'r-1'],
  [2, 'b', 2, 1, 'r-1'],
  [3, 'c', 0, 0, 'r-2'],
]

describe.each(['duckdb', 'postgres'] as const)('the lake beside raw, on %s', (kind) => {
  let engine: ScriptEngine
  beforeAll(async () => {
    engine = await scriptEngine(kind)
    await engine.run(`create table lake (user_id bigint, apartment_id bigint, viewed_at timestamp, is_wishlisted boolean,
      call_to_action varchar(100), _position bigint, _nullified varchar(100), _deleted boolean, run_id varchar(80))`)
    for (const [run, seq] of Object.entries(bySeq))
      await engine.run(
        `insert into raw_data.load_log (seq, run_id, table_name) values (${seq}, '${run}', 'user_viewing'), (${seq}, '${run}', 'bookings')`,
      )
  })
  afterAll(() => engine.close())

  async function differences(rows: Row[], lake = RUNS, spoil?: string, slice?: string): Promise<string[]> {
    await engine.run('delete from raw_data.stg_user_viewing')
    await engine.run('delete from lake')
    for (const row of rows)
      await engine.run(
        `insert into raw_data.stg_user_viewing (${columns}, _load_seq, _run_id, _position, _superseded)
          select ${typed(row)}, ${bySeq[row[4]]}, '${row[4]}', ${row[2]}, ${row[3]}`,
      )
    for (const row of Object.values(lake).flat()) await engine.run(`insert into lake ${inLake(row)}`)
    if (spoil) await engine.run(spoil)
    const own = (run: string): string => `(select * from lake where run_id ${run})`
    const later = `(select l.*, 1 as rank from lake l where run_id <> 'r-1')`
    const parts = { first: { runId: 'r-1', seqs: [1], rows: own("= 'r-1'") }, ...(lake['r-2'] ? { later } : {}) }
    const found = async (keys?: 'touched' | 'untouched'): Promise<string[]> => {
      const which = { ...(slice ? { slice } : {}), ...(keys ? { keys } : {}) }
      const rows = await engine.rows(lakeContentQuery(VIEWS, parts, which))
      return rows.map(({ user_id, difference, run_id }) => `${user_id} ${difference} ${run_id}`).sort()
    }
    const all = await found()
    if (lake['r-2']) expect([...(await found('touched')), ...(await found('untouched'))].sort()).toEqual(all)
    return all
  }

  test('changed, deleted and superseded rows balance, over several loads and over one', async () => {
    expect(await differences(RAW)).toEqual([])
    expect(await differences([[1, 'a', 0, 0, 'r-1']], { 'r-1': [[1, 'a', 0, 0, 'r-1']] })).toEqual([])
  })

  test.each<[string, Row[], string[]]>([
    ['a row less in raw', RAW.slice(1), ['1 in the lake, but not in raw r-1']],
    ['a row more in raw', [...RAW, [9, 'x', 0, 0, 'r-2']], ['9 not in the lake as it is in raw r-2']],
    ['another cell', [[1, 'z', 0, 0, 'r-1'], ...RAW.slice(1)], ['1 not in the lake as it is in raw r-1']],
    [
      'the state before the last load',
      [...RAW.slice(0, 2), [3, 'a', 0, 0, 'r-2']],
      ['3 not in the lake as it is in raw r-2'],
    ],
    ['a row that was deleted', [...RAW, [4, 'a', 0, 0, 'r-1']], ['4 deleted in the lake, but in raw r-2']],
    [
      'fewer copies',
      [RAW[0] as Row, [2, 'b', 2, 2, 'r-1'], RAW[2] as Row],
      ['2 more or fewer copies in the lake than raw counts r-1'],
    ],
  ])('%s', async (_, rows, expected) => {
    expect(await differences(rows)).toEqual(expected)
  })

  test.each([
    ['user_id < 3', ['1 not in the lake as it is in raw r-1', '2 not in the lake as it is in raw r-1']],
    ['user_id >= 3', ['3 not in the lake as it is in raw r-2']],
  ])('a slice tells of its own keys: %s', async (slice, expected) => {
    const spoil = "update raw_data.stg_user_viewing set call_to_action = 'z'"
    expect(await differences(RAW, RUNS, spoil, slice)).toEqual(expected)
  })

  test.each([
    ["call_to_action = 'z'", 1],
    ['is_wishlisted = null', 1],
    ['_position = 9', 1],
    ['_position = null', 1],
    ["_nullified = 'is_wishlisted'", 1],
    ["_run_id = 'r-2'", 1],
    ['_run_id = null', 1],
    ['_load_seq = 2', 1],
    ['_load_seq = null', 1],
    ["call_to_action = 'z'", 3],
    ['_position = 9', 3],
    ["_run_id = 'r-1'", 3],
    ['_run_id = null', 3],
    ['_load_seq = 7', 3],
    ['_load_seq = null', 3],
  ])('raw altered by %s of user %i is found by its key', async (change, user) => {
    const run = user === 1 ? 'r-1' : 'r-2'
    const spoil = `update raw_data.stg_user_viewing set ${change} where user_id = ${user}`
    expect(await differences(RAW, RUNS, spoil)).toEqual([`${user} not in the lake as it is in raw ${run}`])
  })

  test('a number of copies that is NULL is none', async () => {
    const spoil = 'update raw_data.stg_user_viewing set _superseded = null'
    const found = (await differences(RAW, RUNS, spoil)).map((line) => line.replace(/ r-\d$/, ''))
    expect(found).toEqual([1, 2, 3].map((user) => `${user} more or fewer copies in the lake than raw counts`))
  })

  const REJECTS = `(select * from (
    select 'a' as rule, 'k1' as key_text, '{}' as row_text, 1 as occurrence, false as _deleted, 'r-1' as run_id
    union all select 'a', 'k2', '{}', 1, false, 'r-1' union all select 'a', 'k2', '{}', 1, true, 'r-2') e)`
  const all = (): string => '1 = 1'
  const quarantined = async (spoil?: string, isKnown: (run: string, rank: string) => string = all) => {
    await engine.run('delete from raw_data.quarantine')
    await engine.run(`insert into raw_data.quarantine (id, table_name, rule, key_text, row_text, occurrence, first_run_id, cleared_run_id)
      values (1, 'bookings', 'a', 'k1', '{}', 1, 'r-1', null), (2, 'bookings', 'a', 'k2', '{}', 1, 'r-1', 'r-2')`)
    if (spoil) await engine.run(spoil)
    const found = await engine.rows(quarantineContentQuery('bookings', { rows: REJECTS, isKnown }))
    return found.map(({ key_text, difference }) => `${key_text} ${difference}`).sort()
  }

  test('a quarantine as the lake has it', async () => expect(await quarantined()).toEqual([]))

  test.each([
    ["update raw_data.quarantine set row_text = '{ }' where id = 1", 'k1 not in the lake as it is in quarantine'],
    ['update raw_data.quarantine set occurrence = null where id = 1', 'k1 not in the lake as it is in quarantine'],
    [
      "update raw_data.quarantine set first_run_id = 'r-2' where id = 1",
      'k1 in the lake, but not in quarantine',
      'k1 not in the lake as it is in quarantine',
    ],
    ['update raw_data.quarantine set first_run_id = null where id = 1', 'k1 not in the lake as it is in quarantine'],
    ["update raw_data.quarantine set cleared_run_id = 'r-2' where id = 1", 'k1 cleared, but not in the lake'],
    [
      'update raw_data.quarantine set cleared_run_id = null where id = 2',
      'k2 cleared in the lake, but not in quarantine',
    ],
    ['delete from raw_data.quarantine where id = 1', 'k1 in the lake, but not in quarantine'],
  ])('%s is found', async (spoil, ...expected) => {
    expect(await quarantined(spoil)).toEqual(expect.arrayContaining(expected))
  })

  test('of runs whose files are gone nothing is asked; an open row of theirs is counted as not seen', async () => {
    const known = (_: string, rank: string): string => `${rank} > 1`
    const gone = `(select * from ${REJECTS} k where run_id = 'r-2')`
    expect(await quarantined("update raw_data.quarantine set row_text = '{ }' where id = 1", known)).toEqual([
      'k1 in the lake, but not in quarantine',
    ])
    const unseen = (rows: string) => engine.rows(unseenRejectsQuery('bookings', { rows, isKnown: known }))
    expect(await unseen(gone)).toEqual([{ n: '1' }])
    const again = `(select * from ${gone} g union all select 'a', 'k1', '{ }', 1, false, 'r-2')`
    expect(await unseen(again)).toEqual([{ n: '0' }])
  })
})

test('both are of the portable subset', () => {
  const rows = { first: { runId: 'r', seqs: [], rows: 'a' }, later: 'b' }
  expect(portableFaults(lakeContentQuery(VIEWS, rows))).toEqual([])
  expect(portableFaults(lakeContentQuery(sourceTable('apartments'), rows))).toEqual([])
  for (const keys of ['touched', 'untouched'] as const)
    expect(portableFaults(lakeContentQuery(VIEWS, rows, { keys }))).toEqual([])
  expect(portableFaults(quarantineContentQuery('bookings', { rows: 'c', isKnown: (run) => `${run} <> ''` }))).toEqual(
    [],
  )
})

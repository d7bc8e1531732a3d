import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type LakePart, lakeRawQuery } from '../../../../../src/lib/adapters/local/audit/lake-query.js'
import type { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { sourceTable } from '../../../../../src/lib/core/model.js'
import { emptyWarehouse } from '../../../../support/memory-database.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const VIEWS = sourceTable('user_viewing')

/** Rows by user: [user, call, position, superseded, run, deleted]. */
type Row = [user: number, call: string, position: number, superseded: number, run: string, deleted?: boolean]

const typedRow = ([user, call, position, superseded, run, deleted = false]: Row): string =>
  `select cast(${user} as bigint) as user_id, cast(7 as bigint) as apartment_id, timestamp '2024-01-01' as viewed_at, true as is_wishlisted,
    cast('${call}' as varchar) as call_to_action, cast(${position} as bigint) as _position, cast(${superseded} as bigint) as _superseded, '${run}' as _run_id, ${deleted} as _deleted`

async function load(db: Database, rows: Row[]): Promise<void> {
  await db.run('delete from raw_data.stg_user_viewing')
  for (const row of rows) {
    await db.run(
      `insert into raw_data.stg_user_viewing (user_id, apartment_id, viewed_at, is_wishlisted, call_to_action, _load_seq, _run_id, _position, _superseded)
        select user_id, apartment_id, viewed_at, is_wishlisted, call_to_action, 1, _run_id, _position, _superseded from (${typedRow(row)}) t`,
    )
  }
}

async function extract(db: Database, runs: Record<string, Row[]>): Promise<LakePart[]> {
  const folder = await temporaryFolder()
  const parts: LakePart[] = []
  for (const [at, [runId, rows]] of Object.entries(runs).entries()) {
    const file = join(folder, `it's ${runId}.parquet`)
    await db.run(
      `copy (select user_id, apartment_id, viewed_at, is_wishlisted, call_to_action, _position, cast(null as varchar) as _nullified, _deleted
        from (${rows.map(typedRow).join(' union all ')}) t) to '${file.replaceAll("'", "''")}' (format parquet)`,
    )
    parts.push({ runId, rank: at + 1, seqs: [1], rows: `read_parquet('${file.replaceAll("'", "''")}')` })
  }
  return parts
}

describe('lakeRawQuery', () => {
  const runs: Record<string, Row[]> = {
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
  const raw: Row[] = [
    [1, 'a', 0, 0, 'r-1'],
    [2, 'b', 2, 1, 'r-1'],
    [3, 'c', 0, 0, 'r-2'],
  ]
  const differences = async (rows: Row[], lake = runs, spoil?: string, slice?: string): Promise<string[]> => {
    const db = await emptyWarehouse()
    await load(db, rows)
    const parts = await extract(db, lake)
    if (spoil) await db.run(spoil)
    const found = await db.all<Record<string, string>>(lakeRawQuery(VIEWS, parts, slice))
    return found.map(({ user_id, difference, run_id }) => `${user_id} ${difference} ${run_id}`).sort()
  }

  test('changed, deleted and superseded rows balance, over several loads and over one', async () => {
    expect(await differences(raw)).toEqual([])
    expect(await differences([[1, 'a', 0, 0, 'r-1']], { 'r-1': [[1, 'a', 0, 0, 'r-1']] })).toEqual([])
  })

  test.each<[string, Row[], string[]]>([
    ['a row less in raw', raw.slice(1), ['1 in the lake, but not in raw r-1']],
    ['a row more in raw', [...raw, [9, 'x', 0, 0, 'r-2']], ['9 not in the lake as it is in raw r-2']],
    ['another cell', [[1, 'z', 0, 0, 'r-1'], ...raw.slice(1)], ['1 not in the lake as it is in raw r-1']],
    [
      'the state before the last load',
      [...raw.slice(0, 2), [3, 'a', 0, 0, 'r-2']],
      ['3 not in the lake as it is in raw r-2'],
    ],
    ['a row that was deleted', [...raw, [4, 'a', 0, 0, 'r-1']], ['4 deleted in the lake, but in raw r-2']],
    [
      'fewer copies',
      [raw[0] as Row, [2, 'b', 2, 2, 'r-1'], raw[2] as Row],
      ['2 more or fewer copies in the lake than raw counts r-1'],
    ],
  ])('%s', async (_, rows, expected) => {
    expect(await differences(rows)).toEqual(expected)
  })

  test.each([
    ['user_id < 3', ['1 not in the lake as it is in raw r-1', '2 not in the lake as it is in raw r-1']],
    ['user_id >= 3', ['3 not in the lake as it is in raw r-2']],
  ])('a slice tells of its own keys: %s', async (slice, expected) => {
    expect(await differences(raw, runs, "update raw_data.stg_user_viewing set call_to_action = 'z'", slice)).toEqual(
      expected,
    )
  })

  test.each([
    ["call_to_action = 'z'", 1],
    ['is_wishlisted = null', 1],
    ['_position = 9', 1],
    ["_nullified = 'is_wishlisted'", 1],
    ["_run_id = 'r-2'", 1],
    ['_load_seq = 2', 1],
    ["call_to_action = 'z'", 3],
    ['_position = 9', 3],
    ["_run_id = 'r-1'", 3],
    ['_load_seq = 7', 3],
  ])('raw altered by %s of user %i is found by its key', async (change, user) => {
    const run = user === 1 ? 'r-1' : 'r-2'
    const spoil = `update raw_data.stg_user_viewing set ${change} where user_id = ${user}`
    const [found] = await differences(raw, runs, spoil)
    expect(found).toBe(`${user} not in the lake as it is in raw ${run}`)
  })
})

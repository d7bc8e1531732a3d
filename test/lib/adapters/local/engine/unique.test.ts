import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPlainlyUnique } from '../../../../../src/lib/adapters/local/engine/unique.js'
import type { Keyed } from '../../../../../src/lib/core/verify/unique-keys.js'
import { memoryDatabase } from '../../../../support/memory-database.js'

const ID: Keyed = { relation: 't', key: [{ name: 'id', type: 'BIGINT', required: true }] }
const PAIR: Keyed = {
  relation: 't',
  key: [
    { name: 'user_id', type: 'BIGINT', required: true },
    { name: 'seen_at', type: 'TIMESTAMP', required: true },
  ],
}

async function known(table: Keyed, rows: string): Promise<boolean> {
  const db = await memoryDatabase()
  await db.run(`create table t as ${rows}`)
  return isPlainlyUnique(db, table)
}

const ids = (values: readonly (number | bigint | null)[]): string =>
  `select cast(unnest([${values.map((value) => (value === null ? 'null' : String(value))).join(', ')}]) as bigint) as id`
const MOST = 9_223_372_036_854_775_807n

describe('a key that is one number', () => {
  test.each<[string, string, boolean]>([
    ['dense, in any order', 'select (i * 7919) % 20011 - 300 as id from range(20011) r(i)', true],
    ['one twice', 'select case when i = 900 then 17 else i end as id from range(3000) r(i)', false],
    ['one NULL', 'select case when i = 900 then null else i end as id from range(3000) r(i)', false],
    ['two NULLs', ids([null, null]), false],
    ['far apart, but rising', 'select 1000000 * i as id from range(3000) r(i)', true],
    ['far apart, and in no order', 'select (i * 7919) % 20011 * 1000000 as id from range(20011) r(i)', true],
    [
      'far apart, in no order, one twice',
      'select (case when i = 70 then 9 else i end * 7919) % 20011 * 1000000 as id from range(20011) r(i)',
      false,
    ],
    [
      'far apart, in no order, and more than are looked at',
      'select (i * 7919) % 2000003 * 1000000 as id from range(2000003) r(i)',
      false,
    ],
    ['far apart, rising, one twice', 'select 1000000 * (i - i // 2999) as id from range(3000) r(i)', false],
    ['the ends of all numbers', ids([-MOST, 0, MOST]), true],
    ['the ends of all numbers, one twice', ids([-MOST, 0, MOST, MOST]), false],
    ['no row', 'select cast(1 as bigint) as id where false', true],
    ['one row', ids([5]), true],
  ])('%s', async (_, rows, expected) => expect(await known(ID, rows)).toBe(expected))
})

describe('a key of several columns', () => {
  const at = (seconds: string): string => `timestamp '2024-01-01' + to_seconds(${seconds})`
  test.each<[string, string, boolean]>([
    ['times that rise', `select 1 as user_id, ${at('i')} as seen_at from range(300000) r(i)`, true],
    ['times that fall once', `select i as user_id, ${at('(i + 9) % 3000')} as seen_at from range(3000) r(i)`, true],
    [
      'times that fall often at the end',
      `select i as user_id, ${at('case when i < 9000 then i else i * 7919 % 9000 end')} as seen_at from range(10000) r(i)`,
      true,
    ],
    [
      'the same, of which one stands twice at the end',
      `select i as user_id, ${at('case when i < 9000 then i else i * 7919 % 9000 end')} as seen_at from (select case when i = 9999 then 9200 else i end as i from range(10000) r(i))`,
      false,
    ],
    [
      'the same, of which one stands there and further up',
      `select case when i = 9200 then 9200 * 7919 % 9000 else i end as user_id, ${at('case when i < 9000 then i else i * 7919 % 9000 end')} as seen_at from range(10000) r(i)`,
      false,
    ],
    [
      'times in no order',
      `select i as user_id, ${at('i * 7919 % 2000003')} as seen_at from range(2000003) r(i)`,
      false,
    ],
    [
      'times that stay, of other users',
      `select i as user_id, ${at('i // 7')} as seen_at from range(300000) r(i)`,
      true,
    ],
    [
      'times that stay, one of the same user',
      `select i - case when i % 7 = 6 and i > 200000 then 6 else 0 end as user_id, ${at('i // 7')} as seen_at from range(300000) r(i)`,
      false,
    ],
    [
      'a time that is NULL',
      `select i as user_id, case when i <> 5 then ${at('i')} end as seen_at from range(9) r(i)`,
      false,
    ],
    [
      'a first time that is NULL',
      `select i as user_id, case when i > 0 then ${at('i')} end as seen_at from range(9) r(i)`,
      false,
    ],
    [
      'a last time that is NULL',
      `select i as user_id, case when i < 8 then ${at('i')} end as seen_at from range(9) r(i)`,
      false,
    ],
    ['more that stay than are looked at', `select i as user_id, ${at('0')} as seen_at from range(1000001) r(i)`, false],
    ['as many that stay as are looked at', `select i as user_id, ${at('0')} as seen_at from range(1000000) r(i)`, true],
  ])('%s', async (_, rows, expected) => expect(await known(PAIR, rows)).toBe(expected))
})

test('what is said to be unique is so when it is grouped', async () => {
  const db = await memoryDatabase()
  const cell = fc.option(fc.integer({ min: 0, max: 6 }), { freq: 12 })
  const proved = { yes: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell), { maxLength: 8 }), fc.boolean(), async (rows, isSorted) => {
      if (isSorted) rows.sort((a, b) => (a[1] ?? 9) - (b[1] ?? 9))
      await db.run('create or replace table t (id bigint, user_id bigint, seen_at timestamp)')
      for (const [user, second] of rows) {
        const time = second === null ? 'null' : `timestamp '2024-01-01' + to_seconds(${second})`
        await db.run(`insert into t values (${second}, ${user}, ${time})`)
      }
      for (const table of [ID, PAIR]) {
        if (!(await isPlainlyUnique(db, table))) continue
        proved.yes++
        const key = table.key.map(({ name }) => name).join(', ')
        expect(
          await db.count(`select count(*) from (select 1 from t group by ${key} having count(*) > 1)`),
          JSON.stringify(rows),
        ).toBe(0)
      }
    }),
    { numRuns: 150 },
  )
  expect(proved.yes).toBeGreaterThan(20)
})

import { expect, test } from 'vitest'
import type { Database } from '../../../../src/lib/adapters/local/engine/database.js'
import { SOURCE_TABLES } from '../../../../src/lib/core/model.js'
import { consistencyQuery } from '../../../../src/lib/core/sql/consistency.js'
import { SCHEMA_VERSION } from '../../../../src/lib/core/sql/ddl.js'
import { emptyWarehouse } from '../../../support/memory-database.js'

const COUNTS = 'inserted, updated, unchanged, deleted, superseded, quarantined'

/** A warehouse after two loads: three bookings, then one of them gone, one changed and a bad row. */
async function loaded(): Promise<Database> {
  const db = await emptyWarehouse()
  await db.run(`insert into raw_data.schema_version values (${SCHEMA_VERSION})`)
  for (const { name } of SOURCE_TABLES) {
    const [first, second] =
      name === 'bookings'
        ? [
            [3, 3],
            [2, 1],
          ]
        : [
            [0, 0],
            [0, 0],
          ]
    const log = (seq: number, rows_in: number, rows_out: number, counts: string, full: boolean, mark: string) =>
      db.run(`insert into raw_data.load_log (seq, run_id, table_name, manifest_hash, rows_in, rows_out, ${COUNTS}, full_refresh, bookmark)
        values (${seq}, 'r-${seq}', '${name}', 'h-${seq}', ${rows_in}, ${rows_out}, ${counts}, ${full}, ${mark})`)
    const own = name === 'bookings'
    await log(
      1,
      first?.[0] ?? 0,
      first?.[1] ?? 0,
      own ? '3, 0, 0, 0, 0, 0' : '0, 0, 0, 0, 0, 0',
      own,
      own ? `'3'` : 'null',
    )
    await log(
      2,
      second?.[0] ?? 0,
      second?.[1] ?? 0,
      own ? '0, 1, 0, 1, 0, 1' : '0, 0, 0, 0, 0, 0',
      false,
      own ? `'3'` : 'null',
    )
  }
  for (const id of [1, 3])
    await db.run(
      `insert into raw_data.stg_bookings (booking_id, _load_seq, _run_id, _position, _superseded) values (${id}, 1, 'r-1', 0, 0)`,
    )
  await db.run(`insert into raw_data.quarantine values (1, 'bookings', 'bad_row:fields', '', '[]', 1, 'r-2', null)`)
  await db.run(`insert into curated.build values ('r-2', date '2026-05-03', 2)`)
  return db
}

test('a warehouse after its loads agrees with itself', async () => {
  expect(await (await loaded()).all(consistencyQuery())).toEqual([])
})

test.each([
  ['insert into raw_data.schema_version values (2)', 'raw_data.schema_version is not one row of this version'],
  ['update raw_data.schema_version set version = 1', 'raw_data.schema_version is not one row of this version'],
  [`insert into curated.build values ('r-9', date '2026-05-03', 2)`, 'curated.build has several rows'],
  ['update curated.build set raw_seq = 9', 'curated.build is of a load that is not in the load log'],
  ['insert into curated.changed_users values (1)', 'curated.changed_users holds keys though curated is as new as raw'],
  [
    `insert into raw_data.bookmark_resets values ('booking')`,
    'raw_data.bookmark_resets names what is no source table, or one twice',
  ],
  [
    `insert into raw_data.bookmark_resets values ('bookings'), ('bookings')`,
    'raw_data.bookmark_resets names what is no source table, or one twice',
  ],
  [
    `insert into raw_data.bookmark_rewinds values ('booking', '1')`,
    'raw_data.bookmark_rewinds names what is no source table, or one twice',
  ],
  [
    `insert into raw_data.bookmark_rewinds values ('bookings', '1'), ('bookings', null)`,
    'raw_data.bookmark_rewinds names what is no source table, or one twice',
  ],
  [
    `insert into raw_data.bookmark_changes (seq, table_name) values (1, 'bookings'), (1, 'bookings')`,
    'raw_data.bookmark_changes names what is no source table, or one twice in a change',
  ],
  [`update raw_data.quarantine set table_name = 'x'`, 'raw_data.quarantine has a row of no source table'],
  [`insert into raw_data.quarantine select * from raw_data.quarantine`, 'raw_data.quarantine has an id twice'],
  [
    `delete from raw_data.load_log where table_name = 'bookings' and seq = 1`,
    'raw_data.load_log has not one row for each table of a load',
  ],
  [
    `update raw_data.load_log set run_id = 'r-7' where table_name = 'bookings' and seq = 1`,
    'raw_data.load_log has not one row for each table of a load',
  ],
  ['delete from raw_data.load_log where seq = 1', 'raw_data.load_log lacks a load'],
  [`update raw_data.load_log set rows_in = 9 where table_name = 'bookings'`, 'raw_data.load_log does not balance'],
  [
    `update raw_data.load_log set updated = 0, unchanged = 1, rows_out = 0 where table_name = 'bookings' and seq = 2`,
    'raw_data.load_log does not balance',
  ],
  [
    `update raw_data.load_log set bookmark = '9' where table_name = 'bookings' and seq = 2`,
    'the bookmark of bookings in the load log is not that of raw',
  ],
  [
    `update raw_data.load_log set deleted = 0 where table_name = 'bookings' and seq = 2`,
    'the load log of bookings gives another number of rows than raw has',
  ],
  [
    'delete from raw_data.stg_bookings where booking_id = 1',
    'the load log of bookings gives another number of rows than raw has',
  ],
])('%s is found', async (statement, problem) => {
  const db = await loaded()
  await db.run(statement)
  const found = await db.all<{ problem: string }>(consistencyQuery())
  expect(found.map((row) => row.problem)).toContain(problem)
})

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { acquireLock } from '../../../../../src/lib/adapters/local/home/run-lock.js'
import { LocalBookmarkReset } from '../../../../../src/lib/adapters/local/warehouse/bookmarks.js'
import { openLocalWarehouse } from '../../../../../src/lib/adapters/local/warehouse/warehouse.js'
import type { Bookmark } from '../../../../../src/lib/core/run/bookmark.js'
import { createStatements, SCHEMA_VERSION } from '../../../../../src/lib/core/sql/ddl.js'
import { bookmarks } from '../../../../../src/lib/use-cases/bookmarks.js'
import { loadHistory } from '../../../../../src/lib/use-cases/load-history.js'
import { temporaryFolder } from '../../../../support/temporary.js'

/** A home whose load log has these rows: table, seq, run, bookmark, whether it was reconciled. */
async function homeOf(...loads: [string, number, string, string | null, boolean][]): Promise<string> {
  const home = await temporaryFolder()
  const db = await Database.open(join(home, 'warehouse.duckdb'))
  for (const statement of createStatements()) await db.run(statement)
  await db.run(`insert into raw_data.schema_version values (${SCHEMA_VERSION})`)
  await db.run('insert into raw_data.stg_bookings (booking_id) values (5), (7)')
  for (const [table, seq, run, bookmark, reconciled] of loads) {
    await db.run(
      `insert into raw_data.load_log (seq, run_id, table_name, bookmark, reconciled, loaded_at) values (${seq}, '${run}', '${table}', ${bookmark === null ? 'null' : `'${bookmark}'`}, ${reconciled}, timestamp '2026-05-0${seq} 02:00:00')`,
    )
  }
  db.close()
  return home
}

async function marksOf(home: string): Promise<Bookmark[]> {
  await using warehouse = await openLocalWarehouse(home)
  return await bookmarks(warehouse)
}

const resetOf = (home: string): LocalBookmarkReset => new LocalBookmarkReset(home, (text) => expect.unreachable(text))

describe('bookmarks', () => {
  test('each table: its position, its last load, and since when it is not reconciled', async () => {
    const home = await homeOf(
      ['bookings', 3, 'r-3', '7', false],
      ['bookings', 1, 'r-1', '5', true],
      ['bookings', 2, 'r-2', '6', false],
      ['user_viewing', 1, 'r-1', null, false],
      ['apartments', 1, 'r-1', '9', true],
    )
    const rest = { raw_rows: 0, reset_pending: false, not_reconciled_since: undefined }
    const first = { last_run: 'r-1', loaded_at: '2026-05-01T02:00:00Z' }
    expect(await marksOf(home)).toEqual([
      { ...rest, ...first, table: 'apartments', column: 'id', position: '9', reconciled: true },
      {
        ...rest,
        table: 'apartment_attributes',
        column: 'id',
        position: undefined,
        last_run: undefined,
        loaded_at: undefined,
        reconciled: false,
      },
      {
        ...rest,
        table: 'bookings',
        column: 'booking_id',
        position: '7',
        raw_rows: 2,
        last_run: 'r-3',
        loaded_at: '2026-05-03T02:00:00Z',
        reconciled: false,
        not_reconciled_since: '2026-05-02T02:00:00Z',
      },
      {
        ...rest,
        ...first,
        table: 'user_viewing',
        column: 'viewed_at',
        position: undefined,
        reconciled: false,
        not_reconciled_since: '2026-05-01T02:00:00Z',
      },
    ])
  })

  test('a reset is pending for the tables that are named, once, and moves no row', async () => {
    const home = await homeOf(['bookings', 1, 'r-1', '7', true])
    const bookmarkReset = resetOf(home)
    await bookmarkReset.reset(['bookings', 'apartments'])
    await bookmarkReset.reset(['bookings'])
    const found = await marksOf(home)
    expect(found.map(({ table, reset_pending, raw_rows }) => [table, reset_pending, raw_rows])).toEqual([
      ['apartments', true, 0],
      ['apartment_attributes', false, 0],
      ['bookings', true, 2],
      ['user_viewing', false, 0],
    ])
    const db = await Database.open(join(home, 'warehouse.duckdb'), { readOnly: true })
    expect(await db.count('select count(*) from raw_data.bookmark_resets')).toBe(2)
    db.close()
  })

  test('while a run is going on nothing is reset', async () => {
    const home = await homeOf()
    const lock = await acquireLock(home, 'r-1')
    try {
      await expect(resetOf(home).reset(['bookings'])).rejects.toMatchObject({ code: 'LOCKED' })
    } finally {
      await lock.release()
    }
    expect((await marksOf(home)).some(({ reset_pending }) => reset_pending)).toBe(false)
    // The lock is free again.
    await resetOf(home).reset(['bookings'])
    await resetOf(home).reset(['bookings'])
  })

  test('without a warehouse there is nothing to list or reset, and nothing is made', async () => {
    const home = join(await temporaryFolder(), 'home')
    await mkdir(home)
    await expect(marksOf(home)).rejects.toMatchObject({ code: 'NO_WAREHOUSE', exit: 'not_found' })
    await expect(resetOf(home).reset(['bookings'])).rejects.toMatchObject({ code: 'NO_WAREHOUSE' })
  })
})

test('the load history is each load once, oldest first, whatever the order of its rows; none before the first run', async () => {
  const home = await homeOf(
    ['bookings', 2, 'r-9', null, true],
    ['apartments', 1, 'r-5', null, true],
    ['bookings', 1, 'r-5', null, true],
    ['apartments', 2, 'r-9', null, true],
  )
  expect(await loadHistory(() => openLocalWarehouse(home))).toEqual([
    { seq: 1, run_id: 'r-5' },
    { seq: 2, run_id: 'r-9' },
  ])
  const copy = join(await temporaryFolder(), 'empty')
  await mkdir(copy)
  expect(await loadHistory(() => openLocalWarehouse(copy))).toEqual([])
})

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Database } from '../../../../../src/lib/adapters/local/engine/database.js'
import { acquireLock } from '../../../../../src/lib/adapters/local/home/run-lock.js'
import { LocalBookmarkChanges } from '../../../../../src/lib/adapters/local/warehouse/bookmarks.js'
import { openLocalWarehouse } from '../../../../../src/lib/adapters/local/warehouse/warehouse.js'
import type { Bookmark } from '../../../../../src/lib/core/run/bookmark.js'
import { createStatements, SCHEMA_VERSION } from '../../../../../src/lib/core/sql/ddl.js'
import type { NewChange } from '../../../../../src/lib/ports/bookmarks.js'
import { bookmarkBook, bookmarkHistory, type HistoryLine } from '../../../../../src/lib/use-cases/bookmarks.js'
import { planChange, type WantedChange } from '../../../../../src/lib/use-cases/change-bookmarks.js'
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
  return (await bookmarkBook(warehouse)).marks
}

const CLOCK = { now: () => new Date('2026-05-04T05:06:07.089Z') }
const changesOf = (home: string): LocalBookmarkChanges =>
  new LocalBookmarkChanges(home, CLOCK, (text) => expect.unreachable(text))

async function planned(home: string, wanted: WantedChange, reason?: string): Promise<NewChange> {
  await using warehouse = await openLocalWarehouse(home)
  return (await planChange(warehouse, wanted, reason)).change
}

async function change(home: string, wanted: WantedChange, reason?: string): Promise<void> {
  await changesOf(home).change(await planned(home, wanted, reason))
}

const reset = (home: string, ...tables: string[]): Promise<void> => change(home, { kind: 'reset', tables })
const rewind = (home: string, run: string, ...tables: string[]): Promise<void> =>
  change(home, { kind: 'rewind', tables, to: { run } })
const restore = (home: string, seq?: number): Promise<void> => change(home, { kind: 'restore', seq })

async function historyOf(home: string): Promise<HistoryLine[]> {
  await using warehouse = await openLocalWarehouse(home)
  return await bookmarkHistory(warehouse)
}

/** `seq kind table from > to state` */
const lineText = ({ change: { seq, kind }, table: { table, from, to }, state }: HistoryLine): string =>
  `${seq} ${kind} ${table} ${from.state} ${from.position} > ${to.state} ${to.position} ${state}`

describe('bookmarks', () => {
  test('each table: its position, its last load, and since when it is not reconciled', async () => {
    const home = await homeOf(
      ['bookings', 3, 'r-3', '7', false],
      ['bookings', 1, 'r-1', '5', true],
      ['bookings', 2, 'r-2', '6', false],
      ['user_viewing', 1, 'r-1', null, false],
      ['apartments', 1, 'r-1', '9', true],
    )
    const rest = {
      ...{ raw_rows: 0, reset_pending: false, rewind_pending: false },
      ...{ not_reconciled_since: undefined, not_reconciled_since_run: undefined, reads_from: undefined },
    }
    const first = { last_run: 'r-1', loaded_at: '2026-05-01T02:00:00Z' }
    expect(await marksOf(home)).toEqual([
      { ...rest, ...first, table: 'apartments', column: 'id', position: '9', reads_from: '9', reconciled: true },
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
        reads_from: '7',
        not_reconciled_since: '2026-05-02T02:00:00Z',
        not_reconciled_since_run: 'r-2',
      },
      {
        ...rest,
        ...first,
        table: 'user_viewing',
        column: 'viewed_at',
        position: undefined,
        reconciled: false,
        not_reconciled_since: '2026-05-01T02:00:00Z',
        not_reconciled_since_run: 'r-1',
      },
    ])
  })

  test('a reset is pending for the tables that are named, once, and moves no row', async () => {
    const home = await homeOf(['bookings', 1, 'r-1', '7', true])
    await reset(home, 'bookings', 'apartments')
    await reset(home, 'bookings')
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

  test('a table that a run read whole missed nothing, though it did not reconcile', async () => {
    const home = await homeOf(['bookings', 1, 'r-1', '7', false])
    const db = await Database.open(join(home, 'warehouse.duckdb'))
    await db.run('update raw_data.load_log set full_refresh = true')
    db.close()
    const found = (await marksOf(home)).find(({ table }) => table === 'bookings')
    expect(found).toMatchObject({ reconciled: false, not_reconciled_since: undefined })
  })

  test('a rewind, by whom, when and why; each change takes the place of the one before, and is taken back alone', async () => {
    const home = await homeOf(['bookings', 1, 'r-1', '5', true], ['bookings', 2, 'r-2', '7', true])
    await change(home, { kind: 'rewind', tables: ['bookings'], to: { run: 'r-1' } }, "it's late")
    expect((await marksOf(home)).find(({ table }) => table === 'bookings')).toMatchObject({
      ...{ position: '7', reads_from: '5', rewind_pending: true, reset_pending: false },
    })
    await reset(home, 'bookings')
    await restore(home)
    expect((await historyOf(home)).map(lineText)).toEqual([
      '3 restore bookings reset null > rewind 5 done',
      '2 reset bookings rewind 5 > reset null restored',
      '1 rewind bookings none 7 > rewind 5 pending',
    ])
    const [first] = (await historyOf(home)).slice(-1)
    expect(first?.change).toMatchObject({
      ...{ changed_at: '2026-05-04T05:06:07.089Z', reason: "it's late", load_seq: 2 },
      changed_by: expect.stringMatching(/^.+@.+$/),
    })
    await restore(home)
    expect((await marksOf(home)).find(({ table }) => table === 'bookings')).toMatchObject({
      ...{ reads_from: '7', rewind_pending: false, reset_pending: false },
    })
    await expect(restore(home)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('what was thought out on a state that is gone changes nothing', async () => {
    const home = await homeOf(['bookings', 1, 'r-1', '5', true], ['bookings', 2, 'r-2', '7', true])
    const late = await planned(home, { kind: 'reset', tables: ['bookings'] })
    await rewind(home, 'r-1', 'bookings')
    const before = await historyOf(home)
    await expect(changesOf(home).change(late)).rejects.toMatchObject({ code: 'LOCKED', exit: 'locked' })
    await expect(changesOf(home).change({ ...late, seq: 2, load_seq: 1 })).rejects.toMatchObject({ code: 'LOCKED' })
    expect(await historyOf(home)).toEqual(before)
  })

  test('a change that fails half way leaves nothing', async () => {
    const home = await homeOf(['bookings', 1, 'r-1', '5', true])
    const broken = { ...(await planned(home, { kind: 'reset', tables: ['bookings'] })), load_seq: 1, of_seq: 1e30 }
    await expect(changesOf(home).change(broken)).rejects.toThrow()
    expect(await historyOf(home)).toEqual([])
    expect((await marksOf(home)).some(({ reset_pending }) => reset_pending)).toBe(false)
  })

  test('while a run is going on nothing is reset', async () => {
    const home = await homeOf()
    const lock = await acquireLock(home, 'r-1')
    try {
      await expect(reset(home, 'bookings')).rejects.toMatchObject({ code: 'LOCKED' })
    } finally {
      await lock.release()
    }
    expect((await marksOf(home)).some(({ reset_pending }) => reset_pending)).toBe(false)
    // The lock is free again.
    await reset(home, 'bookings')
    await reset(home, 'bookings')
  })

  test('without a warehouse there is nothing to list or reset, and nothing is made', async () => {
    const home = join(await temporaryFolder(), 'home')
    await mkdir(home)
    await expect(marksOf(home)).rejects.toMatchObject({ code: 'NO_WAREHOUSE', exit: 'not_found' })
    const nothing = { seq: 1, kind: 'reset', tables: [], of_seq: null, load_seq: 0, reason: null } as const
    await expect(changesOf(home).change({ ...nothing, tables: [] })).rejects.toMatchObject({ code: 'NO_WAREHOUSE' })
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

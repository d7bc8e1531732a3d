import { expect, test } from 'vitest'
import { auditLines } from '../../../src/lib/core/run/bookmark-audit.js'
import { auditBookmarks } from '../../../src/lib/use-cases/audit-bookmarks.js'
import { emptyWarehouse, MemoryWarehouse } from '../../support/memory-database.js'

const options = { tables: ['bookings'], keys: 5, signal: new AbortController().signal }

/** An audit during which something is done to the warehouse. */
async function audited(meanwhile: string | undefined) {
  const db = await emptyWarehouse()
  await db.run(
    `insert into raw_data.load_log (seq, run_id, table_name, bookmark) values (1, 'r-1', 'bookings', '7'), (1, 'r-1', 'apartments', '9')`,
  )
  await db.run('insert into raw_data.schema_version values (3)')
  await db.run(`insert into raw_data.bookmark_rewinds values ('bookings', '5')`)
  // It stays open: both looks are at one database.
  const warehouse = () =>
    Promise.resolve(Object.assign(new MemoryWarehouse(db), { [Symbol.asyncDispose]: async () => {} }))
  let points: unknown
  const audit = {
    audit: async (given: ReadonlyMap<string, unknown>) => {
      points = [...given]
      if (meanwhile) await db.run(meanwhile)
      const kinds = auditLines(
        new Map([
          ['late', { rows: 2, keys: [] }],
          ['waiting', { rows: 3, keys: [] }],
        ]),
      )
      return [{ table: 'bookings', column: 'booking_id', reads_from: '5', inclusive: false, kinds }]
    },
  }
  const found = await auditBookmarks({ audit, warehouse }, options)
  return { found, points }
}

test('only the tables that were asked for, from where they are read next; what is lost is summed', async () => {
  const { found, points } = await audited(undefined)
  expect(points).toEqual([['bookings', { state: 'rewind', position: '5' }]])
  expect(found.lost).toBe(2)
})

test.each([
  `insert into raw_data.load_log (seq, run_id, table_name) values (2, 'r-2', 'bookings')`,
  `insert into raw_data.bookmark_changes (seq, table_name) values (1, 'bookings')`,
])('its answer is of one state, or of none: %s', async (sql) => {
  await expect(audited(sql)).rejects.toMatchObject({
    ...{ code: 'LOCKED', suggestions: ['rental-etl bookmarks audit   # once more'] },
  })
})

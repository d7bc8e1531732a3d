import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Database } from '../../../../src/lib/adapters/local/engine/database.js'
import { SOURCE_TABLES, type SourceTableName, sourceTable } from '../../../../src/lib/core/model.js'
import { applyStatements, rawColumns, survivors } from '../../../../src/lib/core/sql/load.js'
import { literal } from '../../../../src/lib/core/sql/names.js'
import { emptyWarehouse } from '../../../support/memory-database.js'

const BOOKINGS = sourceTable('bookings')

/** A row of raw; `user` stands for its content, and the hash is that of it. */
interface Row {
  id: number
  user: number | null
  seq: number
  run: string
  position: number
  superseded: number
  nullified: string | null
}

interface Staged extends Row {
  deleted: boolean
}

const hashOf = ({ user }: { user: number | null }): number => 1000 + (user ?? -1)
const text = (value: string | null): string => (value === null ? 'null' : literal(value))

async function fill(db: Database, relation: string, rows: readonly (Row & { deleted?: boolean })[]): Promise<void> {
  await db.run(`delete from ${relation}`)
  for (const row of rows) {
    const technical = `_row_hash, _load_seq, _run_id, _position, _superseded, _nullified`
    const values = `${hashOf(row)}, ${row.seq}, ${literal(row.run)}, ${row.position}, ${row.superseded}, ${text(row.nullified)}`
    const deleted = row.deleted === undefined ? ['', ''] : [', _deleted', `, ${row.deleted}`]
    await db.run(
      `insert into ${relation} (booking_id, user_id, ${technical}${deleted[0]}) values (${row.id}, ${row.user}, ${values}${deleted[1]})`,
    )
  }
}

async function rowsOf(db: Database): Promise<Row[]> {
  const rows = await db.all<Record<string, string | null>>(
    'select booking_id, user_id, _row_hash, _load_seq, _run_id, _position, _superseded, _nullified from raw_data.stg_bookings order by booking_id',
  )
  return rows.map((row) => {
    const user = row.user_id === null ? null : Number(row.user_id)
    expect(Number(row._row_hash)).toBe(hashOf({ user }))
    return {
      id: Number(row.booking_id),
      user,
      seq: Number(row._load_seq),
      run: String(row._run_id),
      position: Number(row._position),
      superseded: Number(row._superseded),
      nullified: row._nullified as string | null,
    }
  })
}

async function changed(db: Database, name: string, column: string): Promise<number[]> {
  const rows = await db.all<{ id: string }>(`select distinct ${column} as id from curated.${name} order by id`)
  return rows.map(({ id }) => Number(id))
}

const id = fc.integer({ min: 1, max: 8 })
const user = fc.option(fc.integer({ min: 1, max: 3 }))
const row = (seq: number, run: string): fc.Arbitrary<Row> =>
  fc.record({
    id,
    user,
    seq: fc.constant(seq),
    run: fc.constant(run),
    position: fc.nat({ max: 9 }),
    superseded: fc.nat({ max: 2 }),
    nullified: fc.option(fc.constantFrom('num_guests')),
  })
const staged: fc.Arbitrary<Staged> = fc
  .tuple(row(2, 'r-2'), fc.boolean())
  .map(([one, deleted]) => ({ ...one, deleted }))
const unique = { selector: (one: Row) => one.id, maxLength: 8 }

test('staged rows are inserted, changed, deleted or left, and what they touch is known', async () => {
  const db = await emptyWarehouse()
  await db.run('create table staged as select *, true as _deleted from raw_data.stg_bookings limit 0')
  const sorted = (ids: Iterable<number>): number[] => [...new Set(ids)].sort((a, b) => a - b)
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(row(1, 'r-1'), unique), fc.uniqueArray(staged, unique), async (old, incoming) => {
      await fill(db, 'raw_data.stg_bookings', old)
      await fill(db, 'staged', incoming)
      for (const name of ['changed_bookings', 'changed_users']) await db.run(`delete from curated.${name}`)
      for (const statement of applyStatements(BOOKINGS, 'staged')) await db.run(statement)

      const raw = new Map(old.map((one) => [one.id, one]))
      const bookings: number[] = []
      const users: (number | null)[] = []
      for (const { deleted, ...next } of incoming) {
        const before = raw.get(next.id)
        if (deleted && !before) continue
        if (deleted) raw.delete(next.id)
        else if (before && hashOf(before) === hashOf(next)) {
          raw.set(next.id, { ...next, seq: before.seq, run: before.run })
          continue
        } else raw.set(next.id, next)
        bookings.push(next.id)
        users.push(before?.user ?? null, deleted ? null : next.user)
      }
      expect(await rowsOf(db)).toEqual([...raw.values()].sort((a, b) => a.id - b.id))
      expect(await changed(db, 'changed_bookings', 'booking_id')).toEqual(sorted(bookings))
      expect(await changed(db, 'changed_users', 'user_id')).toEqual(sorted(users.filter((one) => one !== null)))
    }),
    { numRuns: 25 },
  )
})

test.each<[SourceTableName, Record<string, (string | null)[][]>]>([
  ['apartments', { changed_listings: [['1', null, null]], changed_users: [] }],
  ['apartment_attributes', { changed_listings: [['1', null, null]], changed_users: [] }],
  ['user_viewing', { changed_views: [['1', '2', '2024-01-01T00:00:00Z']], changed_users: [['1', null, null]] }],
])('a new row of %s touches its curated keys', async (name, expected) => {
  const db = await emptyWarehouse()
  const table = sourceTable(name)
  await db.run(`create table staged as select *, true as _deleted from raw_data.${table.raw} limit 0`)
  const values = { id: '1', user_id: '1', apartment_id: '2', viewed_at: `timestamp '2024-01-01'` }
  const columns = [...table.key, '_row_hash', '_deleted']
  const cells = columns.map(
    (column) => (values as Record<string, string>)[column] ?? (column === '_deleted' ? 'false' : '9'),
  )
  await db.run(`insert into staged (${columns.join(', ')}) values (${cells.join(', ')})`)
  for (const statement of applyStatements(table, 'staged')) await db.run(statement)
  for (const [relation, rows] of Object.entries(expected)) {
    const found = await db.all(`select * from curated.${relation}`)
    expect({ [relation]: found.map((one) => Object.values(one)) }).toEqual({
      [relation]: rows.map((one) => one.filter((cell) => cell !== null)),
    })
  }
})

test('of copies one survives by the order that is given, and knows how many it won over', async () => {
  const db = await emptyWarehouse()
  await db.run(
    `create table lake as select * from (values
      (1, 100.0, 11, 0, null, false), (2, 1.0, 21, 1, null, false), (2, 3.0, 22, 2, 'a', false), (2, 3.0, 23, 5, null, false),
      (3, 2.0, 31, 3, 'b', false), (4, null, 41, 0, null, true), (5, null, 51, 4, null, true)
    ) t(booking_id, total_price, _row_hash, _position, _nullified, _deleted)`,
  )
  const columns = BOOKINGS.columns.map(({ name, type }) =>
    ['booking_id', 'total_price'].includes(name)
      ? `cast(${name} as ${type}) as ${name}`
      : `cast(null as ${type}) as ${name}`,
  )
  const source = `(select ${columns.join(', ')}, _row_hash, _position, _nullified, _deleted from lake) l`
  const survive = async (order: string, copies: boolean) => {
    const sql = survivors(BOOKINGS, source, order, { runId: "r'1", seq: 7, copies })
    const rows = await db.all<Record<string, string | number | null>>(
      `select booking_id as id, _row_hash as hash, _superseded as won, _nullified as nullified, _load_seq as seq, _run_id as run from (${sql}) s order by id, hash`,
    )
    return rows.map((one) => Object.values(one).join(' '))
  }
  expect(await survive('total_price desc, _position desc', true)).toEqual([
    "1 11 0  7 r'1",
    "2 23 2  7 r'1",
    "3 31 0 b 7 r'1",
  ])
  expect(await survive('total_price, _position', true)).toEqual(["1 11 0  7 r'1", "2 21 2  7 r'1", "3 31 0 b 7 r'1"])
  // Where the extract saw no copies, nobody looks for them.
  expect((await survive('_position', false)).length).toBe(5)
})

test('the columns of raw, technical ones last', async () => {
  const db = await emptyWarehouse()
  for (const table of SOURCE_TABLES) {
    const columns = await db.all<{ name: string }>(
      `select column_name as name from information_schema.columns where table_name = ${literal(table.raw)} order by ordinal_position`,
    )
    expect(rawColumns(table)).toBe(columns.map(({ name }) => `"${name}"`).join(', '))
  }
})

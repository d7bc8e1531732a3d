import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SOURCE_TABLES, type SourceTableName, sourceTable, TECHNICAL_COLUMNS } from '../../src/lib/core/model.js'
import { STAGING_PLACES } from '../../src/lib/core/release/redshift-tables.js'
import { CHANGED_KEYS, columnNames, LOAD_LOG, lakeColumns, QUARANTINE } from '../../src/lib/core/sql/ddl.js'
import { type LoadMode, type LoadPlan, loadScript } from '../../src/lib/core/sql/load-script.js'
import { literal } from '../../src/lib/core/sql/names.js'
import { portableFaults } from '../support/portable-sql.js'
import { play, type ScriptEngine, scriptEngine, type Texts } from '../support/script-engine.js'

const NONE: Record<SourceTableName, LoadMode> = {
  apartments: 'none',
  apartment_attributes: 'none',
  bookings: 'none',
  user_viewing: 'none',
}
const planOf = (mode: LoadMode, rejects = true): LoadPlan => ({
  modes: { apartments: mode, apartment_attributes: mode, bookings: mode, user_viewing: mode },
  rejects,
})

/** A row of the lake: a booking, whose user stands for its content. */
interface LakeRow {
  id: number
  user: number | null
  position: number
  nullified: string | null
  deleted: boolean
}

interface Reject {
  key: number
  rule: string
  deleted: boolean
}

interface Load {
  mode: LoadMode
  rows: LakeRow[]
  rejects: Reject[]
}

let engines: ScriptEngine[]

beforeAll(async () => {
  engines = [await scriptEngine('duckdb'), await scriptEngine('postgres')]
})

afterAll(async () => {
  for (const engine of engines) await engine.close()
})

const cell = (value: unknown): string => (value === null ? 'null' : literal(String(value)))

async function stage(engine: ScriptEngine, { rows, rejects }: Load): Promise<void> {
  await engine.run('delete from raw_data.load_bookings')
  await engine.run('delete from raw_data.load_rejects')
  for (const { id, user, position, nullified, deleted } of rows) {
    await engine.run(
      `insert into raw_data.load_bookings (booking_id, user_id, _position, _nullified, _deleted) values (${id}, ${cell(user)}, ${position}, ${cell(nullified)}, ${deleted})`,
    )
  }
  for (const { key, rule, deleted } of rejects) {
    await engine.run(
      `insert into raw_data.load_rejects (table_name, rule, key_text, row_text, occurrence, _deleted) values ('bookings', '${rule}', '${key}', '{}', 1, ${deleted})`,
    )
  }
}

function places(seq: number, { mode, rows, rejects }: Load): Record<string, string> {
  const own = SOURCE_TABLES.flatMap(({ name }) => [
    [`${name}.source_rows`, String(name === 'bookings' ? rows.length + rejects.length : 0)],
    [`${name}.unchanged`, '0'],
    [`${name}.full`, String(name === 'bookings' && mode === 'full')],
  ])
  return {
    ...STAGING_PLACES,
    ...Object.fromEntries(own),
    seq: String(seq),
    previous_seq: String(seq - 1),
    bookmark_seq: '0',
    run_id: `r-${seq}`,
    manifest_hash: `h-${seq}`,
    reconciled: 'true',
    loaded_at: '2026-05-04 02:00:00.123',
  }
}

async function load(engine: ScriptEngine, seq: number, one: Load): Promise<Texts[]> {
  await stage(engine, one)
  const plan = { modes: { ...NONE, bookings: one.mode }, rejects: one.rejects.length > 0 }
  return play(engine, loadScript(plan), places(seq, one))
}

async function empty(engine: ScriptEngine): Promise<void> {
  const tables = [...SOURCE_TABLES.map(({ raw }) => `raw_data.${raw}`), 'raw_data.load_log', 'raw_data.quarantine']
  for (const table of [...tables, ...Object.keys(CHANGED_KEYS).map((name) => `curated.${name}`)])
    await engine.run(`delete from ${table}`)
}

const BOOKINGS = sourceTable('bookings')

/** Everything that a load changes, as texts in an order of its own. */
async function everything(engine: ScriptEngine): Promise<Record<string, string[]>> {
  const relations: Record<string, readonly { name: string }[]> = {
    'raw_data.stg_bookings': [...BOOKINGS.columns, ...TECHNICAL_COLUMNS],
    'raw_data.load_log': LOAD_LOG,
    'raw_data.quarantine': QUARANTINE,
    'curated.changed_bookings': CHANGED_KEYS.changed_bookings ?? [],
    'curated.changed_users': CHANGED_KEYS.changed_users ?? [],
  }
  const found: Record<string, string[]> = {}
  for (const [name, columns] of Object.entries(relations)) {
    const list = columns.map((column) => `cast("${column.name}" as varchar(1000)) as "${column.name}"`).join(', ')
    const rows = await engine.rows(`select distinct ${list} from ${name}`)
    found[name] = rows.map((row) => JSON.stringify(Object.values(row))).sort()
  }
  return found
}

const lakeRow = (deleted: boolean): fc.Arbitrary<LakeRow> =>
  fc.record({
    id: fc.integer({ min: 1, max: 6 }),
    user: deleted ? fc.constant(null) : fc.option(fc.integer({ min: 1, max: 3 })),
    position: fc.constant(0),
    nullified: deleted ? fc.constant(null) : fc.option(fc.constantFrom('num_guests', 'num_guests,other')),
    deleted: fc.constant(deleted),
  })

/** Rows as an extract writes them: of several copies of a key each has a place, of one alone it is 0; gone keys have none. */
const lakeRows = (mode: LoadMode): fc.Arbitrary<LakeRow[]> =>
  fc
    .tuple(
      fc.array(lakeRow(false), { maxLength: 8 }),
      fc.uniqueArray(lakeRow(true), { selector: ({ id }) => id, maxLength: mode === 'full' ? 0 : 3 }),
    )
    .map(([good, gone]) => {
      const copies = (id: number): number => good.filter((row) => row.id === id).length
      const placed = good.map((row, at) => ({ ...row, position: copies(row.id) > 1 ? at + 1 : 0 }))
      return [...placed, ...gone.filter(({ id }) => copies(id) === 0)]
    })

const reject = fc.record({
  key: fc.integer({ min: 1, max: 3 }),
  rule: fc.constantFrom('bad_value:user_id', 'null_key:booking_id'),
  deleted: fc.boolean(),
})

const loadArbitrary: fc.Arbitrary<Load> = fc.constantFrom<LoadMode>('full', 'changes').chain((mode) =>
  fc.record({
    mode: fc.constant(mode),
    rows: lakeRows(mode),
    rejects: fc.uniqueArray(reject, { selector: ({ key, rule }) => `${key}${rule}`, maxLength: 3 }),
  }),
)

/** What raw is after a load, row by row, without any SQL. */
function naive(raw: Map<number, string>, { mode, rows }: Load, seq: number): Map<number, string> {
  const next = mode === 'full' ? new Map<number, string>() : new Map(raw)
  for (const { id, deleted } of rows) if (deleted) next.delete(id)
  const good = rows.filter(({ deleted }) => !deleted)
  for (const id of new Set(good.map((row) => row.id))) {
    const copies = good.filter((row) => row.id === id).sort((a, b) => b.position - a.position)
    const { user, position, nullified } = copies[0] as LakeRow
    const before = next.get(id)?.split('|')
    const [bySeq, byRun] = mode === 'changes' && before?.[0] === String(user) ? before.slice(1, 3) : [seq, `r-${seq}`]
    next.set(id, [user, bySeq, byRun, position, copies.length - 1, nullified].map(String).join('|'))
  }
  return next
}

test('loads of any kind, one after another: as row by row, alike on both engines, and each row is accounted for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(loadArbitrary, { minLength: 1, maxLength: 4 }), async (loads) => {
      for (const engine of engines) await empty(engine)
      let raw = new Map<number, string>()
      for (const [at, one] of loads.entries()) {
        raw = naive(raw, one, at + 1)
        const [duckdb, postgres] = engines as [ScriptEngine, ScriptEngine]
        const counts = await load(duckdb, at + 1, one)
        expect(sorted(await load(postgres, at + 1, one))).toEqual(sorted(counts))
        expect(await everything(postgres)).toEqual(await everything(duckdb))
        const rows = await duckdb.rows(
          'select booking_id, user_id, _load_seq, _run_id, _position, _superseded, _nullified from raw_data.stg_bookings order by booking_id',
        )
        expect(
          rows.map(({ booking_id, ...row }) => [Number(booking_id), Object.values(row).map(String).join('|')]),
        ).toEqual([...raw].sort(([a], [b]) => a - b).map(([id, row]) => [id, row]))
      }
    }),
    { numRuns: 12 },
  )
})

const sorted = (rows: Texts[]): string[] => rows.map((row) => JSON.stringify(row)).sort()

describe('what a change touches', () => {
  const one = (id: number, user: number | null, deleted = false): LakeRow => ({
    id,
    user,
    position: 0,
    nullified: null,
    deleted,
  })

  test('of a booking that changes hands both users, of one that stays as it was nobody', async () => {
    const [duckdb] = engines as [ScriptEngine]
    await empty(duckdb)
    const rows = [one(1, 1), one(2, 2), one(3, 3), one(4, null)]
    await load(duckdb, 1, { mode: 'full', rows, rejects: [] })
    const changes = [one(1, 9), one(2, 2), one(3, null, true), one(4, 8), one(5, null)]
    const counts = await load(duckdb, 2, { mode: 'changes', rows: changes, rejects: [] })
    expect(sorted(counts)).toEqual(
      sorted([
        { table_name: 'bookings', effect: 'updated', detail: null, n: '2', superseded: '0' },
        { table_name: 'bookings', effect: 'unchanged', detail: null, n: '1', superseded: '0' },
        { table_name: 'bookings', effect: 'deleted', detail: null, n: '1', superseded: '0' },
        { table_name: 'bookings', effect: 'inserted', detail: null, n: '1', superseded: '0' },
        { table_name: 'bookings', effect: 'rows_in', detail: null, n: '4', superseded: '0' },
      ]),
    )
    const ids = async (name: string, column: string) =>
      (await duckdb.rows(`select distinct ${column} as id from curated.${name} order by id`)).map(({ id }) => id)
    expect(await ids('changed_bookings', 'booking_id')).toEqual(['1', '3', '4', '5'])
    expect(await ids('changed_users', 'user_id')).toEqual(['1', '3', '8', '9'])
  })
})

test('a load that does not balance, or is not of raw as it is, changes nothing', async () => {
  for (const engine of engines) {
    await empty(engine)
    const row = { id: 1, user: 1, position: 0, nullified: null, deleted: false }
    const good: Load = { mode: 'full', rows: [row], rejects: [] }
    await load(engine, 1, good)
    const before = await everything(engine)
    await expect(load(engine, 3, good)).rejects.toThrow('raw has moved on')
    // Two rows of one key that say that each is alone.
    const twice: Load = { mode: 'changes', rows: [], rejects: [] }
    await stage(engine, twice)
    const plan = { modes: { ...NONE, bookings: 'changes' as const }, rejects: false }
    const lost = loadScript(plan).map((step) =>
      step.name === 'bookings: stage' ? { ...step, sql: `${step.sql} where effect <> 'inserted'` } : step,
    )
    await stage(engine, { ...twice, rows: [{ ...row, id: 2 }] })
    await expect(play(engine, lost, places(2, twice))).rejects.toThrow('raw does not balance')
    expect(await everything(engine)).toEqual(before)
  }
})

test('every step of every plan is portable, and a plan leaves room below 40 statements', () => {
  for (const mode of ['none', 'changes', 'full'] as const) {
    for (const rejects of [true, false]) {
      const steps = loadScript(planOf(mode, rejects))
      expect(steps.flatMap(({ name, sql }) => portableFaults(sql).map((fault) => `${name}: ${fault}`))).toEqual([])
      expect(new Set(steps.map(({ name }) => name)).size).toBe(steps.length)
      expect(steps.length).toBeLessThanOrEqual(36)
    }
  }
  expect(loadScript(planOf('changes')).length).toBe(33)
})

test('the lake has the columns that the script reads', () => {
  for (const table of SOURCE_TABLES)
    expect(columnNames(lakeColumns(table))).toContain('"_position", "_nullified", "_deleted"')
})

import { afterAll, beforeAll } from 'vitest'
import { readSqlFiles } from '../../src/lib/adapters/files/sql-files.js'
import { Database } from '../../src/lib/adapters/local/engine/database.js'
import { CURATED_TABLES, SOURCE_TABLES } from '../../src/lib/core/model.js'
import { CHANGED_KEYS, createStatements } from '../../src/lib/core/sql/ddl.js'
import { literal } from '../../src/lib/core/sql/names.js'
import { curatedStatements, newRows, viewStatement } from '../../src/lib/core/sql/statements.js'
import type { Cell } from '../../src/lib/ports/warehouse.js'

type Value = bigint | string | number | boolean | null
export type GivenRow = Readonly<Record<string, Value>>

/** Rows by relation, e.g. `curated.dim_listings`. A column that is not named is NULL. */
export type Given = Readonly<Record<string, readonly GivenRow[]>>

/** The order in which curated tables are built. */
const CURATED = [...CURATED_TABLES.map(({ name }) => name), 'dim_dates'] as const
const TABLES = [
  ...SOURCE_TABLES.map(({ raw }) => `raw_data.${raw}`),
  ...[...CURATED, ...Object.keys(CHANGED_KEYS), 'build'].map((name) => `curated.${name}`),
]

/** A warehouse in memory with the repository's own tables and views, made once for the tests of a file. */
export class SqlCases {
  #db: Database | undefined
  #files: Record<string, string> = {}

  get db(): Database {
    if (!this.#db) throw new Error('asked for outside of a test')
    return this.#db
  }

  async open(): Promise<void> {
    this.#db = await Database.open(':memory:')
    for (const statement of createStatements()) await this.db.run(statement)
    this.#files = Object.fromEntries((await readSqlFiles('curated')).map(({ name, text }) => [name, text]))
    for (const { name, text } of await readSqlFiles('presentation')) await this.db.run(viewStatement(name, text))
  }

  close(): void {
    this.#db?.close()
  }

  /** Empties the warehouse and puts the given rows into it. */
  async load(asOf: string, given: Given): Promise<void> {
    for (const table of TABLES) await this.db.run(`delete from ${table}`)
    await this.add({ ...given, 'curated.build': [{ run_id: 'r1', as_of: asOf, raw_seq: 1 }] })
  }

  async add(given: Given): Promise<void> {
    for (const [relation, rows] of Object.entries(given)) {
      for (const row of rows) {
        const values = Object.values(row).map((value) => (typeof value === 'string' ? literal(value) : String(value)))
        await this.db.run(`insert into ${relation} (${Object.keys(row).join(', ')}) values (${values.join(', ')})`)
      }
    }
  }

  /** Builds curated tables by their files: from the whole of raw, or of the changed keys. */
  async build(mode: 'full' | 'incremental', names: readonly string[] = CURATED): Promise<void> {
    for (const name of names) {
      const statements = curatedStatements(name, this.#files[name] as string, name === 'dim_dates' ? 'full' : mode)
      await this.db.run(`drop table if exists ${newRows(name)}`)
      for (const statement of Object.values(statements)) await this.db.run(statement)
    }
  }

  /** All rows of a relation, each as one line of its cells, sorted. */
  async lines(relation: string, columns = '*'): Promise<string[]> {
    const rows = await this.db.all<Record<string, Cell>>(`select ${columns} from ${relation}`)
    return rows.map((row) => line(Object.values(row))).sort()
  }

  /** A view over given rows of the curated layer; the calendar is built for them. */
  async view(name: string, asOf: string, given: Given): Promise<string[]> {
    await this.load(asOf, given)
    await this.build('full', ['dim_dates'])
    return this.lines(`presentation.${name}`)
  }

  /** A curated table over given rows of raw, built whole. */
  async curated(name: string, given: Given, columns = '*'): Promise<string[]> {
    await this.load('2024-01-31', given)
    await this.build('full', [name])
    return this.lines(`curated.${name}`, columns)
  }
}

/** The warehouse of a test file. */
export function sqlCases(): SqlCases {
  const cases = new SqlCases()
  beforeAll(() => cases.open())
  afterAll(() => cases.close())
  return cases
}

function line(cells: readonly Cell[]): string {
  return cells.map((cell) => (cell === null ? 'null' : String(cell))).join(' ')
}

let nextBooking = 1

/** A confirmed booking of 50 USD in the curated layer, with a number of its own. */
export function booking(row: GivenRow): GivenRow {
  return {
    booking_id: nextBooking++,
    user_id: 1,
    listing_id: 1,
    total_price: 50,
    currency: 'USD',
    booking_status: 'confirmed',
    ...row,
  }
}

/** A listing of 100 USD in Oslo in the curated layer, open from a day. */
export function listing(listing_id: number, active_from: string | null, row: GivenRow = {}): GivenRow {
  return { listing_id, price: 100, currency: 'USD', cityname: 'Oslo', state: 'NO', active_from, ...row }
}

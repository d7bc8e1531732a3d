import mysql, { type Connection } from 'mysql2/promise'
import { SOURCE_TABLES, type SqlType } from '../../src/lib/core/model.js'
import type { Mariadb } from '../box/mariadb.js'
import type { Random } from '../kill/random.js'
import { DATABASE } from './mysql-tables.js'
import { sortedTexts } from './pipeline.js'

const WRITER = { user: 'writer', password: 'w' }

/** Rows that only the second connection touches while its transaction is open: no other waits for its locks. */
const isLate = (id: number): boolean => id < 1000

/** The marketplace at work: what happens in its tables from day to day. */
export class Marketplace implements AsyncDisposable {
  readonly #server: Mariadb
  readonly #random: Random
  #late: Connection | undefined
  #lateUntil = -1
  #next = 1000
  #lateNext = 1
  readonly #gone: number[] = []
  readonly #there: Set<number> = new Set()
  /** The whole key of each listing's view: a statement that looks at more rows waits for the other connection. */
  readonly #views: Map<number, string> = new Map()

  constructor(server: Mariadb, random: Random) {
    this.#server = server
    this.#random = random
  }

  async start(): Promise<void> {
    const { user, password } = WRITER
    await this.#server.admin(
      `create user '${user}'@'127.0.0.1' identified by '${password}'`,
      `grant all on ${DATABASE}.* to '${user}'@'127.0.0.1'`,
    )
  }

  /** @returns what happened, for messages */
  async day(day: number): Promise<string[]> {
    const statements = [
      ...this.#times(3, 8).flatMap(() => this.#insert(this.#next++, day)),
      ...this.#times(0, 4).flatMap(() => this.#update(this.#one(), day)),
      ...this.#times(0, 3).flatMap(() => this.#remove(this.#one())),
      ...this.#times(0, 2).flatMap(() => this.#reuse(day)),
    ]
    await this.#server.admin(`use ${DATABASE}`, `set sql_mode = 'STRICT_ALL_TABLES'`, ...statements)
    return [...statements, ...(await this.#secondConnection(day))]
  }

  /** Its transaction began some days ago, with keys lower than those that were loaded since. */
  async #secondConnection(day: number): Promise<string[]> {
    if (this.#late && day < this.#lateUntil) return []
    await this.#late?.commit()
    if (!this.#late)
      this.#late = await mysql.createConnection({
        host: '127.0.0.1',
        port: this.#server.port,
        ...WRITER,
        database: DATABASE,
      })
    this.#lateUntil = day + 1 + this.#below(3)
    await this.#late.query('set transaction isolation level read committed')
    await this.#late.beginTransaction()
    const before = this.#lateNext - 1
    const statements = this.#insert(this.#lateNext, day)
    if (before > 0) statements.push(...this.#update(before, day))
    this.#lateNext++
    for (const statement of statements) await this.#late.query(statement)
    return statements.map((statement) => `late until day ${this.#lateUntil}: ${statement}`)
  }

  /** What another connection sees of the tables, as raw shows it. */
  async tables(): Promise<Record<string, (string | null)[][]>> {
    const found: Record<string, (string | null)[][]> = {}
    for (const { name, raw, columns } of SOURCE_TABLES) {
      const list = columns.map(({ name: column, type }) => `${asShown(column, type)} as \`${column}\``).join(', ')
      const rows = await this.#server.admin(`select ${list} from ${DATABASE}.${name}`)
      found[`raw_data.${raw}`] = sortedTexts(
        rows.map((row) => columns.map((column) => row[column.name] as string | null)),
      )
    }
    return found
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#late?.commit()
    await this.#late?.end()
    this.#late = undefined
  }

  #insert(id: number, day: number): string[] {
    if (!isLate(id)) this.#there.add(id)
    const date = dateOf(day)
    const text = this.#random.pick(['Loft', 'Nære sjøen', 'two\nlines', '', 'none', '東京 😀', 'a,"b"'])
    const status = this.#random.pick(['confirmed', 'Confirmed', 'pending', 'Cancelled'])
    const price = `${this.#below(900)}.${this.#below(90) + 10}`
    const [user, viewed] = [this.#below(9), `${date} 12:00:00.${id}`]
    this.#views.set(id, `user_id = ${user} and apartment_id = ${id} and viewed_at = '${viewed}'`)
    return [
      `insert into apartments values (${id}, '${text}', null, ${price}, 'EUR', '${date} 10:00:00', ${this.#below(2)}, '${date} 11:00:00.25')`,
      ...(this.#below(6) === 0
        ? []
        : [
            `insert into apartment_attributes (id, body, cityname, state, bedrooms) values (${id}, '${text}', 'Oslo', 'NO', 2.5)`,
          ]),
      `insert into bookings values (${id}, ${this.#below(9)}, ${id - this.#below(9)}, '${date}', '${dateOf(day + 1)}', '${dateOf(day + 1 + this.#below(5))}', ${price}, 'EUR', '${status}', null, 2)`,
      `insert ignore into user_viewing values (${user}, ${id}, '${viewed}', ${this.#random.pick(['0', '1', 'null'])}, 'call')`,
    ]
  }

  #update(id: number, day: number): string[] {
    return this.#random.pick([
      [
        `update apartments set price = price + 1.5, is_active = 1 - is_active, last_modified_timestamp = '${dateOf(day)} 13:00:00' where id = ${id}`,
      ],
      // Without a trace in the time of the last change.
      [`update apartments set price = 0.01 where id = ${id}`],
      [`update bookings set booking_status = 'canceled' where booking_id = ${id}`],
      [`update bookings set booking_status = 'confirmed', total_price = null where booking_id = ${id}`],
      [`update apartment_attributes set cityname = null, body = repeat('x', 70000) where id = ${id}`],
      [`update user_viewing set is_wishlisted = 1 where ${this.#views.get(id) ?? 'false'}`],
    ])
  }

  #remove(id: number): string[] {
    if (!this.#there.delete(id)) return []
    this.#gone.push(id)
    return [
      ...['apartments', 'apartment_attributes'].map((table) => `delete from ${table} where id = ${id}`),
      `delete from bookings where booking_id = ${id}`,
      ...(this.#below(2) === 0 ? [`delete from user_viewing where ${this.#views.get(id)}`] : []),
    ]
  }

  /** A key that was deleted, on this day or long ago, names something else. */
  #reuse(day: number): string[] {
    const id = this.#gone.pop()
    return id === undefined ? [] : this.#insert(id, day)
  }

  #one(): number {
    const all = [...this.#there]
    return all[this.#below(all.length)] ?? 0
  }

  #below(n: number): number {
    return Math.floor(this.#random.next() * n)
  }

  #times(least: number, most: number): undefined[] {
    return Array.from({ length: least + this.#below(most - least + 1) })
  }
}

export function dateOf(day: number): string {
  return new Date(Date.UTC(2024, 1, 1 + day)).toISOString().slice(0, 10)
}

function asShown(column: string, type: SqlType): string {
  if (type === 'BOOLEAN') return `elt(${column} + 1, 'false', 'true')`
  if (type === 'TIMESTAMP')
    return `concat(replace(trim(trailing '.' from trim(trailing '0' from cast(${column} as char))), ' ', 'T'), 'Z')`
  if (type === 'VARCHAR') return `nullif(left(${column}, 65535), '')`
  return `cast(${column} as char)`
}

import type { Column, SourceTable } from '../model.js'
import { chance, Random, STREAM, Weighted } from './random.js'
import type { Row, RowId, World } from './world.js'

/** What is odd about a row. The first three put it into quarantine, a copy is superseded, the others can be loaded. */
export type Oddity =
  | 'bad_required'
  | 'null_key'
  | 'wrong_fields'
  | 'copy'
  | 'bad_optional'
  | 'null_required'
  | 'missing_parent'
  | 'spelling'
  | 'text'

const ODDITIES = new Weighted<Oddity>([
  ['bad_required', 16],
  ['null_key', 6],
  ['wrong_fields', 6],
  ['copy', 16],
  ['bad_optional', 16],
  ['null_required', 8],
  ['missing_parent', 4],
  ['spelling', 18],
  ['text', 10],
])

/** Values that no reader can take, by the first word of a type. */
const BAD: Record<string, readonly string[]> = {
  BIGINT: ['abc', '12.5', '99999999999999999999', '1e6', '1_000'],
  INTEGER: ['many', '2.5', '9999999999', '0x1F'],
  DECIMAL: ['No', 'call us', '1.5e3', '$1,200', '99999999999999'],
  BOOLEAN: ['maybe', '2', 'ja'],
  DATE: ['2025-02-30', '31/31/2025', '0000-00-00', 'yesterday', '2025-6-1'],
  TIMESTAMP: ['2025-02-30 10:00:00', '2025-06-01 24:00:00', '2025-06-01 10:00:00+02', '0000-00-00 00:00:00', 'unknown'],
}
const NULLS = ['', 'null', 'NULL', '\\N']
const YES = ['true', 'TRUE', 't', 'yes', 'Y', '1']
const NO = ['false', 'FALSE', 'f', 'no', 'N', '0']
const TEXTS = [
  ' It is called "The Nest" by the neighbors.',
  '\nSecond line, with a comma.',
  ' Café näher als der Bahnhof – naïve señor.',
  ' 東京から遠い 🏠🔑',
  '\r\nLine of another system; "quoted", too.',
]

const STATUSES = ['unconfirmed', 'no_show', 'on hold, "maybe"', 'bestätigt']

/** Makes some rows of a table odd, on the days of the history on which they are; rows of it are then corrected. */
export class Dirt {
  readonly #world: World
  readonly #table: SourceTable
  readonly #tableSeed: number
  readonly #random: Random

  constructor(world: World, table: SourceTable) {
    this.#world = world
    this.#table = table
    this.#tableSeed = world.seed * 7 + table.columns.length
    this.#random = new Random(this.#tableSeed)
  }

  /** What a row stands in the file as: `now` in its place, `later` further down; odd rows may be missing or stand twice. */
  recordsOf(row: Row): { now: readonly string[] | undefined; later?: string[] } {
    const oddity = this.#oddityOf(row)
    if (oddity === undefined) return { now: row.fields }
    if (oddity === 'copy') return { now: row.fields, later: this.#copy([...row.fields]) }
    return { now: this.#spoil([...row.fields], oddity) }
  }

  /** What is odd about a row today; the sequence of numbers then stands where the oddity begins. */
  #oddityOf({ index, variant, born }: RowId): Oddity | undefined {
    const { dirt, day } = this.#world
    if (dirt === 0) return undefined
    let odd = chance(this.#tableSeed, STREAM.dirt, index, variant) < dirt
    let since = born
    for (let today = born + 1; today <= day; today++) {
      const drawn = chance(this.#tableSeed, STREAM.dirtFate, index, variant, today)
      if (odd ? drawn >= 0.08 : drawn >= dirt * 0.01) continue
      odd = !odd
      since = today
    }
    if (!odd) return undefined
    return ODDITIES.at(this.#random.row(STREAM.oddity, index, variant * 1000 + since).unit())
  }

  #spoil(fields: string[], oddity: Exclude<Oddity, 'copy'>): string[] | undefined {
    switch (oddity) {
      case 'bad_required':
        return this.#bad(fields, (column) => column.required)
      case 'bad_optional':
        return this.#bad(fields, (column) => !column.required)
      case 'null_key':
        return this.#set(
          fields,
          (column) => this.#table.key.includes(column.name),
          () => this.#random.pick(NULLS),
        )
      case 'null_required':
        return this.#set(
          fields,
          (column) => column.required && !this.#table.key.includes(column.name),
          () => this.#random.pick(NULLS),
        )
      case 'wrong_fields':
        return this.#random.chance(0.5) ? fields.slice(0, -1) : [...fields, 'extra']
      case 'missing_parent':
        return this.#orphan(fields)
      case 'spelling':
        return this.#respell(fields)
      case 'text':
        if (this.#table.name === 'bookings') fields[this.#at('booking_status')] = this.#random.pick(STATUSES)
        else this.#set(fields, isFreeText, (value) => `${value}${this.#random.pick(TEXTS)}`)
        return fields
    }
  }

  /** A row of the listing tables vanishes, and leaves attributes alone or an apartment without; others point nowhere. */
  #orphan(fields: string[]): string[] | undefined {
    const at = this.#table.columns.findIndex(({ name }) => name === 'apartment_id')
    if (at === -1) return undefined
    fields[at] = String(this.#random.integer(1, 9_999))
    return fields
  }

  /** An exact copy, or one that differs: an older state of an apartment, a newer one of the others. */
  #copy(fields: string[]): string[] {
    if (this.#random.chance(0.5)) return fields
    if (this.#table.latestBy !== undefined) {
      const [at, created] = ['last_modified_timestamp', 'listing_created_on'].map((name) => this.#at(name))
      fields[at as number] = fields[created as number] as string
      fields[this.#at('price')] = `${this.#random.integer(700, 4000)}.00`
      return fields
    }
    const column = { apartment_attributes: 'fee', bookings: 'num_guests', user_viewing: 'call_to_action' }
    const at = this.#at(column[this.#table.name as keyof typeof column])
    fields[at] = this.#table.name === 'user_viewing' ? 'contact_agent' : String(this.#random.integer(1, 6))
    return fields
  }

  #bad(fields: string[], wanted: (column: Column) => boolean): string[] {
    return this.#set(
      fields,
      (column) => wanted(column) && column.type !== 'VARCHAR',
      (_, { type }) => this.#random.pick(BAD[type.replace(/\(.*/, '')] as readonly string[]),
    )
  }

  #respell(fields: string[]): string[] {
    return this.#set(
      fields,
      () => true,
      (value, column) => spelled(value, column, this.#random),
    )
  }

  /** Changes one of the columns that are wanted; without one, another spelling is all that is odd. */
  #set(
    fields: string[],
    wanted: (column: Column) => boolean,
    value: (old: string, column: Column) => string,
  ): string[] {
    const columns = this.#table.columns.filter(wanted)
    if (columns.length === 0) return this.#respell(fields)
    const column = this.#random.pick(columns)
    const at = this.#at(column.name)
    fields[at] = value(fields[at] as string, column)
    return fields
  }

  #at(name: string): number {
    return this.#table.columns.findIndex((column) => column.name === name)
  }
}

/** Text that means nothing to the warehouse. */
function isFreeText({ name, required, type }: Column): boolean {
  return type === 'VARCHAR' && !required && ['title', 'body', 'address', 'call_to_action'].includes(name)
}

/** The same value, written in another way that a reader takes. */
function spelled(value: string, { name, type }: Column, random: Random): string {
  if (value === '') return random.pick(NULLS)
  if (name === 'currency') return random.chance(0.5) ? value.toLowerCase() : ` ${value} `
  if (type === 'BOOLEAN') return random.pick(value === '1' || value === 'y' ? YES : NO)
  if (type === 'BIGINT' || type === 'INTEGER')
    return random.pick([`00${value}`, `${value}.0`, ` ${value} `, `+${value}`])
  if (type === 'DATE') return random.pick([slashed(value), `${value} 00:00:00`, `${value}T10:30:00Z`])
  if (type === 'TIMESTAMP') {
    const [day, time] = value.split(' ') as [string, string]
    return random.pick([`${day}T${time}`, `${day}T${time}Z`, `${slashed(day)} ${time}`, `${value}.000`])
  }
  if (type === 'VARCHAR') return `  ${value}\t`
  return value.startsWith('-') ? `${value}00` : random.pick([`+${value}`, `0${value}`, ` ${value} `])
}

function slashed(day: string): string {
  return `${day.slice(8, 10)}/${day.slice(5, 7)}/${day.slice(0, 4)}`
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FoundSource, FoundTable } from '../../../../src/lib/core/config/found-table.js'
import { guessMapping, type Proposal } from '../../../../src/lib/core/config/guess.js'
import { namesOf, plainName, plainTable } from '../../../../src/lib/core/config/guess-names.js'
import { SYNONYMS } from '../../../../src/lib/core/config/guess-synonyms.js'
import { SOURCE_TABLES, type SqlType } from '../../../../src/lib/core/model.js'
import { ident } from '../../../../src/lib/core/sql/names.js'

type Columns = Record<string, string[]>

function source(tables: Record<string, Columns>, anyCase = false): FoundSource {
  const found = Object.entries(tables).map(([name, columns]): FoundTable => {
    return { name, columns: Object.entries(columns).map(([column, values]) => ({ name: column, values })) }
  })
  return { tables: found, anyCase }
}

const own = (...names: string[]): Columns => Object.fromEntries(names.map((name) => [name, []]))

/** The model's own, with no values. */
const MODEL = Object.fromEntries(
  SOURCE_TABLES.map(({ name, columns }) => [name, own(...columns.map((one) => one.name))]),
)

function guessOf({ guesses }: Proposal, table: string, column: string | null): string | undefined {
  const found = guesses.find((one) => one.table === table && one.column === column)
  return found && `${found.from} (${found.why})`
}

function lacking({ missing }: Proposal): string[] {
  return missing.flatMap(({ table, column, required, why }) => (required ? [`${table}.${column}: ${why}`] : []))
}

test('the names of the model need no mapping', () => {
  const found = guessMapping(source(MODEL))
  expect([found.mapping, found.missing]).toEqual([{}, []])
  expect(new Set(found.guesses.map(({ why }) => why))).toEqual(new Set(['same name']))
})

test('a database compares names without case, a file does not', () => {
  const { bookings, ...others } = MODEL
  const upper = Object.fromEntries(Object.entries(bookings ?? {}).map(([name, values]) => [name.toUpperCase(), values]))
  expect(guessMapping(source({ ...others, bookings: upper }, true)).mapping).toEqual({})
  expect(guessMapping(source({ ...others, bookings: upper })).mapping.bookings?.columns).toMatchObject({
    user_id: 'USER_ID',
  })
})

const LISTINGS: Columns = {
  ...own('property_id', 'name', 'City', 'State', 'created_at', 'updated_at', 'active'),
  'Nightly Price': ['$1,200.00', '$90.00'],
  currency: ['USD', 'USD'],
}
const RESERVATIONS: Columns = {
  ...own(
    'reservation_no',
    'guest_id',
    'listing_id',
    'booked_on',
    'Check-in',
    'check_out',
    'amount',
    'currency',
    'guests',
  ),
  status: ['confirmed', 'CANCELLED'],
}
const VIEWS: Columns = { ...own('visitor_id', 'propertyId'), event_time: ['1715700000'], extra: ['?'] }

test('one table serves two of the model, and the key of both is one column', () => {
  const found = guessMapping(source({ listings: LISTINGS, reservations: RESERVATIONS, page_views: VIEWS }))
  expect(found.mapping).toEqual({
    apartments: {
      table: 'listings',
      columns: {
        id: 'property_id',
        title: 'name',
        price: `replace(replace("Nightly Price", '$', ''), ',', '')`,
        listing_created_on: 'created_at',
        is_active: 'active',
        last_modified_timestamp: 'updated_at',
      },
    },
    apartment_attributes: { table: 'listings', columns: { id: 'property_id', cityname: 'City', state: 'State' } },
    bookings: {
      table: 'reservations',
      columns: {
        booking_id: 'reservation_no',
        user_id: 'guest_id',
        apartment_id: 'listing_id',
        booking_date: 'booked_on',
        checkin_date: '"Check-in"',
        checkout_date: 'check_out',
        total_price: 'amount',
        booking_status: 'status',
        num_guests: 'guests',
      },
    },
    user_viewing: {
      table: 'page_views',
      columns: {
        user_id: 'visitor_id',
        apartment_id: 'propertyId',
        viewed_at: expect.stringContaining('make_timestamp(cast(event_time as bigint) * 1000000)'),
      },
    },
  })
  expect(lacking(found)).toEqual([])
  expect(guessOf(found, 'apartment_attributes', null)).toBe('listings (its columns stand in the table of apartments)')
})

describe('what is not there is not invented', () => {
  test('a required column is missing, and the sign of the amounts is told', () => {
    const { currency: _, ...rest } = RESERVATIONS
    const found = guessMapping(source({ reservations: { ...rest, amount: ['€5', '€6'] } }))
    expect(lacking(found)).toEqual([
      'apartments.null: no table of the source looks like it',
      'apartment_attributes.null: no table of the source looks like it',
      'bookings.currency: missing in the source, whose amounts have the sign €',
      'user_viewing.null: no table of the source looks like it',
    ])
    expect(found.mapping.bookings?.columns).not.toHaveProperty('currency')
  })

  test('a table of people is no table of addresses, and one of reservations none of views', () => {
    const people = own('id', 'city', 'state', 'address', 'lat', 'lng', 'bedrooms')
    const found = guessMapping(source({ hosts: people, reservations: { ...RESERVATIONS, created_at: [] } }))
    expect(found.guesses.filter(({ column }) => column === null).map(({ table }) => table)).toEqual(['bookings'])
  })

  test('a table that cannot be read is none', () => {
    const { tables } = source({ bookings: {} })
    const faulty = tables.map((table) => ({ ...table, fault: 'mixes line ends' }))
    expect(guessMapping({ tables: faulty, anyCase: false }).guesses).toEqual([])
  })
})

describe('two that are alike', () => {
  test('of two names of the field the likelier is taken, and the other told', () => {
    const found = guessMapping(source({ reservations: { ...RESERVATIONS, total: [] } }))
    expect(guessOf(found, 'bookings', 'total_price')).toBe('total (by name; also: amount)')
  })

  test('of two tables, too', () => {
    const found = guessMapping(source({ trips: RESERVATIONS, reservations: RESERVATIONS }))
    expect(guessOf(found, 'bookings', null)).toBe('reservations (by name; also: trips)')
  })

  test('of two tables that nothing tells apart none is taken', () => {
    const found = guessMapping(source({ reservations_2023: RESERVATIONS, reservations_2024: RESERVATIONS }))
    expect(lacking(found)).toContain('bookings.null: not certain: reservations_2023 or reservations_2024?')
    expect(found.mapping.bookings).toBeUndefined()
  })

  test('of two similar names none is taken; one alone is', () => {
    const { guests: _, guest_id, ...rest } = RESERVATIONS
    const two = guessMapping(source({ reservations: { ...rest, gues_id: [], guestt_id: [] } }))
    expect(lacking(two)).toContain('bookings.user_id: not certain: gues_id or guestt_id?')
    const one = guessMapping(source({ reservations: { ...rest, gues_id: guest_id ?? [] } }))
    expect(guessOf(one, 'bookings', 'user_id')).toBe('gues_id (similar name)')
  })

  test('of a table of details the listing is the key', () => {
    const details = { ...own('id', 'listing_id', 'city', 'state') }
    const found = guessMapping(source({ listing_details: details }))
    expect(guessOf(found, 'apartment_attributes', 'id')).toBe('listing_id (by name; also: id)')
  })
})

describe('values say what a name does not', () => {
  test('words of a status, codes of a currency', () => {
    const { status, currency: _, ...rest } = RESERVATIONS
    const found = guessMapping(source({ reservations: { ...rest, s: status ?? [], c: ['usd', 'EUR'] } }))
    expect(guessOf(found, 'bookings', 'booking_status')).toBe('s (by values)')
    expect(guessOf(found, 'bookings', 'currency')).toBe('c (by values)')
  })

  test('values of another kind are against a name', () => {
    const found = guessMapping(source({ listings: { ...LISTINGS, active: ['Berlin', 'Rome'] } }))
    expect(lacking(found)).toContain('apartments.is_active: missing in the source')
    const { tables } = source({ listings: LISTINGS })
    const typed = tables.map((table) => ({
      ...table,
      columns: table.columns.map((one) => (one.name === 'created_at' ? { ...one, type: 'int' } : one)),
    }))
    expect(lacking(guessMapping({ tables: typed, anyCase: true }))).toContain(
      'apartments.listing_created_on: missing in the source',
    )
  })

  test('a status of other words is told: without confirmed bookings there are no facts', () => {
    const found = guessMapping(source({ reservations: { ...RESERVATIONS, status: ['BOOKED', 'GONE'] } }))
    expect(guessOf(found, 'bookings', 'booking_status')).toContain(
      'none of the first rows is confirmed, and only such bookings count: booked, gone',
    )
  })

  test('a date that could be two things keeps its name, and is told', () => {
    const found = guessMapping(source({ reservations: { ...RESERVATIONS, booked_on: ['1/2/2024'] } }))
    expect(guessOf(found, 'bookings', 'booking_date')).toBe(
      'booked_on (by name; its dates may have the day or the month first, such as 1/2/2024)',
    )
  })
})

const VALUES: Readonly<Record<string, string>> = {
  BIGINT: '17',
  INTEGER: '17',
  BOOLEAN: 'y',
  DATE: '2024-05-13',
  TIMESTAMP: '2024-05-13 01:02:03',
}
const textOf = (type: SqlType): string => VALUES[type] ?? (type.startsWith('DECIMAL') ? '12.5' : 'text')

/** A name of words with `_` as others write it. */
const CASES: ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toUpperCase(),
  (name) => name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
  (name) => name.replaceAll('_', '-'),
  (name) => name.replaceAll(/(^|_)(.)/g, (_, gap: string, letter: string) => `${gap && ' '}${letter.toUpperCase()}`),
]
const inSomeCase = (names: readonly string[]): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...names), fc.constantFrom(...CASES)).map(([name, write]) => write(name))

test('whatever the tables of the model and their columns are called, each is found', () => {
  const renamed = SOURCE_TABLES.map((table) => {
    const words = SYNONYMS[table.name]
    // A word of two tables says nothing by itself.
    const tableNames = [table.name, ...words.table].filter((name) => tablesOf(name) === 1)
    const columns = table.columns.map(({ name }) =>
      inSomeCase([name, ...(words.columns[name] ?? [])].filter(isOne(table.name, name))),
    )
    return fc.tuple(inSomeCase(tableNames), fc.tuple(...columns))
  })
  fc.assert(
    fc.property(fc.tuple(...renamed), fc.boolean(), (names, filled) => {
      const found = guessMapping({
        anyCase: false,
        tables: SOURCE_TABLES.map(({ columns }, at) => {
          const [name, columnNames] = names[at] as [string, string[]]
          const values = (type: SqlType): string[] => (filled ? [textOf(type)] : [])
          return {
            name,
            columns: columns.map((one, place) => ({ name: columnNames[place] as string, values: values(one.type) })),
          }
        }).toReversed(),
      })
      expect(found.missing).toEqual([])
      for (const [at, { name, columns }] of SOURCE_TABLES.entries()) {
        const [tableName, columnNames] = names[at] as [string, string[]]
        expect([name, guessFrom(found, name, null)]).toEqual([name, tableName])
        for (const [place, column] of columns.entries()) {
          const from = guessFrom(found, name, column.name)
          expect([column.name, [columnNames[place], ident(columnNames[place] as string)].includes(from)]).toEqual([
            column.name,
            true,
          ])
        }
      }
    }),
    { numRuns: 50 },
  )
})

function guessFrom({ guesses }: Proposal, table: string, column: string | null): string | undefined {
  return guesses.find((one) => one.table === table && one.column === column)?.from
}

function tablesOf(name: string): number {
  const is = (word: string): boolean => plainTable(word) === plainTable(name)
  return SOURCE_TABLES.filter((table) => [table.name, ...SYNONYMS[table.name].table].some(is)).length
}

/** In a table of details `id` is only a last resort, and stands there by itself. */
function isOne(table: (typeof SOURCE_TABLES)[number]['name'], column: string): (name: string) => boolean {
  return (name) => namesOf(table, column).includes(plainName(name))
}

import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { SOURCE_TABLES, type SourceTableName } from '../../../../src/lib/core/model.js'
import {
  parseDirt,
  parseScale,
  SAMPLE_DEFAULTS,
  SAMPLE_LAST_DAY,
  sampleSize,
} from '../../../../src/lib/core/sample/sample.js'
import { sampleTable } from '../../../../src/lib/core/sample/tables.js'
import { type SampleRow, sampleRecords, sampleRows, sampleText } from '../../../support/sample-rows.js'

const NAMES = SOURCE_TABLES.map(({ name }) => name)
const CLEAN = { scale: 0.05, dirt: 0 }

const by = (rows: SampleRow[], column: string): Map<string, SampleRow> =>
  new Map(rows.map((row) => [row[column] as string, row]))
const clean = (table: SourceTableName): SampleRow[] => sampleRows(table, CLEAN)

test('the same options give the same bytes; a change of them is a change of SAMPLE_VERSION', () => {
  const digest = (seed: number): string[] =>
    NAMES.map((name) =>
      createHash('sha256')
        .update(sampleText(name, { scale: 0.01, seed }))
        .digest('hex')
        .slice(0, 16),
    )
  expect(digest(42)).toMatchInlineSnapshot(`
    [
      "88c0b4ed2d701b62",
      "c1b2ae4e09967ce0",
      "c5b3bac1dc1b7ada",
      "a7c6ed1caf53a2dd",
    ]
  `)
  expect(digest(42)).toEqual(digest(42))
  for (const [at, other] of digest(43).entries()) expect(other).not.toBe(digest(42)[at])
})

test('a clean sample has exactly the rows of its scale', () => {
  expect(NAMES.map((name) => sampleRows(name, CLEAN).length)).toEqual([500, 500, 5000, 10_000])
  expect(sampleSize(1)).toEqual({ listings: 10_000, bookings: 100_000, views: 200_000, users: 20_000 })
  expect(sampleSize(0.000001)).toEqual({ listings: 1, bookings: 1, views: 2, users: 1 })
  expect(NAMES.map((name) => sampleRows(name, { scale: 0.000001, dirt: 0 }).length)).toEqual([1, 1, 1, 2])
})

test('a clean sample has whole keys, and nothing points nowhere', () => {
  for (const table of SOURCE_TABLES) {
    const keys = clean(table.name).map((row) => table.key.map((name) => row[name]).join())
    expect(new Set(keys).size).toBe(keys.length)
  }
  const listings = by(clean('apartments'), 'id')
  expect([...by(clean('apartment_attributes'), 'id').keys()]).toEqual([...listings.keys()])
  for (const name of ['bookings', 'user_viewing'] as const) {
    expect(clean(name).filter((row) => !listings.has(row.apartment_id as string))).toEqual([])
  }
})

test('listings are booked and viewed while they are on offer', () => {
  const listings = by(clean('apartments'), 'id')
  const offered = ({ apartment_id }: SampleRow, day: string): boolean => {
    const listing = listings.get(apartment_id as string) as SampleRow
    const created = listing.listing_created_on as string
    return (
      created <= `${day} 23:59:59` && (listing.is_active === '1' || day <= (listing.last_modified_timestamp as string))
    )
  }
  expect(clean('bookings').filter((row) => !offered(row, row.booking_date as string))).toEqual([])
  expect(clean('user_viewing').filter((row) => !offered(row, (row.viewed_at as string).slice(0, 10)))).toEqual([])
})

test('most bookings were led to by a view of the same user', () => {
  const firstView = new Map<string, string>()
  for (const { user_id, apartment_id, viewed_at } of clean('user_viewing')) {
    const known = firstView.get(`${user_id} ${apartment_id}`)
    if (!known || (viewed_at as string) < known) firstView.set(`${user_id} ${apartment_id}`, viewed_at as string)
  }
  const bookings = clean('bookings')
  const led = bookings.filter(({ user_id, apartment_id, booking_date }) => {
    const first = firstView.get(`${user_id} ${apartment_id}`)
    return first !== undefined && first.slice(0, 10) <= (booking_date as string)
  })
  expect(led.length / bookings.length).toBeGreaterThan(0.85)
  expect(led.length / bookings.length).toBeLessThan(0.95)
})

test('three years end with the last day; stays may be later, and most are in summer', () => {
  const bookings = clean('bookings')
  const days = bookings.map((row) => row.booking_date as string).sort()
  expect(days[0]?.slice(0, 7)).toBe('2023-07')
  expect(days.at(-1)).toBe(SAMPLE_LAST_DAY)
  const stays = (...months: string[]): number =>
    bookings.filter((row) => months.includes((row.checkin_date as string).slice(0, 7))).length
  expect(stays('2025-07', '2025-08')).toBeGreaterThan(2.5 * stays('2025-01', '2025-02'))
  expect(stays('2025-07', '2025-08')).toBeGreaterThan(1.5 * stays('2025-11', '2025-12'))
  expect(stays('2026-07')).toBeGreaterThan(0)
  expect(bookings.filter((row) => (row.checkin_date as string) < (row.booking_date as string))).toEqual([])
  expect(bookings.filter((row) => (row.checkout_date as string) <= (row.checkin_date as string))).toEqual([])
  expect(clean('user_viewing').filter((row) => (row.viewed_at as string) > `${SAMPLE_LAST_DAY} 23:59:59`)).toEqual([])
})

test('listings have places, prices and lives as real ones do', () => {
  const listings = clean('apartments')
  const inactive = listings.filter((row) => row.is_active === '0')
  const modified = (row: SampleRow): string => row.last_modified_timestamp as string
  const created = (row: SampleRow): string => row.listing_created_on as string
  expect(inactive.length).toBeGreaterThan(60)
  expect(inactive.filter((row) => modified(row) <= created(row))).toEqual([])
  expect(listings.filter((row) => modified(row) < created(row))).toEqual([])
  expect(listings.filter((row) => row.price === '' || Number(row.price) < 300)).toEqual([])
  expect([...new Set(listings.map((row) => row.currency))].sort()).toEqual(['EUR', 'GBP', 'USD'])
  const cities = new Map<string, number>()
  for (const row of clean('apartment_attributes')) {
    const place = `${row.cityname}, ${row.state}`
    cities.set(place, (cities.get(place) ?? 0) + 1)
  }
  expect(cities.size).toBe(20)
  expect(cities.get('New York, NY')).toBeGreaterThan(4 * (cities.get('Nashville, TN') as number))
  expect([...new Set(clean('bookings').map((row) => row.booking_status))].sort()).toEqual([
    'CONFIRMED',
    'Cancelled',
    'Confirmed',
    'canceled',
    'cancelled',
    'confirmed',
    'pending',
  ])
})

test.each([0.02, 0.3])('about as many rows are odd as asked for: %s', (dirt) => {
  const scale = 0.2
  for (const name of NAMES) {
    const whole = sampleRecords(name, { scale, dirt: 0 }).map(String)
    const odd = sampleRecords(name, { scale, dirt }).map(String)
    const left = new Set(odd)
    const changed = whole.filter((record) => !left.has(record)).length / whole.length
    // A copy changes no row, and another spelling or text may happen to be the same.
    expect(changed).toBeGreaterThan(dirt * 0.6)
    expect(changed).toBeLessThan(dirt * 1.3)
    const known = new Set(whole)
    const seen = new Set<string>()
    const copies = odd.filter((record) => seen.size === seen.add(record).size).length
    expect(copies).toBeGreaterThan(0)
    expect(odd.filter((record) => !known.has(record)).length).toBeGreaterThan(changed * whole.length * 0.8)
  }
})

test('each kind of oddity is there', () => {
  const asked = { scale: 0.2, dirt: 0.1 }
  const bookings = sampleRecords('bookings', asked)
  expect([...new Set(bookings.map((record) => record.length))].sort()).toEqual([10, 11, 12])
  const rows = sampleRows('bookings', asked)
  const values = (column: string): string[] => rows.map((row) => row[column] as string)
  expect(values('booking_id').filter((value) => /^(null|\\N|)$/i.test(value)).length).toBeGreaterThan(5)
  expect(values('booking_date')).toContain('2025-02-30')
  expect(values('booking_date').filter((value) => /^\d\d\/\d\d\/20\d\d$/.test(value)).length).toBeGreaterThan(5)
  expect(values('currency')).toEqual(expect.arrayContaining(['usd', ' EUR ', 'null', '\\N']))
  expect(values('num_guests')).toEqual(expect.arrayContaining(['many', '2.5']))
  expect(values('booking_status')).toContain('on hold, "maybe"')
  expect(values('apartment_id').filter((value) => /^\d{1,4}$/.test(value)).length).toBeGreaterThan(5)
  expect(new Set(values('booking_id')).size).toBeLessThan(rows.length - 100)
  expect(new Set(sampleRows('apartments', asked).map((row) => row.is_active))).toContain('yes')
  const bodies = sampleRows('apartment_attributes', asked).map((row) => row.body as string)
  for (const odd of ['\n', '"', '東京', 'é']) expect(bodies.some((body) => body.includes(odd))).toBe(true)
})

test('a copy of an apartment is an older state, or the same one', () => {
  const newest = new Map<string, string>()
  const rows = sampleRows('apartments', { scale: 1, dirt: 0.02 }).filter((row) => /^\d{10}$/.test(row.id as string))
  let copies = 0
  for (const { id, last_modified_timestamp } of rows) {
    const known = newest.get(id as string)
    if (known === undefined) newest.set(id as string, last_modified_timestamp as string)
    else {
      copies++
      expect((last_modified_timestamp as string) <= known).toBe(true)
    }
  }
  expect(copies).toBeGreaterThan(10)
})

test('a copy stands some rows later, also of the last rows', () => {
  const ids = sampleRows('bookings', { scale: 0.01, dirt: 0.5 }).map((row) => row.booking_id as string)
  const at = ids.findIndex((id, index) => ids.indexOf(id) < index && /^\d{10}$/.test(id))
  expect(at - ids.indexOf(ids[at] as string)).toBeGreaterThan(40)
  const last = ids.filter((id) => id > '7000003800' && /^\d{10}$/.test(id))
  expect(new Set(last).size).toBeLessThan(last.length)
})

test('a table comes piece by piece, whatever the scale', () => {
  const chunks = sampleTable('bookings', { ...SAMPLE_DEFAULTS, scale: 1000, day: 0 })
  for (let piece = 0; piece < 3; piece++) {
    const { value } = chunks.next()
    expect(value?.rows).toBeGreaterThanOrEqual(2000)
    expect(value?.rows).toBeLessThan(2100)
  }
})

test('a scale and a share as typed', () => {
  expect(['1', '0.01', '.5', '1000'].map(parseScale)).toEqual([1, 0.01, 0.5, 1000])
  expect(['0', '0.02', '0.5'].map(parseDirt)).toEqual([0, 0.02, 0.5])
  for (const text of ['0', '-1', '1001', 'much', '', '1e2', 'Infinity']) {
    expect(() => parseScale(text)).toThrow(`--scale ${text}: a scale is a number over 0 and up to 1000`)
  }
  for (const text of ['0.51', '-0.1', 'NaN', '']) {
    expect(() => parseDirt(text)).toThrow(`--dirt ${text}: the share of odd rows is a number from 0 to 0.5`)
  }
})

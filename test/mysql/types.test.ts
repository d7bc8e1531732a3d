import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Mariadb, startMariadb } from '../box/mariadb.js'
import { type Cells, type Loaded, loadTables } from '../support/mysql-load.js'
import { createDatabase } from '../support/mysql-tables.js'

let server: Mariadb
let url = ''
const zone = process.env['TZ']

beforeAll(async () => {
  // Nothing of it may show: neither the zones of server and client, nor the letters that the server would speak.
  server = await startMariadb([
    '--default-time-zone=+05:00',
    '--skip-character-set-client-handshake',
    '--character-set-server=latin1',
    '--max-allowed-packet=64M',
  ])
  process.env['TZ'] = 'Europe/Berlin'
  url = await createDatabase(server)
  await server.admin('set global sql_select_limit = 1')
})
afterAll(async () => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
  await server?.[Symbol.asyncDispose]()
})

const column = (rows: readonly Cells[], name: string): (string | null)[] => rows.map((row) => row[name] ?? null)

describe('numbers, moments and booleans', () => {
  let all: Loaded
  beforeAll(async () => {
    const listing = (id: string, price = '1', created = `'2024-01-01'`, active = '1', modified = 'null'): string =>
      `${id}, 'a', null, ${price}, 'EUR', ${created}, ${active}, ${modified}`
    const booking = (id: string, day: string, price: string, guests: string, user = '1'): string =>
      `${id}, ${user}, 00042, ${day}, '2024-02-03 10:11:12', '2024-02-04', ${price}, 'EUR', 'confirmed', null, ${guests}`
    all = await loadTables(server, url, {
      apartments: {
        columns: `id bigint unsigned primary key, title varchar(9), source varchar(9), price decimal(40,10), currency varchar(9),
          listing_created_on datetime(6), is_active tinyint(1), last_modified_timestamp timestamp(6) null`,
        rows: [
          // In the hour that Berlin leaves out, and in the one that it has twice.
          listing('1', '12345678.90', `'2024-03-31 02:30:00.123456'`, '1', `'2024-03-31 02:30:00.000001'`),
          listing('2', '99999999.9949999999', `'2024-10-27 02:30:00'`, '0', `'2024-10-27 01:30:00'`),
          listing('9007199254740993', '-0.005'),
          listing('9223372036854775807', '0.0049999999'),
          listing('9223372036854775808'),
          listing('18446744073709551615'),
          listing('20', '99999999.9950000000'),
          listing('21', '1', `'0000-00-00 00:00:00'`),
          listing('22', '1', `'2024-00-01'`),
          listing('23', '1', `'1899-12-31 23:59:59'`),
          listing('24', '1', `'2024-01-01'`, '2'),
          listing('25', '1', `'2024-01-01'`, '-1'),
          listing('26', '1', `'2024-01-01'`, '0', `'0000-00-00 00:00:00'`),
          listing('27', 'null', 'null', 'null'),
        ],
      },
      bookings: {
        columns: `booking_id int unsigned primary key, user_id double, apartment_id int(9) zerofill, booking_date datetime,
          checkin_date timestamp null, checkout_date date, total_price double, currency char(3), booking_status enum('confirmed', 'new'),
          payment_status set('a', 'b'), num_guests float`,
        rows: [
          booking('4294967295', `'2024-02-29 23:59:59'`, '1e-20', '3'),
          booking('2', `'2024-12-31'`, '1.5e6', '2.5', '1.25e16'),
          booking('3', `'2024-12-31'`, '-12345.675', '1e9'),
          booking('4', `'0000-00-00'`, '1', 'null'),
          booking('5', `'2024-12-31'`, '1.7976931348623157e308', '1'),
          booking('6', `'2024-12-31'`, '0.1', '4e9'),
        ],
      },
      user_viewing: {
        columns: `user_id bigint, apartment_id bigint, viewed_at timestamp, is_wishlisted bit(1), call_to_action year,
          unique key (viewed_at, user_id, apartment_id)`,
        rows: [
          `1, 1, '2024-03-31 02:30:00', b'1', 2024`,
          `1, 1, '2024-03-31 03:30:00', b'0', 1999`,
          `null, 1, '2024-03-31 03:30:00', b'0', 0`,
          `1, 2, '0000-00-00 00:00:00', null, null`,
        ],
      },
      apartment_attributes: {
        columns: `id bigint primary key, cityname text, state bit(8), bathrooms float, bedrooms decimal(3,2), latitude double,
          longitude decimal(20,15), square_feet mediumint unsigned, fee bigint unsigned`,
        rows: [
          `1, 'Oslo', b'11111111', 1.25, 2.05, 59.9138688, 10.752245400000001, 16777215, 18446744073709551615`,
          `2, 'Oslo', b'0', 0.1, null, 1.5e-17, -0.0000005, 0, 99999999`,
          `3, 'Oslo', b'0', 1e30, 9.99, 1e3, 1000, 1, 0`,
        ],
      },
    })
  })

  test('moments are those that stand in the table, whatever zones there are', () => {
    const { apartments, user_viewing, bookings } = all.raw
    const moments = apartments.filter(({ id }) => id === '1' || id === '2')
    expect(column(moments, 'listing_created_on')).toEqual(['2024-03-31T02:30:00.123456Z', '2024-10-27T02:30:00Z'])
    expect(column(moments, 'last_modified_timestamp')).toEqual(['2024-03-31T02:30:00.000001Z', '2024-10-27T01:30:00Z'])
    expect(column(user_viewing, 'viewed_at')).toEqual(['2024-03-31T02:30:00Z', '2024-03-31T03:30:00Z'])
    expect(bookings.find(({ booking_id }) => booking_id === '4294967295')).toMatchObject({
      booking_date: '2024-02-29',
      checkin_date: '2024-02-03',
      checkout_date: '2024-02-04',
      apartment_id: '42',
    })
  })

  test('numbers are exact, and rounded half away from zero', () => {
    const { apartments, bookings, apartment_attributes } = all.raw
    expect(Object.fromEntries(apartments.map(({ id, price }) => [id, price]))).toEqual({
      '1': '12345678.90',
      '2': '99999999.99',
      '27': null,
      '9007199254740993': '-0.01',
      '9223372036854775807': '0.00',
    })
    expect(
      Object.fromEntries(bookings.map((row) => [row['booking_id'], [row['total_price'], row['num_guests']]])),
    ).toEqual({
      '2': ['1500000.00', null],
      '3': ['-12345.68', '1000000000'],
      '4294967295': ['0.00', '3'],
      '6': ['0.10', null],
    })
    expect(column(bookings, 'user_id')).toContain('12500000000000000')
    expect(apartment_attributes).toMatchObject([
      {
        state: '255',
        bathrooms: '1.3',
        bedrooms: '2.1',
        latitude: '59.913869',
        longitude: '10.752245',
        square_feet: '16777215',
        fee: null,
      },
      {
        state: '0',
        bathrooms: '0.1',
        bedrooms: null,
        latitude: '0.000000',
        longitude: '-0.000001',
        square_feet: '0',
        fee: '99999999.00',
      },
      { state: '0', bathrooms: null, bedrooms: '10.0', latitude: null, longitude: null, square_feet: '1', fee: '0.00' },
    ])
    expect(all.nullified).toEqual({
      stg_apartments: {},
      stg_apartment_attributes: { fee: 1, bathrooms: 1, latitude: 1, longitude: 1 },
      stg_bookings: { num_guests: 2 },
      stg_user_viewing: {},
    })
  })

  test('a boolean is 0 or 1, of whatever type', () => {
    expect(column(all.raw.apartments.slice(0, 3), 'is_active')).toEqual(['true', 'false', null])
    expect(column(all.raw.user_viewing, 'is_wishlisted')).toEqual(['true', 'false'])
  })

  test('words of ENUM, SET and YEAR are their texts', () => {
    expect(all.raw.bookings[0]).toMatchObject({ booking_status: 'confirmed', payment_status: null })
    expect(column(all.raw.user_viewing, 'call_to_action')).toEqual(['2024', '1999'])
  })

  test('zero dates and what does not fit are put aside', () => {
    expect(all.bad).toEqual({
      apartments: [
        ['bad_value:id', '18446744073709551615'],
        ['bad_value:id', '9223372036854775808'],
        ['bad_value:is_active', '24'],
        ['bad_value:is_active', '25'],
        ['bad_value:last_modified_timestamp', '26'],
        ['bad_value:listing_created_on', '21'],
        ['bad_value:listing_created_on', '22'],
        ['bad_value:listing_created_on', '23'],
        ['bad_value:price', '20'],
      ],
      apartment_attributes: [],
      bookings: [
        ['bad_value:booking_date', '4'],
        ['bad_value:total_price', '5'],
      ],
      user_viewing: [
        ['bad_value:viewed_at', '1 | 2 | 0000-00-00 00:00:00'],
        ['null_key:user_id', ' | 1 | 2024-03-31 03:30:00'],
      ],
    })
  })
})

const ATTRIBUTES = `id bigint primary key, cityname text, state text, category text, body longtext, amenities text, address text`

const hex = (text: string): string => `x'${Buffer.from(text).toString('hex')}'`

describe('texts', () => {
  const exact = [
    ...['null', 'NULL', '\\N', 'none', 'NaN', 'n/a', '\\\\', `'`, '"', `a,b;"c"`, 'two\nlines\r\nhere', 'tab\there'],
    ...[
      'a\u001eb',
      'a\u001fb',
      '\u001e',
      '\u001f',
      '\u001eP',
      '\u001eE',
      '\u001e\u001f\u001f\u001e',
      '\u001f\u001eP\u001e',
    ],
    ...['\u00a0x\u00a0', '\ufeffmark', '東京 😀 é e\u0301', '\u0001\u0007\u007f', 'x'.repeat(70), '😀'.repeat(3)],
  ]
  const blanks = ['  a b  ', '\r\n\ta\n', ' ', '', '\n', '\t\r\n ', ' \u001f ', 'a\u000b']
  const trimmed = ['a b', 'a', null, null, null, null, '\u001f', 'a\u000b']
  const number = '12345678901234567890123456789012345.012345678901234567890123456789'
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
  let rows: Cells[] = []
  let warnings: string[] = []
  beforeAll(async () => {
    const long = [
      `'cut', 'NO', concat(repeat('x', 65534), 'é'), repeat('a b', 6000000), repeat('é', 32768), ${'null, '.repeat(5)}1000`,
      `'cut', 'NO', repeat('x', 65535), concat(repeat('y', 65530), ' ', char(31 using utf8mb4), repeat('z', 99)), ${'null, '.repeat(6)}1001`,
    ]
    const others = `'others', 'NO', null, null, null, 'Ærøskøbing €', '東京', '{"a": [1, "é😀"]}', '-838:59:59', ${number}, 0`
    const loaded = await loadTables(server, url, {
      apartment_attributes: {
        columns: `cityname text, state text, category longtext, amenities longblob, body longtext, has_photo text character set latin1,
          pets_allowed text character set ucs2, price_display json, price_type time, address decimal(65,30), id bigint primary key`,
        after: 'character set utf8mb4',
        rows: [
          others,
          ...[...exact, ...blanks].map(
            (text, at) => `'exact', 'NO', ${hex(text)}, ${hex(text)}, 'é', ${'null, '.repeat(5)}${at + 1}`,
          ),
          ...long,
        ],
      },
    })
    rows = loaded.raw.apartment_attributes.toSorted((a, b) => Number(a['id']) - Number(b['id']))
    warnings = loaded.warnings
  })

  test.each(['category', 'amenities'])('as they stand, but for blanks at their ends, as text or bytes: %s', (name) => {
    const found = column(
      rows.filter(({ cityname }) => cityname === 'exact'),
      name,
    )
    expect(found).toEqual([...exact, ...trimmed])
  })

  test('letters of another set, JSON, and other types', () => {
    expect(rows[0]).toMatchObject({
      has_photo: 'Ærøskøbing €',
      pets_allowed: '東京',
      price_display: '{"a": [1, "é😀"]}',
      price_type: '-838:59:59',
      address: number,
    })
  })

  test('long ones are cut at 65,535 bytes, and counted; a row may have 18 MB', () => {
    const [one, two] = rows.filter(({ cityname }) => cityname === 'cut')
    const found = [one, two].map((row) => ['category', 'amenities', 'body'].map((name) => digest(String(row?.[name]))))
    expect(found).toEqual([
      ['x'.repeat(65_534), 'a b'.repeat(21_845), 'é'.repeat(32_767)].map(digest),
      ['x'.repeat(65_535), `${'y'.repeat(65_530)} \u001fzzz`, 'null'].map(digest),
    ])
    expect(warnings.filter((text) => text.includes('cut'))).toEqual([
      'apartment_attributes: 1 texts of category were cut to 65,535 bytes',
      'apartment_attributes: 1 texts of body were cut to 65,535 bytes',
      'apartment_attributes: 2 texts of amenities were cut to 65,535 bytes',
    ])
  })

  test.each([
    ['longblob', `x'61ff62'`, 'bytes that are no UTF-8'],
    ['longblob', `x'610062'`, 'a NUL character'],
    ['longtext', `x'00'`, 'a NUL character'],
    ['binary(3)', `'a'`, 'a NUL character'],
  ])('%s %s is refused', async (type, text, what) => {
    const columns = ATTRIBUTES.replace('longtext', type)
    const loading = loadTables(server, url, {
      apartment_attributes: {
        columns,
        rows: [`1, 'a', 'b', null, 'fine', null, null`, `2, 'a', 'b', null, ${text}, null, null`],
      },
    })
    await expect(loading).rejects.toMatchObject({
      code: 'SOURCE_CONTENT',
      exit: 'invalid',
      message: `rental_db.apartment_attributes: a text of column body holds ${what}`,
    })
  })
})

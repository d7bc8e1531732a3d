import { expect, test } from 'vitest'
import { load, loadTables } from '../support/mysql-load.js'
import { mysqlServer } from '../support/mysql-server.js'
import { DATABASE } from '../support/mysql-tables.js'

const mysql = mysqlServer()

const ATTRIBUTES = `id bigint primary key, cityname text, state text, category text, body longtext, amenities text, address text`

test('names in other letters, other columns, and columns that are not there', async () => {
  const { raw, warnings } = await loadTables(mysql.server, mysql.url, {
    apartment_attributes: {
      columns:
        'STATE text, ID bigint primary key, CityName text, `order` int, `a``b` blob, place geometry, since year, flags bit(8), `Größe` time, category point, hidden text invisible',
      after: 'character set utf8mb4',
      rows: [`'NO', 7, 'Oslo', 1, x'ff00', point(1, 2), 2024, b'1', '25:00:00', point(3, 4)`],
    },
  })
  expect(raw.apartment_attributes).toEqual([
    expect.objectContaining({ id: '7', cityname: 'Oslo', state: 'NO', category: 'POINT(3 4)', latitude: null }),
  ])
  expect(warnings.filter((text) => text.startsWith('apartment_attributes'))).toMatchInlineSnapshot(`
    [
      "apartment_attributes: 13 columns are not in the source, their values are NULL: body, amenities, bathrooms, bedrooms, fee, has_photo, pets_allowed, price_display, price_type, square_feet, address, latitude, longitude",
      "apartment_attributes: 7 columns are not in the model, they are not loaded: order, a\`b, place, since, flags, Größe, hidden",
    ]
  `)
})

test('a required column or a table that is not there stops the run', async () => {
  const without = loadTables(mysql.server, mysql.url, { apartment_attributes: { columns: 'id bigint, state text' } })
  await expect(without).rejects.toMatchObject({
    code: 'SOURCE_SCHEMA',
    exit: 'invalid',
    message: expect.stringContaining('cityname'),
  })
  await mysql.server.admin(`drop table ${DATABASE}.bookings`)
  await expect(load(mysql.url)).rejects.toMatchObject({
    code: 'SOURCE_SCHEMA',
    exit: 'invalid',
    message: expect.stringContaining(`'rental_db.bookings' doesn't exist`),
  })
})

test('a view, a table of MyISAM and empty tables are read', async () => {
  await loadTables(mysql.server, mysql.url, {
    apartment_attributes: { columns: ATTRIBUTES, rows: [`1, 'Oslo', 'NO', null, null, null, null`] },
  })
  await mysql.server.admin(
    `rename table ${DATABASE}.apartment_attributes to ${DATABASE}.kept`,
    `create view ${DATABASE}.apartment_attributes as select * from ${DATABASE}.kept union all select id + 1, 'Bergen', state, null, null, null, null from ${DATABASE}.kept`,
    `alter table ${DATABASE}.bookings engine = myisam`,
  )
  const { raw, warnings } = await load(mysql.url)
  expect(raw.apartment_attributes).toMatchObject([{ cityname: 'Oslo' }, { cityname: 'Bergen' }])
  expect(raw).toMatchObject({ apartments: [], bookings: [], user_viewing: [] })
  expect(warnings).toContain(
    'bookings: a table of MyISAM is not part of the snapshot: what is written meanwhile may be seen',
  )
  await mysql.server.admin(`drop view ${DATABASE}.apartment_attributes`, `drop table ${DATABASE}.kept`)
})

test('of copies the greatest by canonical text survives, wherever it stands', async () => {
  const listing = (id: string, title: string, price: string, modified = `'2024-01-01'`): string =>
    `${id}, ${title}, null, ${price}, 'EUR', '2024-01-01', '1', ${modified}`
  const rows = [
    listing(`'1'`, `'a'`, `'9'`),
    listing(`'01'`, `'b'`, `'10'`),
    listing(`'+1'`, `'a'`, `'99'`),
    // Nobody is later than NULL, and of two at one moment the texts decide.
    listing(`'2'`, `'z'`, `'1'`, 'null'),
    listing(`'2'`, `'a'`, `'1'`, `'2023-01-01'`),
    listing(`'3'`, 'null', `'1'`),
    listing(`'3'`, `'A'`, `'1'`),
    listing(`'4'`, `'x'`, `'x'`),
    listing(`'4'`, `'a'`, `'1'`),
    listing(`'4'`, `'a'`, `'1'`),
  ]
  const columns = `id varchar(9) primary key, title text, source text, price text, currency text, listing_created_on text, is_active text,
      last_modified_timestamp text`
  for (const order of [rows, rows.toReversed()]) {
    const { raw, superseded, bad } = await loadTables(mysql.server, mysql.url, {
      apartments: { columns: columns.replace(' primary key', ''), rows: order },
    })
    expect(raw.apartments.map(({ id, title }) => [id, title])).toEqual([
      ['1', 'b'],
      ['2', 'a'],
      ['3', 'A'],
      ['4', 'a'],
    ])
    expect(superseded['stg_apartments']).toBe(5)
    expect(bad['apartments']).toEqual([['bad_value:price', '4']])
  }
  // Texts of which none stands twice can still be one number.
  const { raw, superseded } = await loadTables(mysql.server, mysql.url, {
    apartments: { columns, rows: rows.slice(0, 3).toReversed() },
  })
  expect(raw.apartments).toMatchObject([{ id: '1', title: 'b' }])
  expect(superseded['stg_apartments']).toBe(2)
})

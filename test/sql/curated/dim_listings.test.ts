import { expect, test } from 'vitest'
import { type GivenRow, sqlCases } from '../../support/sql-cases.js'

const cases = sqlCases()
const apartment = (id: number, row: GivenRow = {}): GivenRow => ({ id, price: 10, currency: 'USD', ...row })
const attributes = (id: number, row: GivenRow = {}): GivenRow => ({ id, cityname: 'Oslo', ...row })
const listings = (
  columns: string,
  apartments: GivenRow[],
  places = apartments.map(({ id }) => attributes(Number(id))),
) =>
  cases.curated(
    'dim_listings',
    { 'raw_data.stg_apartments': apartments, 'raw_data.stg_apartment_attributes': places },
    columns,
  )

test('a listing has all columns of its apartment and its attributes but the body', async () => {
  const found = await listings(
    '*',
    [
      {
        id: 5508654087,
        title: 'Loft',
        source: 'web',
        price: '10.50',
        currency: 'USD',
        listing_created_on: '2024-01-02 23:59:59.999999',
        is_active: false,
        last_modified_timestamp: '2024-01-05 00:00:00.5',
      },
    ],
    [
      {
        id: 5508654087,
        category: 'flat',
        body: 'text',
        amenities: 'Pool',
        bathrooms: 1.5,
        bedrooms: 2,
        fee: 3,
        has_photo: 'yes',
        pets_allowed: 'no',
        price_display: '$10',
        price_type: 'Monthly',
        square_feet: 70,
        address: 'Street',
        cityname: 'Oslo',
        state: 'NO',
        latitude: 59.9,
        longitude: -10.75,
      },
    ],
  )
  expect(found).toEqual([
    '5508654087 Loft web 10.50 USD 2024-01-02 false 2024-01-05T00:00:00.5Z flat Pool 1.5 2.0 3.00 yes no $10 Monthly 70 Street Oslo NO 59.900000 -10.750000 2024-01-02 2024-01-05',
  ])
})

test('an apartment without attributes, price or city is left out, and so are attributes of none', async () => {
  const found = await listings(
    'listing_id',
    [apartment(1), apartment(2, { price: null }), apartment(3), apartment(4, { price: 0 }), apartment(5)],
    [attributes(1), attributes(2), attributes(3, { cityname: null, state: 'NO' }), attributes(4), attributes(9)],
  )
  expect(found).toEqual(['1', '4'])
})

test.each([
  [null, 'XXX'],
  ['eur', 'EUR'],
  ['zł', 'Zł'],
  ['ß', 'ß'],
  ['ıi', 'ıI'],
])('currency %s becomes %s', async (currency, expected) => {
  expect(await listings('currency', [apartment(1, { currency })])).toEqual([expected])
})

const CREATED = '2024-01-10 12:00:00'
test.each([
  ['active: open, whenever it was modified', CREATED, true, '2024-01-20 00:00:00', '2024-01-10 null'],
  ['not active: to the day of its modification', CREATED, false, '2024-01-20 23:59:59', '2024-01-10 2024-01-20'],
  ['not known to be active: the same', CREATED, null, '2024-01-20 00:00:00', '2024-01-10 2024-01-20'],
  ['not active, never modified: its first day', CREATED, false, null, '2024-01-10 2024-01-10'],
  ['modified before it was created', CREATED, false, '2024-01-09 00:00:00', '2024-01-10 2024-01-09'],
  ['never created, active', null, true, '2024-01-20 00:00:00', 'null null'],
  ['never created, not active', null, false, '2024-01-20 00:00:00', 'null 2024-01-20'],
  ['never created, never modified', null, null, null, 'null null'],
])('life of a listing, %s', async (_name, listing_created_on, is_active, last_modified_timestamp, expected) => {
  const rows = [apartment(1, { listing_created_on, is_active, last_modified_timestamp })]
  expect(await listings('active_from, active_to', rows)).toEqual([expected])
})

test('changed keys alone are built again: changed, new and vanished listings', async () => {
  await cases.load('2024-01-31', {
    'raw_data.stg_apartments': [1, 2, 3, 4, 6].map((id) => apartment(id, { title: 'new' })),
    'raw_data.stg_apartment_attributes': [1, 2, 3, 5].map((id) => attributes(id)),
    'curated.dim_listings': [1, 3, 4, 5].map((listing_id) => ({ listing_id, title: 'old' })),
    'curated.changed_listings': [1, 1, 2, 4, 5, 6].map((listing_id) => ({ listing_id })),
  })
  await cases.build('incremental', ['dim_listings'])
  // 4 lost its attributes, 5 its apartment, 6 has none yet; 3 was not touched.
  expect(await cases.lines('curated.dim_listings', 'listing_id, title')).toEqual(['1 new', '2 new', '3 old'])
})

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SOURCE_TABLES, type SourceTableName, sourceTable } from '../../src/lib/core/model.js'
import { type SampleAsked, sampleRows } from './sample-rows.js'

/** A column of a foreign table: its name, the model's column that it holds, and how it writes the values. */
type ForeignColumn = [name: string, column: string, write?: (text: string) => string]

const money = (text: string): string =>
  /^\d+\.\d\d$/.test(text) ? `$${text.replaceAll(/\B(?=(\d{3})+\.)/g, ',')}` : text
const european = (text: string): string =>
  /^\d+\.\d\d$/.test(text) ? `€ ${text.replace('.', ',').replaceAll(/\B(?=(\d{3})+,)/g, '.')}` : text
const american = (text: string): string => text.replace(/^(\d{4})-(\d\d)-(\d\d)[ T](\d\d:\d\d:\d\d)$/, '$2/$3/$1 $4')
const dotted = (text: string): string => text.replace(/^(\d{4})-(\d\d)-(\d\d)$/, '$3.$2.$1')
/** Of what is a moment; Date would take 24:00:00 for one. */
const epoch = (text: string): string => {
  const seconds = Date.parse(`${text.replace(' ', 'T')}Z`) / 1000
  const same = !Number.isNaN(seconds) && new Date(seconds * 1000).toISOString().startsWith(text.replace(' ', 'T'))
  return same && text.length === 19 ? String(seconds) : text
}
const active = (text: string): string =>
  ({ 1: 'Active', 0: 'Inactive', true: 'Active', false: 'Inactive' })[text] ?? text

/** What a marketplace calls its tables and columns; listings are two tables of the model in one. */
export const FOREIGN: Readonly<Record<string, ForeignColumn[]>> = {
  listings: [
    ['listing_id', 'id'],
    ['Name', 'title'],
    ['channel', 'source'],
    ['nightly_price', 'price', money],
    ['currency-code', 'currency'],
    ['created_at', 'listing_created_on', american],
    ['status', 'is_active', active],
    ['updatedAt', 'last_modified_timestamp', american],
    ['property_type', 'category'],
    ['Description', 'body'],
    ['facilities', 'amenities'],
    ['Baths', 'bathrooms'],
    ['beds', 'bedrooms'],
    ['fees', 'fee'],
    ['photo', 'has_photo'],
    ['pets', 'pets_allowed'],
    ['display price', 'price_display'],
    ['rate_type', 'price_type'],
    ['sqft', 'square_feet'],
    ['street', 'address'],
    ['City', 'cityname'],
    ['State', 'state'],
    ['lat', 'latitude'],
    ['lng', 'longitude'],
  ],
  reservations: [
    ['reservation_no', 'booking_id'],
    ['guest id', 'user_id'],
    ['listing_id', 'apartment_id'],
    ['booked_on', 'booking_date', dotted],
    ['Check-In', 'checkin_date', dotted],
    ['end', 'checkout_date'],
    ['amount', 'total_price', european],
    ['ccy', 'currency'],
    ['state', 'booking_status'],
    ['paymentStatus', 'payment_status'],
    ['guests', 'num_guests'],
  ],
  page_views: [
    ['visitor_id', 'user_id'],
    ['property_id', 'apartment_id'],
    ['event_time', 'viewed_at', epoch],
    ['favorite', 'is_wishlisted'],
    ['cta', 'call_to_action'],
  ],
}

export type Rows = Record<string, string>[]

/** Rows of the model: apartments and their attributes of one number, as a table of both has them. */
export function modelRows(asked: SampleAsked): Record<SourceTableName, Rows> {
  const rows = (name: SourceTableName): Rows => sampleRows(name, asked)
  const attributes = new Map(rows('apartment_attributes').map((row) => [row['id'], row]))
  const apartments = rows('apartments').filter(({ id }) => attributes.has(id as string))
  return {
    apartments,
    apartment_attributes: apartments.map(({ id }) => attributes.get(id as string) as Rows[number]),
    bookings: rows('bookings'),
    user_viewing: rows('user_viewing'),
  }
}

/** The same rows as the foreign tables hold them: header and records. */
export function foreignRows(
  rows: Record<SourceTableName, Rows>,
): Record<string, { header: string[]; records: string[][] }> {
  const listings = rows.apartments.map((row, at) => ({ ...rows.apartment_attributes[at], ...row }))
  const held: Record<string, Rows> = { listings, reservations: rows.bookings, page_views: rows.user_viewing }
  return Object.fromEntries(
    Object.entries(FOREIGN).map(([name, columns]) => [
      name,
      {
        header: columns.map(([column]) => column),
        records: (held[name] ?? []).map((row) =>
          columns.map(([, column, write = (text: string) => text]) => write(row[column] ?? '')),
        ),
      },
    ]),
  )
}

/** Two folders of the same rows: `plain` under the names of the model, `foreign` under others and in other forms. */
export async function writeForeign(folder: string, asked: SampleAsked): Promise<{ plain: string; foreign: string }> {
  const [plain, foreign] = [join(folder, 'plain'), join(folder, 'foreign')]
  const rows = modelRows(asked)
  for (const { name } of SOURCE_TABLES) {
    const header = sourceTable(name).columns.map((column) => column.name)
    await writeCsv(
      plain,
      name,
      header,
      rows[name].map((row) => header.map((column) => row[column] ?? '')),
    )
  }
  for (const [name, { header, records }] of Object.entries(foreignRows(rows)))
    await writeCsv(foreign, name, header, records)
  return { plain, foreign }
}

async function writeCsv(folder: string, name: string, header: string[], records: string[][]): Promise<void> {
  await mkdir(folder, { recursive: true })
  const line = (fields: string[]): string => fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')
  await writeFile(join(folder, `${name}.csv`), `${[header, ...records].map(line).join('\n')}\n`)
}

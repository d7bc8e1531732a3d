/**
 * The model: tables, keys, columns and types of the source, raw and curated layers (semantics.md §1 to §3).
 * DDL, the typing of CSV, MERGE statements, the manifest's schema and the documentation are generated from it.
 */
export type SqlType =
  | 'BIGINT'
  | 'INTEGER'
  | 'BOOLEAN'
  | 'DATE'
  | 'TIMESTAMP'
  | 'VARCHAR'
  | `DECIMAL(${number},${number})`

export interface Column {
  name: string
  type: SqlType
  /** A required column must be there; a bad value in it quarantines the row. Its values may be NULL, except in keys. */
  required: boolean
  /** Of a text that this tool writes, the most bytes of UTF-8; texts of the source may have `TEXT_LIMIT_BYTES`. */
  length?: number
}

export interface SourceTable {
  /** Name in the source, and of the CSV file without its ending. */
  name: SourceTableName
  /** Name in raw_data. */
  raw: string
  key: readonly string[]
  columns: readonly Column[]
  /** What `--reconcile never` reads beyond; `inclusive` where several rows may share the position. */
  bookmark: { column: string; inclusive: boolean }
  /** Of several rows with one key the greatest of this column survives (NULL lowest), before the last in the file. */
  latestBy?: string
}

export type SourceTableName = 'apartments' | 'apartment_attributes' | 'bookings' | 'user_viewing'

const required = (name: string, type: SqlType): Column => ({ name, type, required: true })
const optional = (name: string, type: SqlType): Column => ({ name, type, required: false })

/** The four source tables, in the order in which they are read. Column order is the order of rules. */
export const SOURCE_TABLES: readonly SourceTable[] = [
  {
    name: 'apartments',
    raw: 'stg_apartments',
    key: ['id'],
    bookmark: { column: 'id', inclusive: false },
    latestBy: 'last_modified_timestamp',
    columns: [
      required('id', 'BIGINT'),
      optional('title', 'VARCHAR'),
      optional('source', 'VARCHAR'),
      required('price', 'DECIMAL(10,2)'),
      required('currency', 'VARCHAR'),
      required('listing_created_on', 'TIMESTAMP'),
      required('is_active', 'BOOLEAN'),
      required('last_modified_timestamp', 'TIMESTAMP'),
    ],
  },
  {
    name: 'apartment_attributes',
    raw: 'stg_apartment_attributes',
    key: ['id'],
    bookmark: { column: 'id', inclusive: false },
    columns: [
      required('id', 'BIGINT'),
      optional('category', 'VARCHAR'),
      optional('body', 'VARCHAR'),
      optional('amenities', 'VARCHAR'),
      optional('bathrooms', 'DECIMAL(4,1)'),
      optional('bedrooms', 'DECIMAL(4,1)'),
      optional('fee', 'DECIMAL(10,2)'),
      optional('has_photo', 'VARCHAR'),
      optional('pets_allowed', 'VARCHAR'),
      optional('price_display', 'VARCHAR'),
      optional('price_type', 'VARCHAR'),
      optional('square_feet', 'INTEGER'),
      optional('address', 'VARCHAR'),
      required('cityname', 'VARCHAR'),
      required('state', 'VARCHAR'),
      optional('latitude', 'DECIMAL(9,6)'),
      optional('longitude', 'DECIMAL(9,6)'),
    ],
  },
  {
    name: 'bookings',
    raw: 'stg_bookings',
    key: ['booking_id'],
    bookmark: { column: 'booking_id', inclusive: false },
    columns: [
      required('booking_id', 'BIGINT'),
      required('user_id', 'BIGINT'),
      required('apartment_id', 'BIGINT'),
      required('booking_date', 'DATE'),
      required('checkin_date', 'DATE'),
      required('checkout_date', 'DATE'),
      required('total_price', 'DECIMAL(10,2)'),
      required('currency', 'VARCHAR'),
      required('booking_status', 'VARCHAR'),
      optional('payment_status', 'VARCHAR'),
      optional('num_guests', 'INTEGER'),
    ],
  },
  {
    name: 'user_viewing',
    raw: 'stg_user_viewing',
    key: ['user_id', 'apartment_id', 'viewed_at'],
    bookmark: { column: 'viewed_at', inclusive: true },
    columns: [
      required('user_id', 'BIGINT'),
      required('apartment_id', 'BIGINT'),
      required('viewed_at', 'TIMESTAMP'),
      optional('is_wishlisted', 'BOOLEAN'),
      optional('call_to_action', 'VARCHAR'),
    ],
  },
]

/** Technical columns of every raw table (architecture.md, "Technical columns"). */
export const TECHNICAL_COLUMNS: readonly Column[] = [
  required('_load_seq', 'BIGINT'),
  { ...required('_run_id', 'VARCHAR'), length: 80 },
  required('_position', 'BIGINT'),
  required('_superseded', 'BIGINT'),
  { ...optional('_nullified', 'VARCHAR'), length: 1000 },
]

/** Redshift's limit for VARCHAR, in bytes of UTF-8. */
export const TEXT_LIMIT_BYTES = 65_535

export interface CuratedTable {
  name: string
  key: readonly string[]
  columns: readonly Column[]
}

const apartments = columnsOf('apartments')
const attributes = columnsOf('apartment_attributes')
const optionalised = (columns: readonly Column[]): Column[] => columns.map((column) => ({ ...column, required: false }))
const renamed = (columns: readonly Column[], from: string, to: string): Column[] =>
  columns.map((column) => (column.name === from ? { ...column, name: to } : column))

/** The four curated tables that hold rows of raw, with the columns of semantics.md §3, in that order. */
export const CURATED_TABLES: readonly CuratedTable[] = [
  {
    name: 'dim_listings',
    key: ['listing_id'],
    columns: [
      required('listing_id', 'BIGINT'),
      ...optionalised(apartments.filter((column) => column.name !== 'id')).map((column) =>
        column.name === 'listing_created_on' ? { ...column, type: 'DATE' as const } : column,
      ),
      ...optionalised(attributes.filter((column) => column.name !== 'id' && column.name !== 'body')),
      optional('active_from', 'DATE'),
      optional('active_to', 'DATE'),
    ],
  },
  {
    name: 'fact_bookings',
    key: ['booking_id'],
    columns: withKey(renamed(columnsOf('bookings'), 'apartment_id', 'listing_id'), ['booking_id']),
  },
  {
    name: 'fact_user_views',
    key: ['user_id', 'listing_id', 'viewed_timestamp'],
    columns: [
      required('user_id', 'BIGINT'),
      required('listing_id', 'BIGINT'),
      optional('viewed_at', 'DATE'),
      required('viewed_timestamp', 'TIMESTAMP'),
      optional('is_wishlisted', 'BOOLEAN'),
      optional('call_to_action', 'VARCHAR'),
    ],
  },
  {
    name: 'dim_users',
    key: ['user_id'],
    columns: [
      required('user_id', 'BIGINT'),
      optional('view_count', 'BIGINT'),
      optional('wishlist_count', 'BIGINT'),
      optional('first_viewed_on', 'DATE'),
      optional('last_viewed_on', 'DATE'),
      optional('booking_count', 'BIGINT'),
      optional('confirmed_booking_count', 'BIGINT'),
      optional('first_booked_on', 'DATE'),
      optional('last_booked_on', 'DATE'),
    ],
  },
]

/** curated.dim_dates: the calendar that the views read; it has no line in the ledger. */
export const DIM_DATES: CuratedTable = {
  name: 'dim_dates',
  key: ['day'],
  columns: [required('day', 'DATE'), required('week_start', 'DATE'), required('month_start', 'DATE')],
}

/** The source table of that name. @throws RangeError when there is none: names are checked where they come in. */
export function sourceTable(name: string): SourceTable {
  const found = SOURCE_TABLES.find((table) => table.name === name || table.raw === name)
  if (!found) throw new RangeError(`no source table ${name}`)
  return found
}

function columnsOf(name: SourceTableName): readonly Column[] {
  return sourceTable(name).columns
}

function withKey(columns: readonly Column[], key: readonly string[]): Column[] {
  return columns.map((column) => ({ ...column, required: key.includes(column.name) }))
}

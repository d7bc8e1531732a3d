import { CURATED_TABLES, DIM_DATES, SOURCE_TABLES } from '../../src/lib/core/model.js'
import { sortedTexts } from '../support/pipeline.js'
import { naiveCurated } from './curated.js'
import { type NaiveTable, naiveRaw, type Row } from './raw.js'
import { dayNumber, show, type Words } from './values.js'
import { naiveDates, naiveViews, type ViewRow } from './views.js'

export interface NaiveResult {
  /** All cells of raw, curated and presentation, by relation; rows sorted. */
  cells: Record<string, ViewRow[]>
  raw: Record<string, NaiveTable>
  filtered: Record<string, Record<string, number>>
}

/** Columns of the views, in their order (semantics.md §4). */
export const VIEW_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  vw_avg_listing_price_weekly: ['week_start', 'currency', 'active_listings', 'avg_price'],
  vw_occupancy_rate_monthly: ['month_start', 'booked_nights', 'available_nights', 'occupancy_rate', 'is_partial'],
  vw_popular_locations_weekly: ['week_start', 'cityname', 'state', 'bookings', 'location_rank'],
  vw_top_listings_weekly: [
    'week_start',
    'currency',
    'listing_id',
    'title',
    'cityname',
    'bookings',
    'revenue',
    'revenue_rank',
  ],
  vw_bookings_per_user_weekly: ['week_start', 'user_id', 'bookings'],
  vw_avg_booking_duration: ['month_start', 'stays', 'avg_nights', 'median_nights', 'invalid_stays'],
  vw_repeat_customer_rate: ['day', 'active_customers', 'repeat_customers', 'repeat_rate'],
}

/** The relations that are compared, with their columns. */
export const RELATIONS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(SOURCE_TABLES.map(({ raw, columns }) => [`raw_data.${raw}`, columns.map(({ name }) => name)])),
  ...Object.fromEntries(
    [...CURATED_TABLES, DIM_DATES].map(({ name, columns }) => [
      `curated.${name}`,
      columns.map((column) => column.name),
    ]),
  ),
  ...Object.fromEntries(Object.entries(VIEW_COLUMNS).map(([name, columns]) => [`presentation.${name}`, columns])),
}

/** A source's tables and views by a second, slow and simple implementation of semantics.md. */
export async function naive(folder: string, asOf: string, words: Words = 'csv'): Promise<NaiveResult> {
  const raw = await naiveRaw(folder, words)
  const { rows, filtered } = naiveCurated(raw)
  const views = naiveViews(rows, dayNumber(asOf))
  const cells: Record<string, ViewRow[]> = {}
  for (const { name, raw: relation, columns } of SOURCE_TABLES)
    cells[`raw_data.${relation}`] = texts(raw[name]?.rows ?? [], columns)
  for (const { name, columns } of CURATED_TABLES) cells[`curated.${name}`] = texts(rows[name] ?? [], columns)
  cells['curated.dim_dates'] = naiveDates(rows, dayNumber(asOf))
  for (const [name, view] of Object.entries(views)) cells[`presentation.${name}`] = sortedTexts(view)
  return { cells, raw, filtered }
}

function texts(rows: Row[], columns: readonly { name: string; type: Parameters<typeof show>[1] }[]): ViewRow[] {
  return sortedTexts(rows.map((row) => columns.map(({ name, type }) => show(row[name], type))))
}

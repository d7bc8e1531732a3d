import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { SOURCE_TABLES, type SourceTableName, sourceTable } from '../../src/lib/core/model.js'
import type { AuditKind } from '../../src/lib/core/run/bookmark-audit.js'

/** Records of a source in which no key stands twice, by column. */
export type CleanSource = Record<SourceTableName, Record<string, string>[]>

/** What is done to one row; `at` picks it. */
export interface Plant {
  table: SourceTableName
  what: 'update' | 'late' | 'delete' | 'copy' | 'beyond' | 'at the bookmark'
  at: number
}

/** Of a planted row what the audit has to say, unless it lies where the bookmark reads. */
const KIND: Readonly<Record<Plant['what'], AuditKind>> = {
  update: 'updated',
  late: 'late',
  delete: 'deleted',
  copy: 'copied',
  beyond: 'late',
  'at the bookmark': 'late',
}

const tables = fc.constantFrom(...SOURCE_TABLES.map(({ name }) => name))

export const plants: fc.Arbitrary<Plant[]> = fc.array(
  fc.record({
    table: tables,
    what: fc.constantFrom('update', 'late', 'delete', 'copy', 'beyond', 'at the bookmark'),
    at: fc.nat(1000),
  }),
  { minLength: 4, maxLength: 24, size: 'max' },
)

/** Every table with its rows at the even places of its bookmark's column, up to the size. */
export function cleanSource(size: number): CleanSource {
  const source = {} as CleanSource
  for (const { name } of SOURCE_TABLES) source[name] = Array.from({ length: size }, (_, at) => record(name, 2 * at + 2))
  return source
}

/** A row whose bookmark column stands at that place; several views may stand at one. @param user tells them apart */
export function record(table: SourceTableName, place: number, user = 1): Record<string, string> {
  if (table === 'user_viewing') {
    const viewed = new Date(Date.UTC(2024, 0, 1) + place * 500).toISOString().slice(0, -1)
    return { user_id: String(user), apartment_id: '7', viewed_at: viewed, is_wishlisted: '0' }
  }
  if (table === 'bookings') {
    return {
      ...{ booking_id: String(place), user_id: '3', apartment_id: '7', booking_date: '2024-01-02' },
      ...{ checkin_date: '2024-02-01', checkout_date: '2024-02-03', total_price: '10.00', currency: 'EUR' },
      booking_status: 'confirmed',
    }
  }
  if (table === 'apartments') {
    return {
      ...{ id: String(place), price: '5.00', currency: 'EUR', listing_created_on: '2024-01-01', is_active: '1' },
      last_modified_timestamp: '2024-01-01 00:00:00',
    }
  }
  return { id: String(place), cityname: 'Bonn', state: 'NW', body: 'x' }
}

/** The last place of each table. */
export function lastPlace(source: CleanSource, table: SourceTableName): number {
  return Math.max(...source[table].map((row) => placeOf(table, row)))
}

export function placeOf(table: SourceTableName, row: Record<string, string>): number {
  if (table !== 'user_viewing') return Number(row[sourceTable(table).bookmark.column])
  return (Date.parse(`${row['viewed_at']}Z`) - Date.UTC(2024, 0, 1)) / 500
}

export interface Planted {
  table: SourceTableName
  key: string
  kind: AuditKind
  place: number
}

/** Each plant on a row of its own; what would meet a row again is left out. */
export function plant(before: CleanSource, all: readonly Plant[]): { source: CleanSource; planted: Planted[] } {
  const source = structuredClone(before)
  const planted: Planted[] = []
  for (const { table, what, at } of all) {
    const rows = source[table]
    const place = Math.floor(at % (lastPlace(before, table) / 2)) * 2 + 1
    const end = lastPlace(before, table)
    const row =
      what === 'late'
        ? record(table, place)
        : what === 'beyond'
          ? record(table, end + 1 + (at % 50))
          : what === 'at the bookmark'
            ? record(table, end, 2 + (at % 50))
            : (before[table][at % before[table].length] as Record<string, string>)
    const key = keyText(table, row)
    const isNew = what === 'late' || what === 'beyond' || what === 'at the bookmark'
    if (planted.some((one) => one.table === table && one.key === key)) continue
    if (isNew === before[table].some((one) => keyText(table, one) === key)) continue
    const index = rows.findIndex((one) => keyText(table, one) === key)
    if (isNew) rows.splice(at % (rows.length + 1), 0, row)
    else if (what === 'delete') rows.splice(index, 1)
    else if (what === 'copy') rows.splice(at % (rows.length + 1), 0, row)
    else rows[index] = changed(table, row)
    planted.push({ table, key, kind: KIND[what], place: placeOf(table, row) })
  }
  return { source, planted }
}

function changed(table: SourceTableName, row: Record<string, string>): Record<string, string> {
  if (table === 'user_viewing') return { ...row, is_wishlisted: '1' }
  if (table === 'bookings') return { ...row, total_price: '11.00' }
  if (table === 'apartments') return { ...row, price: '6.00' }
  return { ...row, body: '' }
}

export function keyText(table: SourceTableName, row: Readonly<Record<string, string>>): string {
  const text = sourceTable(table).key.map((name) => row[name] ?? '')
  // One moment is written in several ways.
  return text
    .map((value) => (value.includes(':') ? value.replace('T', ' ').replace(/(\.\d*[1-9])0+$|\.0+$/, '$1') : value))
    .join(' | ')
}

export async function writeClean(folder: string, source: CleanSource): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const { name } of SOURCE_TABLES) {
    const header = Object.keys(record(name, 2))
    const lines = [header.join(','), ...source[name].map((row) => header.map((column) => row[column]).join(','))]
    await writeFile(join(folder, `${name}.csv`), `${lines.join('\n')}\n`)
  }
}

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readSqlFiles } from '../../src/lib/adapters/files/sql-files.js'
import { LocalRunStore } from '../../src/lib/adapters/local/home/run-store.js'
import { LocalTrace } from '../../src/lib/adapters/local/trace/trace.js'
import { openLocalWarehouse } from '../../src/lib/adapters/local/warehouse/warehouse.js'
import { CsvSource } from '../../src/lib/adapters/source/csv/csv-source.js'
import type { Source } from '../../src/lib/adapters/source/source.js'
import { type TraceKind, traceKey } from '../../src/lib/core/trace/key.js'
import type { TraceStep } from '../../src/lib/core/trace/steps.js'
import { traceRow } from '../../src/lib/use-cases/trace.js'

const HEADERS = {
  apartments: 'id,title,source,price,currency,listing_created_on,is_active,last_modified_timestamp',
  apartment_attributes: 'id,cityname,state,bedrooms',
  bookings:
    'booking_id,user_id,apartment_id,booking_date,checkin_date,checkout_date,total_price,currency,booking_status,num_guests',
  user_viewing: 'user_id,apartment_id,viewed_at,is_wishlisted',
} as const

/** Lines of the four files, without their headers. */
export type TraceLines = { [Table in keyof typeof HEADERS]?: readonly string[] }

export async function writeLines(folder: string, lines: TraceLines): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [name, header] of Object.entries(HEADERS)) {
    const own = lines[name as keyof typeof HEADERS] ?? []
    await writeFile(join(folder, `${name}.csv`), `${[header, ...own].join('\n')}\n`)
  }
}

const texts = async (folder: string): Promise<Record<string, string>> =>
  Object.fromEntries((await readSqlFiles(folder)).map(({ name, text }) => [name, text]))

/** What `trace` gives, on the adapters of a local target. */
export async function tracing(home: string, source: string | Source) {
  const sql = { curated: await texts('curated'), ledger: await texts('ledger') }
  const from = typeof source === 'string' ? new CsvSource(source) : source
  const ports = {
    trace: new LocalTrace({ home, now: () => new Date(), source: () => from }),
    warehouse: () => openLocalWarehouse(home),
    runs: new LocalRunStore(home),
    sql,
  }
  return (kind: TraceKind, key: string, newest = 3, signal = new AbortController().signal) =>
    traceRow(ports, traceKey(kind, key), {
      ...{ newest, signal, progress: () => undefined },
    })
}

/** A step as a line of its words. */
export function stepText({ place, relation, status, rule, run_id, cleared_run_id, line, rows }: TraceStep): string {
  const more = [rule, run_id, cleared_run_id && `cleared ${cleared_run_id}`, line === null ? null : `line ${line}`]
  return [place, relation, status, ...more.filter((text) => text !== null), ...(rows > 1 ? [`${rows} rows`] : [])].join(
    ' ',
  )
}

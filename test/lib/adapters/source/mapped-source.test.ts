import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createJobs } from '../../../../src/lib/adapters/local/jobs/index.js'
import type { JobEvent } from '../../../../src/lib/adapters/local/workflow/job.js'
import { createSource } from '../../../../src/lib/adapters/source/create-source.js'
import { mapTable } from '../../../../src/lib/adapters/source/map-table.js'
import type { SourceMapping } from '../../../../src/lib/core/config/mapping.js'
import { sourceTable } from '../../../../src/lib/core/model.js'
import { newRequest } from '../../../../src/lib/core/run/request.js'
import { RELATIONS } from '../../../naive/index.js'
import { GOLDEN_DIRTY, goldenSource } from '../../../support/golden.js'
import { memoryDatabase } from '../../../support/memory-database.js'
import { readRelations, runJobs } from '../../../support/pipeline.js'
import { temporaryFolder } from '../../../support/temporary.js'

const signal = new AbortController().signal

async function load(home: string, folder: string, mapping: SourceMapping, runId: string): Promise<JobEvent[]> {
  const events: JobEvent[] = []
  const source = () => createSource({ kind: 'csv', folder }, { home, mapping })
  const jobs = createJobs({ home, now: () => new Date(), source })
  const context = { emit: (event: JobEvent) => events.push(event), signal }
  const request = newRequest({ run_id: runId, as_of: '2024-06-15', allow_rejects: true })
  await jobs.extract_raw(request, context)
  await jobs.s3_to_redshift_raw(request, context)
  await jobs.redshift_raw_to_curated(request, context)
  return events
}

const BOOKINGS = sourceTable('bookings')

/** What a mapping makes of rows of texts. */
async function mapped(
  columns: [string, string][],
  header: string[],
  rows: string[][],
): Promise<{ header: string[]; renamed: boolean; fieldNames: string[]; rows: unknown[][] }> {
  const table = await mapTable(columns, { table: BOOKINGS, name: 'f.csv', header })
  const text = (value: string): string => `'${value.replaceAll("'", "''")}'`
  const own = `(values ${rows.map((row) => `(${row.map(text).join(', ')})`).join(', ')}) t(${header.map((_, at) => `x_${at}`).join(', ')})`
  const db = await memoryDatabase()
  const found = await db.all(`select * from ${table.relation(own)}`)
  return { ...table, rows: found.map((row) => Object.values(row)) }
}

describe('a table is made of another one', () => {
  test('by names, constants and expressions; what no expression uses is what the model does not know', async () => {
    const found = await mapped(
      [
        ['booking_id', 'id'],
        ['total_price', `replace(replace("Total Price", '$', ''), ',', '')`],
        ['currency', `'USD'`],
        ['payment_status', 'upper(x_1)'],
        ['booking_status', `case when state = 'note' then 'confirmed' else lower(state) end -- as they call it`],
      ],
      ['id', 'user_id', 'Total Price', 'state', 'note', 'x_1', ''],
      [
        ['7', '1', '$1,234.50', 'note', 'a', 'b', 'c'],
        ['8', '2', '3', 'LOST', 'd', 'e', 'f'],
      ],
    )
    expect(found.header).toEqual([
      ...['booking_id', 'user_id', 'total_price', 'currency', 'booking_status', 'payment_status'],
      ...['note', ''],
    ])
    expect(found.rows).toEqual([
      ['7', '1', '1234.50', 'USD', 'confirmed', 'B', 'a', 'c'],
      ['8', '2', '3', 'USD', 'lost', 'E', 'd', 'f'],
    ])
    expect(found.renamed).toBe(false)
    expect(found.fieldNames).toEqual(['booking_id', 'user_id', 'Total Price', 'state', 'note', 'x_1', ''])
  })

  test('by names alone nothing is computed, and a name may be that of another column', async () => {
    const found = await mapped(
      [
        ['booking_id', 'no.'],
        ['user_id', 'apartment_id'],
        ['apartment_id', 'user_id'],
      ],
      ['no.', 'user_id', 'apartment_id'],
      [['7', 'listing', 'user']],
    )
    expect(found).toMatchObject({
      header: ['booking_id', 'user_id', 'apartment_id'],
      rows: [['7', 'user', 'listing']],
      renamed: true,
      fieldNames: ['booking_id', 'apartment_id', 'user_id'],
    })
  })

  test.each([
    ['price / 2', 'SOURCE_SCHEMA', 'f.csv has no column price; it has id, cost'],
    ['cost +', 'CONFIG_INVALID', 'Parser Error'],
    ['sum(cost)', 'CONFIG_INVALID', 'Binder Error'],
    ['row_number() over ()', 'CONFIG_INVALID', 'Binder Error'],
    ['unnest([cost])', 'CONFIG_INVALID', 'Binder Error'],
    ['nonesuch(cost)', 'CONFIG_INVALID', 'Catalog Error'],
  ])('%s is refused', async (expression, code, message) => {
    const columns: [string, string][] = [['total_price', expression]]
    await expect(mapTable(columns, { table: BOOKINGS, name: 'f.csv', header: ['id', 'cost'] })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`mapping of bookings.total_price: ${message}`),
    })
  })
})

const RENAMED: SourceMapping = {
  bookings: { table: 'reservations', columns: { booking_id: 'nr', booking_status: 'upper(state)' } },
  user_viewing: { columns: { viewed_at: 'seen' } },
}

/** A golden source under other names. */
async function renamedSource(): Promise<string> {
  const folder = await temporaryFolder()
  const golden = goldenSource(GOLDEN_DIRTY[0] as string)
  for (const name of ['apartments', 'apartment_attributes', 'bookings', 'user_viewing'])
    await writeFile(join(folder, `${name}.csv`), await readFile(join(golden, `${name}.csv`)))
  const change = async (name: string, of: string, to: string): Promise<void> => {
    const text = await readFile(join(folder, `${name}.csv`), 'utf8')
    const end = text.indexOf('\n')
    const header = text.slice(0, end).replace(of, to)
    await writeFile(join(folder, `${name}.csv`), header + text.slice(end))
  }
  await change('bookings', 'booking_id', 'nr')
  await change('bookings', 'booking_status', 'state')
  await change('user_viewing', 'viewed_at', 'seen')
  await rename(join(folder, 'bookings.csv'), join(folder, 'reservations.csv'))
  return folder
}

test('a source under other names gives the warehouse that it gives under those of the model', async () => {
  const [home, folder, other] = [join(await temporaryFolder(), 'h'), await renamedSource(), await temporaryFolder()]
  await load(home, folder, RENAMED, 'r1')
  const plain = join(other, 'h')
  await runJobs({ home: plain, folder: goldenSource(GOLDEN_DIRTY[0] as string), asOf: '2024-06-15', runId: 'r1' })
  const { 'raw_data.stg_bookings': _, ...relations } = RELATIONS
  const quarantine = { 'raw_data.quarantine': ['table_name', 'rule', 'key_text', 'occurrence'] }
  const all = { ...relations, ...quarantine }
  expect(await readRelations(home, all)).toEqual(await readRelations(plain, all))
  const statuses = { '(select upper(booking_status) as s, booking_id from raw_data.stg_bookings)': ['booking_id', 's'] }
  expect(await readRelations(home, statuses)).toEqual(await readRelations(plain, statuses))
})

test('what was read by one mapping is not known by another one', async () => {
  const [home, folder] = [join(await temporaryFolder(), 'h'), await renamedSource()]
  const updated = async (mapping: SourceMapping, runId: string): Promise<number> => {
    const events = await load(home, folder, mapping, runId)
    return events.reduce(
      (sum, event) => sum + (event.type === 'table_done' && event.layer === 'raw' ? event.flow.updated : 0),
      0,
    )
  }
  await load(home, folder, RENAMED, 'r1')
  expect(await updated(RENAMED, 'r2')).toBe(0)
  const columns = { ...RENAMED.bookings?.columns, booking_status: `'confirmed'` }
  expect(await updated({ ...RENAMED, bookings: { table: 'reservations', columns } }, 'r3')).toBeGreaterThan(10)
})

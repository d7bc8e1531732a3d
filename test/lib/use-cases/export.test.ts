import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Database } from '../../../src/lib/adapters/local/engine/database.js'
import { openLocalWarehouse } from '../../../src/lib/adapters/local/warehouse/warehouse.js'
import { assertWritable, type Exported, exportFormat, exportRelation } from '../../../src/lib/use-cases/export.js'
import { smallWarehouse } from '../../support/small-warehouse.js'
import { temporaryFolder } from '../../support/temporary.js'

const { home } = smallWarehouse()

async function write(relation: string, file: string): Promise<Exported> {
  await using warehouse = await openLocalWarehouse(home())
  return await exportRelation(warehouse, relation, file)
}

test('CSV holds the cells that query shows, in the order of the metric', async () => {
  const file = join(await temporaryFolder(), 'x.csv')
  expect(await write('vw_top_listings_weekly', file)).toEqual({
    relation: 'presentation.vw_top_listings_weekly',
    file,
    format: 'csv',
    rows: 4,
  })
  expect(readFileSync(file, 'utf8')).toBe(`week_start,currency,listing_id,title,cityname,bookings,revenue,revenue_rank
2024-02-05,USD,1,Loft,Austin,1,200.00,1
2025-03-10,USD,1,Loft,Austin,1,300.00,1
2025-03-10,USD,2,"House, with garden",Dallas,2,151.50,2
2025-03-24,EUR,5508654087,Studio,O'Fallon,1,480.00,1
`)
})

test('JSON lines hold exact numbers as texts, and times in UTC', async () => {
  const file = join(await temporaryFolder(), 'x.JSONL')
  await write('curated.fact_user_views', file)
  const lines = readFileSync(file, 'utf8').trim().split('\n').sort()
  expect(lines).toEqual([
    '{"user_id":"10","listing_id":"1","viewed_at":"2025-03-01","viewed_timestamp":"2025-03-01T10:00:00Z","is_wishlisted":null,"call_to_action":"call"}',
    '{"user_id":"12","listing_id":"2","viewed_at":"2025-03-02","viewed_timestamp":"2025-03-02T11:30:00.5Z","is_wishlisted":null,"call_to_action":null}',
  ])
})

test('Parquet holds the types, and no other file is left', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, "it's.parquet")
  expect((await write('curated.dim_listings', file)).rows).toBe(3)
  expect(readdirSync(folder)).toEqual(["it's.parquet"])
  const db = await Database.open(':memory:')
  const types = await db.all<{ column_name: string; column_type: string }>(
    `describe select listing_id, price, last_modified_timestamp, is_active from read_parquet('${file.replace("'", "''")}')`,
  )
  db.close()
  expect(types.map((column) => column.column_type)).toEqual(['BIGINT', 'DECIMAL(10,2)', 'TIMESTAMP', 'BOOLEAN'])
})

test('the nearest relation of one that is not there', async () => {
  const file = join(await temporaryFolder(), 'x.csv')
  await expect(write('fact_booking', file)).rejects.toMatchObject({
    message: 'there is no relation fact_booking; the nearest is curated.fact_bookings',
    code: 'NOT_FOUND',
    exit: 'not_found',
    suggestions: [`rental-etl export curated.fact_bookings --to ${file}`, 'rental-etl tables'],
  })
  await expect(write('occupancy', file)).rejects.toMatchObject({
    message: 'there is no relation occupancy; the nearest is presentation.vw_occupancy_rate_monthly',
  })
  await expect(write('curated.fact_bookngs', file)).rejects.toMatchObject({
    message: 'there is no relation curated.fact_bookngs; the nearest is curated.fact_bookings',
  })
})

test('an ending that names no format', () => {
  expect(() => exportFormat('x.xlsx')).toThrow(
    expect.objectContaining({
      message: 'x.xlsx ends in .xlsx, which names no format: it is one of .csv, .jsonl, .parquet',
      code: 'USAGE',
      exit: 'usage',
    }),
  )
})

test('what is there is replaced only when it is asked for', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'x.csv')
  writeFileSync(file, 'mine')
  await mkdir(join(folder, 'y.csv'))
  const check = (path: string, replace = false) => assertWritable('curated.build', path, replace)
  await expect(check(file)).rejects.toMatchObject({
    message: `${file} is there already: --yes replaces it`,
    code: 'USAGE',
    suggestions: [`rental-etl export curated.build --to ${file} --yes`],
  })
  await expect(check(file, true)).resolves.toBeUndefined()
  await expect(check(join(folder, 'z.csv'))).resolves.toBeUndefined()
  await expect(check(join(folder, 'y.csv'), true)).rejects.toMatchObject({
    message: `${join(folder, 'y.csv')} is a folder`,
  })
  await expect(check(join(folder, 'no', 'z.csv'))).rejects.toMatchObject({
    message: `there is no folder ${join(folder, 'no')} to write ${join(folder, 'no', 'z.csv')} into`,
    code: 'NOT_FOUND',
    exit: 'not_found',
  })
})

test('a view that somebody added reads no file, as in query', async () => {
  const folder = await temporaryFolder()
  const secret = join(folder, 'secret.csv')
  writeFileSync(secret, 'a\n1\n')
  const where = await temporaryFolder()
  cpSync(home(), where, { recursive: true })
  const db = await Database.open(join(where, 'warehouse.duckdb'))
  await db.run(`create view presentation.vw_theirs as select * from read_csv('${secret}')`)
  db.close()
  for (const ending of ['csv', 'jsonl', 'parquet']) {
    const file = join(folder, `out.${ending}`)
    await using warehouse = await openLocalWarehouse(where)
    await expect(exportRelation(warehouse, 'vw_theirs', file)).rejects.toMatchObject({ exit: 'usage' })
  }
  expect(readdirSync(folder)).toEqual(['secret.csv'])
})

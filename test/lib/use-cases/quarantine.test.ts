import { expect, test } from 'vitest'
import { openLocalWarehouse } from '../../../src/lib/adapters/local/warehouse/warehouse.js'
import type { Warehouse } from '../../../src/lib/ports/warehouse.js'
import {
  headerFields,
  listQuarantine,
  openBadRows,
  quarantineLines,
  quarantineSummary,
  showQuarantined,
} from '../../../src/lib/use-cases/quarantine.js'
import { emptyWarehouse, MemoryWarehouse } from '../../support/memory-database.js'
import { readAll } from '../../support/read-all.js'
import { smallWarehouse } from '../../support/small-warehouse.js'

const { home } = smallWarehouse()

async function reading<Result>(read: (warehouse: Warehouse) => Promise<Result>): Promise<Result> {
  await using warehouse = await openLocalWarehouse(home())
  return await read(warehouse)
}

const OPEN =
  '{"booking_id":"7","user_id":"12","apartment_id":"1","booking_date":"someday","checkin_date":"2025-03-12","checkout_date":"2025-03-13","total_price":"100.00","currency":"USD","booking_status":"confirmed"}'
const CLEARED = OPEN.replace('"7"', '""').replace('someday', '2025-03-12')

test('rows that are bad now', async () => {
  const columns = ['id', 'table', 'rule', 'key', 'first_run_id', 'row']
  const rows = [['1', 'bookings', 'bad_value:booking_date', '7', 'r1', OPEN]]
  const list = (table?: string) =>
    reading(async (warehouse) => readAll(await listQuarantine(warehouse, { table, all: false })))
  expect(await list()).toEqual({ columns, rows })
  expect(await list('bookings')).toEqual({ columns, rows })
  expect(await list('apartments')).toEqual({ columns, rows: [] })
})

test('rows that were bad once, with the run that cleared them', async () => {
  expect(await reading(async (warehouse) => readAll(await listQuarantine(warehouse, { all: true })))).toEqual({
    columns: ['id', 'table', 'rule', 'key', 'first_run_id', 'cleared_run_id', 'row'],
    rows: [
      ['1', 'bookings', 'bad_value:booking_date', '7', 'r1', null, OPEN],
      ['2', 'bookings', 'null_key:booking_id', '', 'r1', 'r2', CLEARED],
    ],
  })
})

test('how many rows broke each rule, and what each run says of those that are bad now', async () => {
  const summary = (options: { table?: string; all: boolean }) =>
    reading((warehouse) => quarantineSummary(warehouse, options))
  expect(await summary({ all: true })).toEqual([
    'bookings  bad_value:booking_date  1',
    'bookings  null_key:booking_id     1',
  ])
  expect(await summary({ all: false })).toEqual(['bookings  bad_value:booking_date  1'])
  expect(await summary({ table: 'apartments', all: true })).toEqual([])
  expect(await reading(openBadRows)).toBe(
    'bad rows of the source are not in raw: bookings 1; rental-etl quarantine lists them',
  )
  expect(await openBadRows(new MemoryWarehouse(await emptyWarehouse()))).toBeUndefined()
})

test("the header's number of fields is that of another row which the same run found bad", async () => {
  const row = await reading((warehouse) => showQuarantined(warehouse, '2'))
  expect(await reading((warehouse) => headerFields(warehouse, row))).toBe(9)
  expect(await reading((warehouse) => headerFields(warehouse, { ...row, first_run_id: 'r9' }))).toBeUndefined()
  const cut = { ...row, rule: 'bad_row:fields', row: ['1', '2'] }
  expect(quarantineLines(cut, { header: 9 })).toContain('why         9 fields expected, 2 found')
})

test('a row whole', async () => {
  const row = await reading((warehouse) => showQuarantined(warehouse, '2'))
  expect(row).toEqual({
    id: '2',
    table: 'bookings',
    rule: 'null_key:booking_id',
    key: '',
    occurrence: '1',
    first_run_id: 'r1',
    cleared_run_id: 'r2',
    row: JSON.parse(CLEARED),
  })
  expect(quarantineLines(row).join('\n')).toBe(`id          2
table       bookings
rule        null_key:booking_id
why         the key column booking_id is NULL
key
occurrence  1
first run   r1
cleared by  r2

booking_id
user_id         12
apartment_id    1
booking_date    2025-03-12
checkin_date    2025-03-12
checkout_date   2025-03-13
total_price     100.00
currency        USD
booking_status  confirmed`)
})

test('a row whose fields are not those of the header, with a text of two lines', () => {
  const lines = quarantineLines({
    id: '3',
    table: 'apartments',
    rule: 'bad_row:fields',
    key: '1',
    occurrence: '1',
    first_run_id: 'r1',
    cleared_run_id: null,
    row: ['1', 'two\nlines'],
  })
  expect(lines.slice(7)).toEqual([
    'cleared by  no run: it is still bad',
    '',
    'field 1  1',
    'field 2  two\n         lines',
  ])
})

test.each([
  ['99', 'NOT_FOUND', 'there is no quarantined row 99'],
  ['1 or 1=1', 'USAGE', '"1 or 1=1" is no id of a quarantined row: it is a number'],
])('no such row: %s', async (id, code, message) => {
  await expect(reading((warehouse) => showQuarantined(warehouse, id))).rejects.toMatchObject({ code, message })
})

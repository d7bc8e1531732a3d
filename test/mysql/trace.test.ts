import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSource } from '../../src/lib/adapters/source/create-source.js'
import type { SourceMapping } from '../../src/lib/core/config/mapping.js'
import { parseMysqlUrl } from '../../src/lib/core/config/mysql-url.js'
import { sourceTable } from '../../src/lib/core/model.js'
import { mysqlServer } from '../support/mysql-server.js'
import { createDatabase, DATABASE, READER } from '../support/mysql-tables.js'
import { runJobs } from '../support/pipeline.js'
import { scratchFolder } from '../support/temporary.js'
import { stepText, tracing } from '../support/trace-home.js'

const mysql = mysqlServer()

const COLUMNS =
  '(booking_id, user_id, apartment_id, booking_date, checkin_date, checkout_date, total_price, currency, booking_status)'
const values = (id: string, price: string, status = 'confirmed', user = '7'): string =>
  `('${id}', '${user}', '2', '2024-02-01', '2024-02-05', '2024-02-08', ${price}, 'USD', '${status}')`

const source = (url: string, home: string, mapping: SourceMapping = {}) =>
  createSource(parseMysqlUrl(url), { home, mapping, password: async () => READER.password })

/** How many rows of a table a reading takes that is asked for one id. */
async function rowsRead(url: string, work: string, only: Record<string, string>, mapping: SourceMapping = {}) {
  const reading = await source(url, work, mapping).open(work, new AbortController().signal)
  try {
    return (await reading.open(sourceTable('bookings'), only)).records
  } finally {
    await reading.close()
  }
}

test('a key is asked of the server alone; its row is found before and behind a run, without a line', async () => {
  await using scratch = await scratchFolder()
  const home = join(scratch.path, 'home')
  const url = await createDatabase(mysql.server)
  await mysql.server.admin(
    `insert into ${DATABASE}.bookings ${COLUMNS} values ${values('1', '10')}, ${values('2', '20', 'Canceled')}, ${values('-3', '30')}`,
    `insert into ${DATABASE}.user_viewing (user_id, apartment_id, viewed_at) values (7, 2, '2024-02-01 10:00:00.5'), (7, 2, '2024-02-02'), (8, 2, '2024-02-01')`,
  )
  await runJobs({ home, source: source(url, home), asOf: '2024-03-01', runId: 'r1' })
  const trace = await tracing(home, source(url, home))
  const first = (await trace('booking', '1')).traced
  expect(first.verdict).toBe('in every layer')
  expect(first.steps[0]).toMatchObject({ file: 'rental_db.bookings', line: null, row: { total_price: '10.00' } })
  expect((await trace('booking', '2')).traced.verdict).toBe('dropped: raw → curated, not_confirmed:canceled')
  expect((await trace('booking', '-3')).traced.verdict).toBe('in every layer')
  expect((await trace('view', '7,2,2024-02-01T10:00:00.500Z')).traced.steps.slice(0, 1).map(stepText)).toEqual([
    'source user_viewing found',
  ])
  expect((await trace('user', '7')).traced.steps.slice(0, 2).map(stepText)).toEqual([
    ...['source bookings found 3 rows', 'source user_viewing found 2 rows'],
  ])
  await mysql.server.admin(
    `update ${DATABASE}.bookings set total_price = 11 where booking_id = 1`,
    `delete from ${DATABASE}.bookings where booking_id = 2`,
    `insert into ${DATABASE}.bookings ${COLUMNS} values ${values('4', '40')}`,
  )
  const now = async (key: string): Promise<string> => (await trace('booking', key)).traced.verdict
  expect(await now('1')).toBe('source and raw differ since run r1: the next run takes the change; in every layer')
  expect(await now('2')).toMatch(/^gone from the source, still in raw/)
  expect(await now('4')).toBe('in the source, not in raw yet: run it')
  expect(await now('5')).toBe('never seen: not in the source, not in any layer')
  expect(await rowsRead(url, scratch.path, { booking_id: '1' })).toBe(1)
})

test('where the server compares otherwise than the typing, and where a table is mapped, all rows are read', async () => {
  await using scratch = await scratchFolder()
  const url = await createDatabase(mysql.server, { texts: true })
  await mysql.server.admin(
    `insert into ${DATABASE}.bookings ${COLUMNS} values ${values(' 01.0', "'10'")}, ${values('1', "'11'")}, ${values('1x', "'12'")}, ${values('1', "'much'")}`,
  )
  const home = join(scratch.path, 'home')
  await runJobs({ home, source: source(url, home), asOf: '2024-03-01', runId: 'r1' })
  const { steps } = (await (await tracing(home, source(url, home)))('booking', '1')).traced
  expect(steps.slice(0, 4).map(stepText)).toEqual([
    ...['source bookings found', 'source bookings superseded', 'source bookings bad bad_value:total_price'],
    'quarantine bookings open bad_value:total_price r1',
  ])
  // Of a table without a unique key the greatest by its text survives.
  expect(steps[0]?.row).toMatchObject({ total_price: '11.00' })
  expect(await rowsRead(url, scratch.path, { booking_id: '1' })).toBe(4)
  await createDatabase(mysql.server)
  await mysql.server.admin(
    `insert into ${DATABASE}.bookings ${COLUMNS} values ${values('1', '10')}, ${values('2', '20')}`,
  )
  const mapping = { bookings: { columns: { booking_id: 'cast(booking_id as bigint) + 1' } } }
  expect(await rowsRead(url, scratch.path, { booking_id: '1' }, mapping)).toBe(2)
  expect(await rowsRead(url, scratch.path, { booking_id: '1; drop table x', user_id: '7' })).toBe(2)
})

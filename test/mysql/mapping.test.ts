import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSource } from '../../src/lib/adapters/source/create-source.js'
import { parseMysqlUrl } from '../../src/lib/core/config/mysql-url.js'
import { type Mariadb, startMariadb } from '../box/mariadb.js'
import { createDatabase, DATABASE, READER } from '../support/mysql-tables.js'
import { readRelations, runJobs } from '../support/pipeline.js'
import { scratchFolder } from '../support/temporary.js'

let server: Mariadb
beforeAll(async () => {
  server = await startMariadb()
})
afterAll(() => server[Symbol.asyncDispose]())

test('tables and columns of other names and forms are mapped; of one key several rows then may stand', async () => {
  const url = await createDatabase(server)
  await server.admin(
    `drop table ${DATABASE}.bookings`,
    `create table ${DATABASE}.reservations (ID bigint primary key, booking_id bigint unique, who bigint, apartment_id bigint,
      booking_date date, checkin_date date, checkout_date date, \`Total Price\` varbinary(40), state char(12))`,
    `insert into ${DATABASE}.reservations values
      (1, 101, 7, 2, '2024-02-01', '2024-02-05', '2024-02-08', '$1,300.50', 'OK'),
      (2, 102, 7, 2, '2024-02-01', '2024-02-05', '2024-02-08', '€ 5', 'OK'),
      (10, 110, 9, 2, '2024-02-02', '2024-02-05', '2024-02-08', '$10.00', 'gone'),
      (11, 111, 8, 2, '2024-02-02', '2024-02-05', '2024-02-08', '$11.00', 'OK')`,
  )
  const mapping = {
    bookings: {
      table: 'reservations',
      columns: {
        booking_id: 'cast(ID as bigint) // 10',
        user_id: 'who',
        total_price: `replace(replace("Total Price", '$', ''), ',', '')`,
        currency: `'USD'`,
        booking_status: `case state when 'OK' then 'confirmed' else 'canceled' end`,
      },
    },
  }
  await using scratch = await scratchFolder()
  const home = join(scratch.path, 'home')
  const source = createSource(parseMysqlUrl(url), { home, mapping, password: async () => READER.password })
  await runJobs({ home, source, asOf: '2024-03-01', runId: 'r1' })
  const relations = {
    'raw_data.stg_bookings': ['booking_id', 'user_id', 'total_price', 'currency', 'booking_status', '_superseded'],
    'raw_data.quarantine': ['rule', 'key_text'],
  }
  expect(await readRelations(home, relations)).toEqual({
    'raw_data.stg_bookings': [
      ['0', '7', '1300.50', 'USD', 'confirmed', '0'],
      // Of 10 and 11 the greater by its text survives.
      ['1', '9', '10.00', 'USD', 'canceled', '1'],
    ],
    'raw_data.quarantine': [['bad_value:total_price', '0']],
  })
})

test.each([
  [{}, 'DECIMAL'],
  [
    { bookings: { columns: { total_price: `replace(total_price, '$', '')` } } },
    'makes total_price of replace(total_price',
  ],
])('a table of which every row is bad is an error of the run, by mapping %j', async (mapping, said) => {
  const url = await createDatabase(server)
  const amount = 'bookings' in mapping ? '$ five' : '$5'
  await server.admin(
    `alter table ${DATABASE}.bookings modify total_price varchar(20)`,
    `insert into ${DATABASE}.bookings (booking_id, total_price) values (1, '${amount}'), (2, '${amount}')`,
  )
  await using scratch = await scratchFolder()
  const home = join(scratch.path, 'home')
  const source = createSource(parseMysqlUrl(url), { home, mapping, password: async () => READER.password })
  const run = (allowRejects: boolean) =>
    runJobs({ home, source, asOf: '2024-03-01', runId: 'r1', allowRejects, to: 'raw' })
  const error = {
    code: 'GUARD_MAX_QUARANTINED',
    message: expect.stringMatching(
      /^bookings has 2 bad rows of 2 .*: 2 by bad_value:total_price, such as .* is no DECIMAL/,
    ),
  }
  await expect(run(false)).rejects.toMatchObject(error)
  await expect(run(false)).rejects.toThrow(said)
  await run(true)
  await expect(run(false)).rejects.toMatchObject(error)
  await expect(run(false)).rejects.toThrow(said)
})

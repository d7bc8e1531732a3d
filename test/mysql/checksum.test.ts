import { join } from 'node:path'
import { expect, test } from 'vitest'
import { command, fillSmall } from '../support/mysql-commands.js'
import { mysqlServer } from '../support/mysql-server.js'
import { DATABASE } from '../support/mysql-tables.js'
import { SMALL_AS_OF } from '../support/small-warehouse.js'
import { workingFolder } from '../support/working-folder.js'

const mysql = mysqlServer()

/** A million bookings, made while they are read; one of them with another price than the rest has. */
function bookings(price = 'cast(100 + mod(seq, 900) as decimal(10,2))'): Promise<unknown> {
  return mysql.server.admin(
    `use ${DATABASE}`,
    `create or replace view bookings as select seq as booking_id, 10 + mod(seq, 5000) as user_id, 1 + mod(seq, 2) as apartment_id,
      date '2025-01-01' as booking_date, date '2025-02-01' as checkin_date, date '2025-02-03' as checkout_date,
      ${price} as total_price, 'USD' as currency, 'confirmed' as booking_status from seq_1_to_1000000`,
  )
}

test('one value among a million rows that is another in raw is found, and named', async () => {
  await fillSmall(mysql.server)
  await mysql.server.admin(`drop table ${DATABASE}.bookings`)
  await bookings()
  const place = ['--source', mysql.url, '--home', join(await workingFolder(), 'home')]
  const ran = await command(['run', '--as-of', SMALL_AS_OF, '--json', ...place])
  expect([ran.code, JSON.parse(ran.stdout).result.layers[1].tables[2].inserted]).toEqual([0, 1_000_000])

  const checksum = async () => {
    const { code, stdout } = await command(['verify', '--scope', 'checksum', '--json', ...place])
    const checks: { name: string; bad_rows: number; sample: object[]; status: string }[] =
      JSON.parse(stdout).result.checks
    return {
      code,
      bad: checks
        .filter(({ status }) => status !== 'pass')
        .map(({ name, bad_rows, sample }) => [name, bad_rows, sample]),
    }
  }
  expect(await checksum()).toEqual({ code: 0, bad: [] })
  await bookings('cast(100 + mod(seq, 900) + if(seq = 654321, 0.01, 0) as decimal(10,2))')
  expect(await checksum()).toEqual({
    code: 1,
    bad: [
      [
        'source_content_bookings',
        1,
        [
          {
            booking_id: '654321',
            problem: 'differs',
            column: 'total_price',
            in_source: '121.01',
            in_raw: '121.00',
          },
        ],
      ],
    ],
  })
})

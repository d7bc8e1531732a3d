import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeSample } from '../../src/lib/adapters/files/sample/index.js'
import { SOURCE_TABLES } from '../../src/lib/core/model.js'
import { mutationHistory } from '../support/mutation-history.js'
import { asTables, textTables } from '../support/mysql-rows.js'
import { DATABASE, fillTable } from '../support/mysql-tables.js'
import { asOperatorUser } from './operator-user.js'
import { type Operator, sharedOperator } from './pipeline-support.js'

// Policies decide: jobs and Redshift have the template's roles, and whoever types the policy that docs/aws.md prints.
const shared = sharedOperator({ auth: true, waits: 0.05 }, async (server, folder) => {
  await writeSample(folder, { scale: 0.05, dirt: 0 })
  for (const table of SOURCE_TABLES) await fillTable(server, table, join(folder, `${table.name}.csv`))
})
const AS_OF = '2026-06-30'
let operator: Operator

/** Rows that the load layer moved, by table. */
const moved = (result: {
  layers: { tables: { table: string; inserted: number; updated: number; deleted: number }[] }[]
}) =>
  Object.fromEntries(
    (result.layers[1]?.tables ?? []).map(({ table, inserted, updated, deleted }) => [
      table,
      [inserted, updated, deleted],
    ]),
  )

test('from nothing to the first metric, and everything is what the local target has', {
  timeout: 600_000,
}, async () => {
  const { result } = await shared.operator.json(0, 'bootstrap', '--yes')
  expect([result.applied, Object.keys(result.outputs).length]).toEqual([true, 7])
  operator = await asOperatorUser(shared, result.outputs)
  const ran = await operator.json(0, 'run', '--as-of', AS_OF)
  expect(ran.result.status).toBe('succeeded')
  expect(ran.result.layers.map(({ status }: { status: string }) => status)).toEqual([
    'succeeded',
    'succeeded',
    'succeeded',
  ])
  expect(Object.values(moved(ran.result)).every(([inserted]) => (inserted ?? 0) > 100)).toBe(true)
  await operator.expectSame(AS_OF)
  const metric = await operator.json(0, 'metrics', 'occupancy', '--month')
  expect(metric.result.rows).toHaveLength(12)
  const { ledger, checks } = (await operator.json(0, 'verify')).result
  expect(
    ledger.map(({ status, unexplained }: { status: string; unexplained: number }) => [status, unexplained]),
  ).toEqual(ledger.map(() => ['pass', 0]))
  const failed = checks.filter(({ status }: { status: string }) => status === 'fail')
  expect([failed, checks.length > 40]).toEqual([[], true])
})

test('a second run moves nothing', { timeout: 300_000 }, async () => {
  const { result } = await operator.json(0, 'run', '--as-of', AS_OF)
  expect(
    Object.values(moved(result))
      .flat()
      .every((rows) => rows === 0),
  ).toBe(true)
})

test('a day of changes', { timeout: 600_000 }, async () => {
  await shared.box.mariadb.admin(
    `use ${DATABASE}`,
    `update bookings set booking_status = 'cancelled' where booking_id mod 97 = 3`,
    `update apartments set price = price + 10.5 where id mod 31 = 1`,
    `delete from bookings where booking_id mod 211 = 5`,
    `delete from user_viewing where user_id mod 307 = 2`,
    `update apartment_attributes set cityname = null where id mod 101 = 3`,
    `insert into bookings select booking_id + 900000000, user_id, apartment_id, '2026-06-30', checkin_date, checkout_date, total_price, currency, 'Confirmed', payment_status, num_guests
      from bookings where booking_id mod 1009 = 11`,
  )
  const { result } = await operator.json(0, 'run', '--as-of', AS_OF)
  expect(moved(result)['stg_bookings']?.every((rows) => rows > 0)).toBe(true)
  await operator.expectSame(AS_OF)
})

test('days of dirty tables of texts, without a key: bad rows, copies and all', { timeout: 900_000 }, async () => {
  // A seed of which days have bad rows, bad values and copies of a key.
  const days = fc.sample(mutationHistory, { seed: 20, numRuns: 12 }).flat().slice(0, 3)
  let copies = 0
  for (const dirty of days) {
    await shared.box.mariadb.admin(...textTables(asTables(dirty)))
    const flags = ['--allow-deletes', '--allow-rejects']
    await operator.json(0, 'run', '--as-of', AS_OF, ...flags)
    await operator.expectSame(AS_OF, ...flags)
    const counts = 'select sum(_superseded) as n from raw_data.stg_'
    for (const table of ['bookings', 'apartments', 'user_viewing'])
      copies += Number((await operator.json(0, 'query', counts + table)).result.rows[0].n)
  }
  const { result } = await operator.json(0, 'query', 'select count(*) as n from raw_data.quarantine')
  // Otherwise the days have shown nothing of what they are about.
  expect([copies > 0, Number(result.rows[0].n) > 0]).toEqual([true, true])
})

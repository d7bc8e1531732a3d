import { expect, test } from 'vitest'
import Query from '../../src/commands/query.js'
import { captureCommand } from '../support/capture-command.js'
import { smallWarehouse } from '../support/small-warehouse.js'

const { home } = smallWarehouse()

test('query shows rows, the first ones only when limited', async () => {
  const sql = 'select booking_id, total_price from curated.fact_bookings order by booking_id'
  expect(await captureCommand(Query, 'query', sql, '-o', 'csv', '--limit', '2', '--home', home())).toEqual({
    stdout: 'booking_id,total_price\n1,200.00\n2,300.00\n',
    stderr: '',
    code: 0,
  })
})

test('query refuses what writes, in text and JSON alike', async () => {
  const sql = 'delete from curated.build'
  const text = await captureCommand(Query, 'query', sql, '--home', home())
  expect([text.code, text.stderr.split('\n')[0]]).toEqual([
    64,
    'error: query only reads: a DELETE statement is refused',
  ])
  const json = await captureCommand(Query, 'query', sql, '--json', '--home', home())
  expect(json.code).toBe(64)
  expect(JSON.parse(json.stdout)).toMatchObject({
    status: 'error',
    error: { code: 'READ_ONLY_SQL' },
    exit: { code: 64 },
  })
})

test('a statement that fails after its first rows leaves valid JSON and its exit code', async () => {
  const sql = `select cast(case when range > 900000 then 'x' else '1' end as integer) as y from range(1000000)`
  const { stdout, code } = await captureCommand(Query, 'query', sql, '--json', '--home', home())
  const { status, error, exit } = JSON.parse(stdout)
  expect([code, status, error.code, exit]).toEqual([64, 'error', 'SQL_ERROR', { code: 64, name: 'usage' }])
})

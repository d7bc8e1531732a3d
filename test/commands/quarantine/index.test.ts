import { expect, test } from 'vitest'
import Quarantine from '../../../src/commands/quarantine/index.js'
import { captureCommand } from '../../support/capture-command.js'
import { smallWarehouse } from '../../support/small-warehouse.js'

const { home } = smallWarehouse()

test('quarantine lists what is open, of all tables or one', async () => {
  const all = await captureCommand(Quarantine, 'quarantine', '--json', '--home', home())
  expect(JSON.parse(all.stdout).result.rows.map((row: { id: string; rule: string }) => [row.id, row.rule])).toEqual([
    ['1', 'bad_value:booking_date'],
  ])
  expect(await captureCommand(Quarantine, 'quarantine', 'apartments', '-o', 'csv', '--home', home())).toEqual({
    stdout: 'id,table,rule,key,first_run_id,row\n',
    stderr: 'no row of apartments is quarantined\n',
    code: 0,
  })
  expect((await captureCommand(Quarantine, 'quarantine', 'apartment', '--home', home())).code).toBe(66)
})

test('people are told first how many rows of each table broke each rule; a file takes the rows alone', async () => {
  const lines = async (...argv: string[]) =>
    (await captureCommand(Quarantine, 'quarantine', ...argv, '--home', home())).stdout.split('\n')
  expect((await lines()).slice(0, 2)).toEqual(['bookings  bad_value:booking_date  1', ''])
  expect((await lines('-o', 'csv'))[0]).toBe('id,table,rule,key,first_run_id,row')
  expect((await lines('apartments'))[0]).not.toContain('bad_value')
})

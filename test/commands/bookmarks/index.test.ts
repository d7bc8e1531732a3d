import { expect, test } from 'vitest'
import Bookmarks from '../../../src/commands/bookmarks/index.js'
import { captureCommand } from '../../support/capture-command.js'
import { smallHome, steady } from '../../support/small-home.js'

const { home, folder } = smallHome()
const bookmarks = (...argv: string[]) => captureCommand(Bookmarks, 'bookmarks', ...argv, '--home', home())

test('how far each table was read', async () => {
  const { stdout, stderr, code } = await bookmarks('--output', 'csv')
  expect([code, stderr]).toEqual([0, ''])
  expect(steady(stdout, folder()).split('\n')).toEqual([
    'table,column,position,raw_rows,last_run,loaded_at,reconciled,not_reconciled_since,reset_pending,not_reconciled_since_run,rewind_pending,reads_from',
    'apartments,id,5508654087,3,first,TIME,true,,false,,false,5508654087',
    'apartment_attributes,id,5508654087,3,first,TIME,true,,false,,false,5508654087',
    'bookings,booking_id,6,6,first,TIME,true,,false,,false,6',
    'user_viewing,viewed_at,2025-03-02 11:30:00.5,2,first,TIME,true,,false,,false,2025-03-02 11:30:00.5',
    '',
  ])
})

test('one table, as JSON', async () => {
  const { stdout, code } = await bookmarks('bookings', '--json')
  const { result } = JSON.parse(steady(stdout, folder()))
  expect([code, result.rows]).toEqual([
    0,
    [
      {
        table: 'bookings',
        column: 'booking_id',
        position: '6',
        raw_rows: '6',
        last_run: 'first',
        loaded_at: 'TIME',
        reconciled: true,
        not_reconciled_since: null,
        reset_pending: false,
        not_reconciled_since_run: null,
        rewind_pending: false,
        reads_from: '6',
      },
    ],
  ])
})

test('what is no source table', async () => {
  const { stderr, code } = await bookmarks('boking')
  expect([code, stderr]).toEqual([
    66,
    'error: there is no source table boking; the nearest is bookings\n  try: rental-etl bookmarks bookings --home ' +
      home() +
      '\n',
  ])
})

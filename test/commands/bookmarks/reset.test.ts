import { expect, test } from 'vitest'
import Bookmarks from '../../../src/commands/bookmarks/index.js'
import BookmarksReset from '../../../src/commands/bookmarks/reset.js'
import { captureCommand } from '../../support/capture-command.js'
import { smallHome } from '../../support/small-home.js'

const { home } = smallHome()
const reset = (...argv: string[]) => captureCommand(BookmarksReset, 'bookmarks:reset', ...argv, '--home', home())

async function pending(): Promise<string[]> {
  const { stdout } = await captureCommand(Bookmarks, 'bookmarks', '--json', '--home', home())
  const { rows } = JSON.parse(stdout).result as { rows: { table: string; reset_pending: boolean }[] }
  return rows.filter((row) => row.reset_pending).map(({ table }) => table)
}

test('without a terminal it needs --yes, and says what it would do', async () => {
  const { stdout, stderr, code } = await reset('bookings')
  expect([code, stdout, ...stderr.split('\n').slice(0, 2)]).toEqual([
    64,
    '',
    'bookings: reads from 6; the next run reads it whole, and rebuilds its 6 rows in raw',
    'error: this destroys something, and there is no terminal to ask on: it needs --yes',
  ])
  expect(await pending()).toEqual([])
})

test('one table, then all', async () => {
  expect(await reset('bookings', '--yes')).toMatchObject({ code: 0, stdout: 'bookmarks of bookings are reset\n' })
  expect(await pending()).toEqual(['bookings'])
  const { stdout, code } = await reset('--yes', '--json')
  const { result } = JSON.parse(stdout)
  expect([code, result.tables.map(({ table }: { table: string }) => table)]).toEqual([
    0,
    ['apartments', 'apartment_attributes', 'bookings', 'user_viewing'],
  ])
  expect(await pending()).toEqual(['apartments', 'apartment_attributes', 'bookings', 'user_viewing'])
})

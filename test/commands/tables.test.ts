import { expect, test } from 'vitest'
import Tables from '../../src/commands/tables.js'
import { captureCommand } from '../support/capture-command.js'
import { smallWarehouse } from '../support/small-warehouse.js'

const { home } = smallWarehouse()

test('tables lists relations, and the columns of one', async () => {
  const all = await captureCommand(Tables, 'tables', '--json', '--home', home())
  expect(JSON.parse(all.stdout).result.rows).toContainEqual({
    schema: 'curated',
    name: 'fact_bookings',
    kind: 'table',
    rows: '5',
    columns: 11,
    description: 'confirmed bookings',
  })
  const one = await captureCommand(Tables, 'tables', 'curated.build', '-o', 'csv', '--home', home())
  expect(one.stdout).toBe('column,type\nrun_id,VARCHAR\nas_of,DATE\nraw_seq,BIGINT\n')
})

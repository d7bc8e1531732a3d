import { expect, test } from 'vitest'
import QuarantineShow from '../../../src/commands/quarantine/show.js'
import { captureCommand } from '../../support/capture-command.js'
import { smallWarehouse } from '../../support/small-warehouse.js'

const { home } = smallWarehouse()

test('quarantine show gives a row whole', async () => {
  const text = await captureCommand(QuarantineShow, 'quarantine:show', '1', '--home', home())
  expect(text.stdout).toContain('\nbooking_date    someday\n')
  const json = await captureCommand(QuarantineShow, 'quarantine:show', '1', '--home', home(), '--json')
  expect(JSON.parse(json.stdout)).toMatchObject({
    schema: 'rental-etl/quarantine-show/1',
    command: 'quarantine show',
    result: { id: '1', table: 'bookings', rule: 'bad_value:booking_date', row: { booking_date: 'someday' } },
  })
  expect((await captureCommand(QuarantineShow, 'quarantine:show', '9', '--home', home())).code).toBe(66)
})

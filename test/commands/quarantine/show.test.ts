import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import QuarantineShow from '../../../src/commands/quarantine/show.js'
import { type Captured, captureCommand } from '../../support/capture-command.js'
import { smallHome } from '../../support/small-home.js'
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

describe('the line of a row', () => {
  const small = smallHome()
  const show = (id: string, ...flags: string[]): Promise<Captured> =>
    captureCommand(QuarantineShow, 'quarantine:show', id, ...flags)
  const lineOf = async (id: string, ...flags: string[]): Promise<string[]> => {
    const { stdout, stderr, code } = await show(id, ...flags)
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    return stdout.split('\n').filter((line) => /^(rule|why|line) /.test(line))
  }

  test('stands behind what is wrong with it, in the source that was loaded', async () => {
    expect(await lineOf('1', '--home', small.home())).toEqual([
      'rule        bad_value:booking_date',
      expect.stringMatching(/^why {9}someday is no DATE/),
      `line        8 of ${join(small.source(), 'bookings.csv')}`,
    ])
    expect(await lineOf('2', '--home', small.home())).toContain(
      `line        9 of ${join(small.source(), 'bookings.csv')}`,
    )
  })

  test('is looked for in the source that is given, and may not be there', async () => {
    const nowhere = join(small.folder(), 'nowhere')
    const lines = await lineOf('1', '--home', small.home(), '--source', `csv:${nowhere}`)
    expect(lines).toContain(`line        not found in ${join(nowhere, 'bookings.csv')} as it is now`)
  })

  test('is not told of a row that was cleared', async () => {
    const flags = ['--home', home(), '--source', `csv:${join(home(), '..', 'source')}`]
    expect((await lineOf('2', ...flags)).map((line) => line.slice(0, 4))).toEqual(['rule', 'why '])
    expect((await lineOf('1', ...flags)).at(-1)).toMatch(/^line {8}8 of /)
  })

  test('is not told to a script, and where the source has gone it is not found', async () => {
    const before = JSON.parse((await show('1', '--home', small.home(), '--json')).stdout)
    await rename(small.source(), `${small.source()}.away`)
    expect(JSON.parse((await show('1', '--home', small.home(), '--json')).stdout)).toEqual(before)
    expect(Object.keys(before.result)).not.toContain('line')
    expect(await lineOf('1', '--home', small.home())).toContain(
      `line        not found in ${join(small.source(), 'bookings.csv')} as it is now`,
    )
  })
})

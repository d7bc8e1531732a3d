import { expect, test } from 'vitest'
import Cancel from '../../src/commands/cancel.js'
import { captureCommand } from '../support/capture-command.js'
import { smallHome } from '../support/small-home.js'

const { home } = smallHome()
const cancel = async (...argv: string[]) => {
  const { code, stdout, stderr } = await captureCommand(Cancel, 'cancel', ...argv, '--home', home())
  return [code, stdout, stderr.split('\n')[0]]
}

test('nothing to stop', async () => {
  expect(await cancel('--reason', 'maintenance', '--yes')).toEqual([66, '', 'error: no run is going on'])
  expect(await cancel('first', '--reason', 'maintenance', '--yes')).toEqual([
    66,
    '',
    'error: run first is over: it succeeded',
  ])
  expect(await cancel('frist', '--reason', 'maintenance', '--yes')).toEqual([
    66,
    '',
    'error: there is no run frist; the nearest is first',
  ])
})

test('a reason is asked for', async () => {
  expect(await cancel('--yes')).toEqual([64, '', 'error: --reason is missing'])
})

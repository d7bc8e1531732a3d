import { expect, test } from 'vitest'
import Runs from '../../../src/commands/runs/index.js'
import RunsPrune from '../../../src/commands/runs/prune.js'
import { captureCommand } from '../../support/capture-command.js'
import { smallHome } from '../../support/small-home.js'

const { home } = smallHome()
const prune = (...argv: string[]) => captureCommand(RunsPrune, 'runs:prune', ...argv, '--home', home())

async function left(): Promise<string[]> {
  const { stdout } = await captureCommand(Runs, 'runs', '--json', '--home', home())
  return JSON.parse(stdout).result.rows.map(({ run_id }: { run_id: string }) => run_id)
}

test('the newest success stays, whatever is asked for', async () => {
  expect(await prune('--keep', '1')).toEqual({ code: 0, stdout: '0 runs removed, 2 kept\n', stderr: '' })
  expect(await left()).toEqual(['second', 'first'])
})

test('the number to keep is asked for', async () => {
  const { code, stderr } = await prune()
  expect([code, stderr]).toEqual([64, 'error: --keep is missing\n  try: rental-etl runs prune --help\n'])
})

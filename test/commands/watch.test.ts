import { expect, test } from 'vitest'
import Watch from '../../src/commands/watch.js'
import { captureCommand } from '../support/capture-command.js'
import { smallHome, steady } from '../support/small-home.js'

const { home, folder } = smallHome()
const watch = (...argv: string[]) => captureCommand(Watch, 'watch', ...argv, '--home', home())

test('a run that is over is shown with its own source, and exits as it did', async () => {
  const { stdout, stderr, code } = await watch('first')
  const lines = steady(stderr, folder()).split('\n')
  expect([code, lines[0]?.slice(5), lines.at(-4)?.slice(5), ...lines.slice(-3)]).toEqual([
    0,
    'run      run first as of 2025-03-24, source csv:FOLDER/source',
    'run      run succeeded',
    expect.stringContaining('next: rental-etl metrics occupancy --month'),
    expect.stringContaining('next: rental-etl verify'),
    '',
  ])
  expect(steady(stdout, folder()).split('\n').slice(-3)).toEqual([
    '✓ run first succeeded in N s, as of 2025-03-24',
    'ledger: 16 rows in = 14 rows out + 2 quarantined; unexplained 0',
    '',
  ])
})

test('a run that its surroundings ended fails as it did, in text and JSON', async () => {
  const { stderr, code } = await watch()
  expect([code, ...steady(stderr, folder()).split('\n').slice(-6, -4)]).toEqual([
    66,
    '✗ run second failed in N s, as of 2025-03-24',
    'error: source folder FOLDER/nowhere does not exist',
  ])
  const { stdout, code: json } = await watch('@latest', '--json')
  const { run_id, status, error, exit } = JSON.parse(steady(stdout, folder()))
  expect([json, run_id, status, error.code, error.message, exit]).toEqual([
    66,
    'second',
    'error',
    'SOURCE_MISSING',
    'source folder FOLDER/nowhere does not exist',
    { code: 66, name: 'not_found' },
  ])
})

test('a duration that is none', async () => {
  const { stderr, code } = await watch('--wait', 'soon')
  expect([code, stderr]).toEqual([
    64,
    'error: --wait soon is no duration: it takes 90s, 5m, 1h30m, or seconds\n  try: rental-etl watch --wait 5m --home ' +
      home() +
      '\n',
  ])
})

import { expect, test } from 'vitest'
import Run from '../../../src/commands/run.js'
import Sample from '../../../src/commands/sample.js'
import Verify from '../../../src/commands/verify.js'
import Watch from '../../../src/commands/watch.js'
import { captureCommand } from '../../support/capture-command.js'
import { workingFolder } from '../../support/working-folder.js'

test.each([
  [Watch, ['--wait', 'soon'], '--wait soon is no duration: it takes 90s, 5m, 1h30m, or seconds', 'watch --wait 5m'],
  [
    Run,
    ['--as-of', 'someday'],
    '"someday" is no as-of date: it takes YYYY-MM-DD from 1900-01-01 to 2199-12-31',
    'run --as-of 2025-03-24',
  ],
  [Sample, ['x', '--scale', '0'], '--scale 0: a scale is a number over 0 and up to 1000', 'sample DIR --scale 0.1'],
  [Sample, ['x', '--dirt', '1'], '--dirt 1: the share of odd rows is a number from 0 to 0.5', 'sample DIR --dirt 0.02'],
  [
    Verify,
    ['--scope', 'rules,cunts'],
    'there is no scope cunts; scopes are counts, ledger, rules, views, freshness, checksum, all',
    'verify --scope counts',
  ],
  [
    Run,
    ['--source', 'mysql://u:p@h'],
    '--source holds a password, and others can read the arguments of a process',
    undefined,
  ],
] as const)('%o %j is refused in our words', async (command, argv, message, suggestion) => {
  await workingFolder()
  const id = command.name.toLowerCase()
  const { code, stdout } = await captureCommand(command, id, ...argv, '--json')
  const { error } = JSON.parse(stdout)
  expect([code, error.code, error.message]).toEqual([64, 'USAGE', message])
  if (suggestion) expect(error.suggestions[0]).toBe(`rental-etl ${suggestion}`)
})

import { expect, test } from 'vitest'
import { withGlobalFlags } from '../../../src/lib/core/next-command.js'

test('a command to type next is about the same target, home and source', () => {
  const given = { target: 'nightly', home: '/data/my home', source: 'csv:in' }
  const where = `--target nightly --home '/data/my home'`
  expect(
    [
      'rental-etl metrics occupancy --month',
      'rental-etl resume @failed',
      'rental-etl run --allow-deletes   # lets it pass once',
      'rental-etl run --source csv:DIR',
      'rental-etl doctor --target a',
      'rental-etl runs show r-1',
    ].map((command) => withGlobalFlags(command, given)),
  ).toEqual([
    `rental-etl metrics occupancy --month ${where}`,
    `rental-etl resume @failed ${where} --source csv:in`,
    `rental-etl run --allow-deletes ${where} --source csv:in   # lets it pass once`,
    `rental-etl run --source csv:DIR ${where}`,
    `rental-etl doctor --target a --home '/data/my home' --source csv:in`,
    `rental-etl runs show r-1 ${where}`,
  ])
})

test('what is about no home stays as it is', () => {
  const given = { target: 'nightly', home: 'h', source: 'csv:in' }
  const commands = ['rental-etl run --help', 'rental-etl --help', 'rental-etl init', 'df -h .   # free some space']
  expect(commands.map((command) => withGlobalFlags(command, given))).toEqual(commands)
  expect(withGlobalFlags('rental-etl run', {})).toBe('rental-etl run')
})

test('a source with a password is not repeated', () => {
  expect(withGlobalFlags('rental-etl run', { source: 'mysql://user:secret@host/db' })).toBe('rental-etl run')
})

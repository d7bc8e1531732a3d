import { expect, test } from 'vitest'
import { pasteable } from '../../../../src/lib/core/words/paste.js'

const place = { home: '/var/nightly load', source: 'csv:/exports' }

test.each([
  ['rental-etl resume', `rental-etl resume --home '/var/nightly load' --source csv:/exports`],
  [
    'rental-etl run --allow-deletes   # lets it pass once',
    `rental-etl run --allow-deletes --home '/var/nightly load' --source csv:/exports   # lets it pass once`,
  ],
  ['rental-etl run --source csv:DIR', `rental-etl run --source csv:DIR --home '/var/nightly load'`],
  ['rental-etl runs show r-1', `rental-etl runs show r-1 --home '/var/nightly load'`],
  [
    'mv a b && rental-etl run   # again',
    `mv a b && rental-etl run --home '/var/nightly load' --source csv:/exports   # again`,
  ],
  ['df -h .   # free some space, then: rental-etl resume', 'df -h .   # free some space, then: rental-etl resume'],
  ['ls -l /exports', 'ls -l /exports'],
  // Help is the same everywhere.
  ['rental-etl run --help', 'rental-etl run --help'],
])('%s', (command, expected) => {
  expect(pasteable(command, place)).toBe(expected)
  expect(pasteable(command, {})).toBe(command)
})

test('a source that holds a password is not handed on', () => {
  expect(pasteable('rental-etl run', { source: 'mysql://u:p@h', home: 'h' })).toBe('rental-etl run --home h')
})

test.each([
  ['rental-etl run --allow-deletes   # once', 'rental-etl run --allow-deletes --as-of 2026-07-01   # once'],
  ['rental-etl run --as-of 2025-03-24', 'rental-etl run --as-of 2025-03-24'],
  ['rental-etl resume', 'rental-etl resume'],
  ['rental-etl runs', 'rental-etl runs'],
])('%s keeps the day that was given', (command, expected) => {
  expect(pasteable(command, { as_of: '2026-07-01' })).toBe(expected)
})

import { expect, test } from 'vitest'
import { topicAlone, unknownCommand } from '../../../src/lib/shell/command-not-found.js'

const KNOWN = ['bookmarks', 'bookmarks:reset', 'metrics', 'run', 'runs', 'runs:show', 'schedule']

function told(id: string, ...argv: string[]): unknown {
  const { code, exit, message, suggestions } = unknownCommand(id, argv, KNOWN)
  expect([code, exit, suggestions.at(-1)]).toEqual(['UNKNOWN_COMMAND', 'usage', 'rental-etl --help'])
  return [message, ...suggestions.slice(0, -1)]
}

test('the nearest command, of one word or two', () => {
  expect(told('bookmark')).toEqual([
    'there is no command bookmark; the nearest is bookmarks',
    'rental-etl bookmarks --help',
  ])
  expect(told('metric:occupancy')).toEqual([
    'there is no command metric occupancy; the nearest is metrics',
    'rental-etl metrics --help',
  ])
  expect(told('runs:shw')).toEqual([
    'there is no command runs shw; the nearest is runs show',
    'rental-etl runs show --help',
  ])
  expect(told('bootstrap')).toEqual(['there is no command bootstrap'])
})

test('words behind a command that takes none', () => {
  expect(told('run:extra')).toEqual(['run does not take "extra"', 'rental-etl run --help'])
  expect(told('runs:compare:a:b')).toEqual(['runs does not take "compare a b"', 'rental-etl runs --help'])
  expect(told('schedule:pause')).toEqual(['schedule does not take "pause"', 'rental-etl schedule --help'])
})

test('a password is never repeated', () => {
  expect(told('run:mysql://user:se:cret@host:3306/rental_db')).toEqual([
    'run does not take "mysql://user:***@host:3306/rental_db"',
    'rental-etl run --help',
  ])
  expect(told('mysql://user:secret@host/db')).toEqual(['there is no command mysql //user ***@host/db'])
})

test('a topic that is no command', () => {
  const { message, suggestions } = topicAlone('config', ['config:explain', 'run'])
  expect([message, ...suggestions]).toEqual([
    'there is no command config; there is config explain',
    'rental-etl config explain --help',
    'rental-etl --help',
  ])
})

test('a flag in place of a command', () => {
  expect(told('--jsn')).toEqual(['there is no command in "--jsn"'])
})

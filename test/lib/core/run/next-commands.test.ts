import { expect, test } from 'vitest'
import type { ErrorCode } from '../../../../src/lib/core/errors.js'
import { initialRun, type RunState } from '../../../../src/lib/core/run/events.js'
import { givenTo, nextCommands } from '../../../../src/lib/core/run/next-commands.js'
import { requestOf } from '../../../fakes/requests.js'

const failed = (code: ErrorCode, suggestions: string[]): RunState => ({
  ...initialRun('r-1'),
  status: 'failed',
  as_of: '2025-03-24',
  started_at: '2026-05-04T02:00:00.000Z',
  error: { code, message: 'no', suggestions, layer: 'extract' },
})
const csv = (as_of: string) => requestOf('r-1', { as_of, source: 'csv:/in' })

test.each([
  ['GUARD_MAX_DELETED', '--allow-deletes'],
  ['GUARD_MAX_QUARANTINED', '--allow-rejects'],
] as const)('%s: resume runs into it again, unless it lets it pass', (code, flag) => {
  const state = failed(code, [`rental-etl run ${flag}   # lets it pass once`])
  expect(nextCommands(state, csv('2025-03-24'))).toEqual([
    `rental-etl run ${flag} --as-of 2025-03-24   # lets it pass once`,
    `rental-etl resume ${flag}   # the same run once more, as of 2025-03-24`,
  ])
  expect(nextCommands(state, csv('2026-05-03'))[0]).toBe(`rental-etl run ${flag}   # lets it pass once`)
})

test('any other failure: its own commands, and resume once', () => {
  expect(nextCommands(failed('IO', ['df -h /x']), undefined)).toEqual(['df -h /x', 'rental-etl resume'])
  const interrupted = failed('INTERRUPTED', ['rental-etl resume r-1'])
  expect(nextCommands(interrupted, undefined)).toEqual(['rental-etl resume r-1'])
})

test('a run that is no failure', () => {
  const of = (status: RunState['status'], stopped = false) =>
    nextCommands({ ...initialRun('r-1'), status }, undefined, stopped)
  expect([of('running'), of('succeeded'), of('canceled'), of('failed', true)]).toEqual([
    ['rental-etl watch r-1'],
    ['rental-etl metrics occupancy --month', 'rental-etl verify'],
    ['rental-etl resume r-1'],
    ['rental-etl resume r-1'],
  ])
})

test('a source is told where it was given, and a day where it is not the one that a run has by itself', () => {
  const at = '2026-05-04T02:00:00.000Z'
  expect(givenTo(csv('2026-05-03'), at)).toEqual({})
  expect(givenTo({ ...csv('2026-05-01'), source_given: true }, at)).toEqual({ as_of: '2026-05-01', source: 'csv:/in' })
  expect(givenTo({ as_of: '2026-06-30', source: 'sample:2', source_given: false }, at)).toEqual({})
})

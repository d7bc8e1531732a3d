import { describe, expect, test } from 'vitest'
import type { RunStatus } from '../../../../src/lib/core/run/run.js'
import { selectRun } from '../../../../src/lib/core/run/run-selector.js'

const runs = (...statuses: RunStatus[]): { state: { run_id: string; status: RunStatus } }[] =>
  statuses.map((status, at) => ({ state: { run_id: `20260504T02000${statuses.length - at}Z-aaaa`, status } }))

const pick = (selector: string, ...statuses: RunStatus[]): number => {
  const all = runs(...statuses)
  return all.indexOf(selectRun(selector, all))
}

test.each([
  ['@latest', ['failed', 'succeeded'], 0],
  ['@-1', ['failed', 'succeeded'], 0],
  ['@-2', ['failed', 'succeeded'], 1],
  ['@running', ['succeeded', 'running', 'failed'], 1],
  ['@failed', ['canceled', 'failed', 'failed', 'succeeded'], 1],
  ['20260504T020001Z-aaaa', ['failed', 'succeeded'], 1],
] satisfies [string, RunStatus[], number][])('%s of %j is number %i', (selector, statuses, at) => {
  expect(pick(selector, ...statuses)).toBe(at)
})

describe('no such run', () => {
  test.each([
    ['@failed', ['succeeded', 'failed'], 'no run failed since the last success'],
    ['@running', ['succeeded'], 'no run is going on'],
    ['@-3', ['succeeded', 'failed'], 'there are only 2 runs'],
    ['@newest', ['succeeded'], 'there is no selector @newest; there are @latest, @failed, @running, @-2'],
    ['@latest', [], 'there is no run yet'],
  ] satisfies [string, RunStatus[], string][])('%s of %j', (selector, statuses, message) => {
    expect(() => pick(selector, ...statuses)).toThrow(
      expect.objectContaining({ code: 'NO_RUN', exit: 'not_found', message }),
    )
  })

  test('an unknown id names the nearest', () => {
    const known = runs('failed', 'succeeded')
    expect(() => selectRun('20260504T020002Z-aaab', known)).toThrow(
      expect.objectContaining({
        message: 'there is no run 20260504T020002Z-aaab; the nearest are 20260504T020002Z-aaaa, 20260504T020001Z-aaaa',
        suggestions: ['rental-etl runs show 20260504T020002Z-aaaa', 'rental-etl runs'],
      }),
    )
    expect(() => selectRun('nightly', known)).toThrow(
      expect.objectContaining({ message: 'there is no run nightly', suggestions: ['rental-etl runs'] }),
    )
  })
})

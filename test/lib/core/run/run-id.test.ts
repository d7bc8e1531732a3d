import { expect, test } from 'vitest'
import { checkRunId, newRunId } from '../../../../src/lib/core/run/run-id.js'

test('an id is the moment of its making, and four digits that keep runs of a second apart', () => {
  expect(newRunId(new Date('2026-05-04T02:00:09.730Z'), 'a3f0')).toBe('20260504T020009Z-a3f0')
})

test.each(['nightly-2026-05-01', '20260504T020009Z-a3f0', '_', 'x'.repeat(80)])('%s can name a run', (id) => {
  expect(checkRunId(id)).toBe(id)
})

test.each(['', '-x', '../x', 'a b', 'x'.repeat(81), '@latest', 'a.b', 'ä', 'a\n'])('"%s" cannot name a run', (id) => {
  expect(() => checkRunId(id)).toThrow(expect.objectContaining({ code: 'USAGE', exit: 'usage' }))
})

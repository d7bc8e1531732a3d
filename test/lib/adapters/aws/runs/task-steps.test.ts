import { expect, test } from 'vitest'
import { initialFold } from '../../../../../src/lib/adapters/aws/runs/fold.js'
import {
  taskFailed,
  taskScheduled,
  taskSubmitted,
  taskSucceeded,
} from '../../../../../src/lib/adapters/aws/runs/task-steps.js'

const FOLD = { ...initialFold('r-1', { target: 'prod', source: 's' }), state: 'LoadRaw' }

test('an attempt knows nothing of the one before it', () => {
  const said = { code: 'IO' as const, message: 'm', suggestions: [] }
  const before = { ...FOLD, tries: 1, layer: 'raw' as const, attempts: { raw: 1 }, said, tables: ['stg_bookings'] }
  expect(taskScheduled(before, '{"JobName":"j"}').change).toMatchObject({ said: undefined, tables: [], job: 'j' })
})

test('the extract keeps what the snapshot has told', () => {
  const before = { ...FOLD, state: 'ExtractRaw', layer: 'extract' as const, attempts: { extract: 1 }, tables: ['a'] }
  expect(taskScheduled(before, '{}')).toEqual({ change: expect.objectContaining({ tables: ['a'], tries: 1 }) })
})

test.each(['', 'no JSON', 'null', '{}'])('parameters and output that are cut are no failure: %s', (text) => {
  expect(taskSubmitted(FOLD, text)).toEqual({})
  expect(taskScheduled(FOLD, text).events).toEqual([{ type: 'layer_started', layer: 'raw', attempt: 1 }])
})

test('a notice is told once it is published', () => {
  const notice = { subject: 's', message: 'm' }
  expect(taskScheduled({ ...FOLD, state: 'NotifyFailure' }, '{"Subject":"s","Message":"m"}').change).toEqual({ notice })
  expect(taskSucceeded({ ...FOLD, state: 'NotifyFailure', notice }, '{}').events).toEqual([
    { type: 'notice', ...notice },
  ])
  expect(taskSucceeded({ ...FOLD, state: 'NotifyFailure' }, '{}')).toEqual({})
})

test('a task may fail without a word', () => {
  expect(taskFailed(FOLD).change?.failure?.error.message).toBe('an error')
})

import { expect, test } from 'vitest'
import { type ErrorCode, EtlError } from '../../../src/lib/core/errors.js'
import type { RunResult, RunStatus } from '../../../src/lib/core/run/run.js'
import { runError, runExit } from '../../../src/lib/use-cases/run-outcome.js'

const outcome = (status: RunStatus, code?: ErrorCode): Pick<RunResult, 'status' | 'error'> => ({
  status,
  error: code ? { code, message: 'm', suggestions: ['s'], layer: 'extract' } : null,
})

test.each([
  ['succeeded', undefined, 'ok'],
  ['running', undefined, 'running'],
  // What a layer met before it is tried again is no end of the run.
  ['running', 'IO', 'running'],
  ['succeeded', 'IO', 'ok'],
  ['canceled', 'CANCELED', 'failed'],
  ['failed', 'BUG', 'failed'],
  ['failed', 'GUARD_MAX_DELETED', 'failed'],
  ['failed', 'INTERRUPTED', 'failed'],
  ['failed', undefined, 'failed'],
] satisfies [RunStatus, ErrorCode | undefined, string][])(
  '%s with %s exits as %s, with its result',
  (status, code, exit) => {
    expect(runExit(outcome(status, code))).toBe(exit)
    expect(runError(outcome(status, code))).toBeUndefined()
  },
)

test.each([
  ['SOURCE_MISSING', 'not_found'],
  ['SOURCE_SCHEMA', 'invalid'],
  ['SOURCE_CONTENT', 'invalid'],
  ['SOURCE_CHANGED', 'invalid'],
  ['WAREHOUSE_CORRUPT', 'io'],
  ['WAREHOUSE_VERSION', 'invalid'],
  ['IO', 'io'],
  ['STALE_EXTRACT', 'not_found'],
] satisfies [ErrorCode, string][])('a failure by %s exits as %s, with an error', (code, exit) => {
  expect(runExit(outcome('failed', code))).toBe(exit)
  const error = runError(outcome('failed', code))
  expect(error).toBeInstanceOf(EtlError)
  expect(error).toMatchObject({ code, exit, message: 'm', suggestions: ['s'] })
})

test('Ctrl-C counts before what became of the run', () => {
  expect(runExit(outcome('canceled', 'CANCELED'), true)).toBe('interrupted')
})

import { expect, test } from 'vitest'
import { envelope, toJson } from '../../../src/lib/shell/envelope.js'

test('a result, with all that goes with it', () => {
  expect(
    envelope({
      command: 'runs show',
      runId: 'r-1',
      result: { a: 1 },
      warnings: ['w'],
      next: ['rental-etl runs'],
      exit: 'failed',
    }),
  ).toEqual({
    schema: 'rental-etl/runs-show/1',
    command: 'runs show',
    run_id: 'r-1',
    status: 'ok',
    result: { a: 1 },
    warnings: ['w'],
    next: ['rental-etl runs'],
    exit: { code: 1, name: 'failed' },
  })
})

test('an error takes the place of a result, and says what is next unless that is said', () => {
  const error = { code: 'USAGE' as const, message: 'no', suggestions: ['rental-etl --help'] }
  const expected = {
    schema: 'rental-etl/error/1',
    command: null,
    run_id: null,
    status: 'error',
    error,
    warnings: [],
    next: ['rental-etl --help'],
    exit: { code: 64, name: 'usage' },
  }
  expect(envelope({ command: undefined, result: { a: 1 }, error, exit: 'usage' })).toEqual(expected)
  expect(envelope({ command: undefined, error, next: ['other'], exit: 'usage' }).next).toEqual(['other'])
})

test('a result is always there where there is no error', () => {
  expect(envelope({ command: 'init', exit: 'ok' })).toMatchObject({ status: 'ok', result: {} })
  expect(envelope({ command: 'init', result: 0, exit: 'ok' }).result).toBe(0)
})

test('JSON takes a BigInt as a string, wherever it stands', () => {
  expect(toJson({ a: 5508654087n, b: [1n, { c: -1n }], d: undefined, e: null })).toBe(
    '{"a":"5508654087","b":["1",{"c":"-1"}],"e":null}',
  )
  expect(toJson({ a: 1 }, 2)).toBe('{\n  "a": 1\n}')
})

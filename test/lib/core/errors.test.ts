import { expect, test } from 'vitest'
import { EtlError, EXIT, errorReport, exitName } from '../../../src/lib/core/errors.js'

test('the exit codes are those of cli.md §4, each with one name', () => {
  expect(Object.values(EXIT)).toEqual([0, 1, 2, 3, 4, 64, 65, 66, 68, 69, 70, 74, 75, 77, 130])
  for (const [name, code] of Object.entries(EXIT)) expect(exitName(code)).toBe(name)
})

test.each([[5], [63], [67], [-1], [255], [Number.NaN]])('%s is no code of ours: a bug', (code) => {
  expect(exitName(code)).toBe('bug')
})

test('an expected failure carries its code, exit, suggestions and cause', () => {
  const cause = new Error('ENOSPC')
  const error = new EtlError('cannot write /x', { code: 'IO', suggestions: ['df -h .'], cause })
  expect({ ...error, message: error.message, cause: error.cause, exitCode: error.exitCode }).toEqual({
    name: 'EtlError',
    code: 'IO',
    exit: 'io',
    suggestions: ['df -h .'],
    message: 'cannot write /x',
    cause,
    exitCode: 74,
  })
  expect(errorReport(error)).toEqual({ code: 'IO', message: 'cannot write /x', suggestions: ['df -h .'] })
})

test('without suggestions and cause there are none', () => {
  const error = new EtlError('no', { code: 'USAGE' })
  expect(errorReport(error)).toEqual({ code: 'USAGE', message: 'no', suggestions: [] })
  expect(Object.hasOwn(error, 'cause')).toBe(false)
})

test.each<[unknown, string]>([
  [new TypeError('x is undefined'), 'x is undefined'],
  ['text', 'text'],
  [undefined, 'undefined'],
  [null, 'null'],
  [{ code: 'IO' }, '[object Object]'],
])('anything else thrown is a bug: %s', (thrown, message) => {
  expect(errorReport(thrown)).toEqual({ code: 'BUG', message, suggestions: [] })
})

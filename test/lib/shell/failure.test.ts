import { afterEach, expect, test, vi } from 'vitest'
import { EtlError } from '../../../src/lib/core/errors.js'
import { failureOf } from '../../../src/lib/shell/failure.js'
import { temporaryFolder } from '../../support/temporary.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

const ASKED = { command: 'metrics', flags: ['city', 'currency', 'json'] }

/** What oclif's parser throws. */
function parserError(name: string, message: string, more: object = {}): Error {
  const error = new (class extends Error {})(message)
  Object.defineProperty(error.constructor, 'name', { value: name })
  return Object.assign(error, { oclif: { exit: 2 } }, more)
}

test('an expected error as it is, its passwords masked', async () => {
  const error = new EtlError('cannot reach mysql://root:secret@db', {
    code: 'IO',
    suggestions: ['mysql mysql://root:secret@db'],
  })
  expect(await failureOf(error, ASKED, undefined)).toEqual({
    exit: 'io',
    error: {
      code: 'IO',
      message: 'cannot reach mysql://root:***@db',
      suggestions: ['mysql mysql://root:***@db'],
    },
  })
})

test.each<[Error, string]>([
  [
    parserError('NonExistentFlagsError', 'Nonexistent flag: --ctiy=x', { flags: ['--ctiy=x'] }),
    'there is no flag --ctiy=x; the nearest is --city',
  ],
  [
    parserError('NonExistentFlagsError', 'Nonexistent flags', { flags: ['--zzzzzzzzz', '--b'] }),
    'there is no flag --zzzzzzzzz, --b',
  ],
  [
    parserError('RequiredArgsError', 'Missing 1 required arg:\nto  the target\n\nSee more help with --help'),
    'missing 1 required arg: to the target',
  ],
  [
    parserError('FailedFlagValidationError', 'The following error occurred:\n  --city cannot be given twice'),
    'the following error occurred: --city cannot be given twice',
  ],
  [parserError('CLIError', 'URL mysql://a:b@c is no flag'), 'URL mysql://a:***@c is no flag'],
])('a mistake in the command line: %s', async (error, message) => {
  const suggestions = ['rental-etl metrics --help']
  expect(await failureOf(error, ASKED, undefined)).toEqual({
    exit: 'usage',
    error: { code: 'USAGE', message, suggestions },
  })
  expect((await failureOf(error, { command: undefined, flags: [] }, undefined)).error.suggestions).toEqual([
    'rental-etl --help',
  ])
})

test('anything else is a bug, whose report is named', async () => {
  const home = await temporaryFolder()
  const failure = await failureOf(new TypeError('x is undefined\nsecond line'), ASKED, home)
  expect(failure).toEqual({
    exit: 'bug',
    error: {
      code: 'BUG',
      message: expect.stringMatching(
        /^this is a bug: x is undefined; the report lies at .*\/reports\/rental-etl-report-.*\.json$/,
      ),
      suggestions: [],
    },
  })
  vi.stubEnv('TMPDIR', '/proc/none')
  expect((await failureOf('text', ASKED, undefined)).error.message).toBe(
    'this is a bug: text; no report could be written',
  )
})

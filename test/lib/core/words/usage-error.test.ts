import { Args, Flags, Parser } from '@oclif/core'
import { expect, test } from 'vitest'
import { usageError } from '../../../../src/lib/core/words/usage-error.js'

const LAYERS = ['extract', 'raw', 'curated'] as const
const flags = {
  limit: Flags.integer({ min: 1, max: 9 }),
  status: Flags.option({ options: ['running', 'succeeded'] as const })(),
  reason: Flags.string(),
  watch: Flags.boolean(),
  detach: Flags.boolean({ exclusive: ['watch'] }),
}

test('of several arguments that are needed, the right word for one is no command', async () => {
  const args = {
    kind: Args.string({ options: ['booking', 'view'], required: true }),
    key: Args.string({ required: true }),
  }
  const words: [string[], string][] = [
    [[], 'KIND, KEY is missing: it is one of booking, view'],
    [['boking', '1'], '"boking" is none of booking, view; the nearest is booking'],
  ]
  for (const [argv, message] of words) {
    const thrown = await Parser.parse(argv, { args }).then(
      () => undefined,
      (error) => error,
    )
    const report = usageError(thrown, { command: 'trace', flags: [], needs: 2 })
    expect(report).toEqual({ code: 'USAGE', message, suggestions: ['rental-etl trace --help'] })
  }
})

async function told(argv: string[], spec: Parameters<typeof Parser.parse>[1] = { flags }): Promise<unknown> {
  const thrown = await Parser.parse(argv, spec).then(
    () => undefined,
    (error) => error as Error,
  )
  if (!thrown) return undefined
  const known = Object.keys(spec.flags ?? {})
  const { code, message, suggestions } = usageError(thrown, { command: 'runs', flags: known })
  return [code, message, ...suggestions]
}

const HELP = 'rental-etl runs --help'

test('flags', async () => {
  expect(await told(['--statsu', 'x'])).toEqual(['USAGE', 'there is no flag --statsu; the nearest is --status', HELP])
  expect(await told(['--nothing-like-it'])).toEqual(['USAGE', 'there is no flag --nothing-like-it', HELP])
  expect(await told(['--status', 'succeded'])).toEqual([
    'USAGE',
    '--status does not take succeded: it is one of running, succeeded; the nearest is succeeded',
    'rental-etl runs --status succeeded',
    HELP,
  ])
  expect(await told(['--status', 'xxxxxxxxx'])).toEqual([
    'USAGE',
    '--status does not take xxxxxxxxx: it is one of running, succeeded',
    HELP,
  ])
  expect(await told(['--status'])).toEqual([
    'USAGE',
    '--status needs a value, one of running, succeeded',
    'rental-etl runs --status running',
    HELP,
  ])
  expect(await told(['--limit'])).toEqual(['USAGE', '--limit needs a value', HELP])
  expect(await told(['--limit', 'x'])).toEqual(['USAGE', '--limit does not take x: it takes an integer', HELP])
  expect(await told(['--limit', '0'])).toEqual([
    'USAGE',
    '--limit does not take 0: it takes an integer greater than or equal to 1',
    HELP,
  ])
  expect(await told(['--watch', '--detach'])).toEqual(['USAGE', '--watch and --detach do not go together', HELP])
  const required = { flags: { reason: Flags.string({ required: true }) } }
  expect(await told([], required)).toEqual(['USAGE', '--reason is missing', HELP])
})

test('arguments', async () => {
  const args = { layer: Args.string({ required: true, options: LAYERS }) }
  expect(await told([], { args })).toEqual([
    'USAGE',
    'LAYER is missing: it is one of extract, raw, curated',
    'rental-etl runs extract',
    HELP,
  ])
  expect(await told(['extrct'], { args })).toEqual([
    'USAGE',
    '"extrct" is none of extract, raw, curated; the nearest is extract',
    'rental-etl runs extract',
    HELP,
  ])
  expect(await told(['raw', 'one', 'two'], { args })).toEqual(['USAGE', 'runs does not take "one", "two"', HELP])
  expect(await told([], { args: { dir: Args.string({ required: true }) } })).toEqual(['USAGE', 'DIR is missing', HELP])
})

test('anything else is told as the parser has it, on one line', () => {
  const error = new Error('Something  else\n  is wrong\nSee more help with --help')
  expect(usageError(error, { command: undefined, flags: [] })).toEqual({
    code: 'USAGE',
    message: 'something else is wrong',
    suggestions: ['rental-etl --help'],
  })
})

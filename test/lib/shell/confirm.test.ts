import { PassThrough } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import { confirm } from '../../../src/lib/shell/confirm.js'

const streams = { stdin: process.stdin, stderr: process.stderr }
afterEach(() => {
  for (const [name, value] of Object.entries(streams))
    Object.defineProperty(process, name, { value, configurable: true })
})

/** A terminal on which somebody types. */
function terminal(isTTY = { stdin: true, stderr: true }): { type: PassThrough; shown: () => string } {
  const [stdin, stderr] = [new PassThrough(), new PassThrough()]
  Object.defineProperty(process, 'stdin', { value: Object.assign(stdin, { isTTY: isTTY.stdin }), configurable: true })
  Object.defineProperty(process, 'stderr', {
    value: Object.assign(stderr, { isTTY: isTTY.stderr }),
    configurable: true,
  })
  return { type: stdin, shown: () => String(stderr.read() ?? '') }
}

const options = (changes: object = {}) => ({
  yes: false,
  json: false,
  command: 'rental-etl cancel --yes',
  signal: new AbortController().signal,
  ...changes,
})

test('--yes is not asked again', async () => {
  const { shown } = terminal({ stdin: false, stderr: false })
  expect(await confirm('Cancel r-1?', options({ yes: true }))).toBeUndefined()
  expect(shown()).toBe('')
})

test.each([
  ['without a terminal to type on', { stdin: false, stderr: true }, {}],
  ['without one to ask on', { stdin: true, stderr: false }, {}],
  ['with --json', { stdin: true, stderr: true }, { json: true }],
])('%s it needs --yes', async (_, isTTY, changes) => {
  const { shown } = terminal(isTTY)
  await expect(confirm('Cancel r-1?', options(changes))).rejects.toMatchObject({
    code: 'DECLINED',
    exit: 'usage',
    message: 'this destroys something, and there is no terminal to ask on: it needs --yes',
    suggestions: ['rental-etl cancel --yes'],
  })
  expect(shown()).toBe('')
})

test.each(['y', 'Y', 'yes', ' YES '])('"%s" is a yes', async (answer) => {
  const { type, shown } = terminal()
  const asked = confirm('Cancel r-1?', options())
  type.write(`${answer}\n`)
  await asked
  expect(shown()).toContain('Cancel r-1? [y/N] ')
})

test.each(['', 'n', 'no', 'yes please', 'yy'])('"%s" is none', async (answer) => {
  const { type } = terminal()
  const asked = confirm('Cancel r-1?', options())
  type.write(`${answer}\n`)
  await expect(asked).rejects.toMatchObject({ code: 'DECLINED', exit: 'usage', message: 'nothing was done' })
})

test('the end of the input is none', async () => {
  const { type } = terminal()
  const asked = confirm('Cancel r-1?', options())
  type.end()
  await expect(asked).rejects.toMatchObject({ code: 'DECLINED', exit: 'usage', message: 'nothing was done' })
})

test('an abort ends the asking with its reason', async () => {
  terminal()
  const abort = new AbortController()
  const asked = confirm('Cancel r-1?', options({ signal: abort.signal }))
  abort.abort(new Error('interrupted by Ctrl-C'))
  await expect(asked).rejects.toThrow()
})

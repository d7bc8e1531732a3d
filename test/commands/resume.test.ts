import { expect, test } from 'vitest'
import Resume from '../../src/commands/resume.js'
import { captureCommand } from '../support/capture-command.js'
import { smallHome } from '../support/small-home.js'

const { home, source } = smallHome()
const resume = (...argv: string[]) =>
  captureCommand(Resume, 'resume', ...argv, '--home', home(), '--source', `csv:${source()}`)

test('--explain says what would be done, and does nothing', async () => {
  const { stdout, code } = await resume('--explain')
  expect([code, ...stdout.split('\n')]).toEqual([
    0,
    'resumes run second at extract, as of 2025-03-24',
    '  do   extract  it did not succeed',
    '  do   raw      it follows',
    '  do   curated  it follows',
    '',
  ])
})

test('a run that succeeded has nothing left to do', async () => {
  const { stderr, code } = await resume('first')
  expect([code, stderr.split('\n')[0]]).toEqual([66, 'error: run first succeeded: nothing of it is left to do'])
})

test('goes on at the layer that failed; then nothing is left', async () => {
  const { stdout, code } = await resume('--json')
  const { result } = JSON.parse(stdout)
  const layers = result.layers.map(({ layer, status }: Record<string, string>) => [layer, status])
  expect([code, result.parent, result.status, result.as_of, layers]).toEqual([
    0,
    'second',
    'succeeded',
    '2025-03-24',
    [
      ['extract', 'succeeded'],
      ['raw', 'succeeded'],
      ['curated', 'succeeded'],
    ],
  ])
  const again = await resume()
  expect([again.code, again.stderr.split('\n')[0]]).toEqual([66, 'error: no run failed since the last success'])
})

import { join } from 'node:path'
import { expect, test } from 'vitest'
import Trace from '../../src/commands/trace.js'
import { type Captured, captureCommand } from '../support/capture-command.js'
import { smallHome } from '../support/small-home.js'

const small = smallHome()
const trace = (...words: string[]): Promise<Captured> =>
  captureCommand(Trace, 'trace', ...words, '--home', small.home())

const last = ({ stdout }: Captured): string | undefined => stdout.trimEnd().split('\n').at(-1)

test('the last line is the verdict, behind what each place says; the source is that of the newest load', async () => {
  const found = await trace('booking', '6')
  expect([found.code, last(found), found.stderr]).toEqual([
    0,
    'verdict: dropped: raw → curated, not_confirmed:canceled',
    '',
  ])
  expect(found.stdout).toContain(
    `source        found       bookings, line 7\n    ${join(small.source(), 'bookings.csv')}\n`,
  )
})

test('what is suggested is for the same home and works', async () => {
  const { stderr, code } = await trace('booking', '7')
  expect([code, stderr]).toEqual([0, `next: rental-etl quarantine show 1 --home ${small.home()}\n`])
})

test('a key that nobody knows ends with 66, in text and in JSON, and its steps are there', async () => {
  const text = await trace('view', '1,2,2025-03-01')
  expect([text.code, last(text)]).toEqual([66, 'verdict: never seen: not in the source, not in any layer'])
  const json = await trace('view', '1,2,2025-03-01', '--json')
  const { status, result, exit } = JSON.parse(json.stdout)
  expect([json.code, status, exit, result.reached]).toEqual([66, 'ok', { code: 66, name: 'not_found' }, null])
  expect(result.steps).toHaveLength(6)
  expect(result.key).toBe('1,2,2025-03-01T00:00:00Z')
})

test('another source is that of a flag; where it cannot be read, all else is shown', async () => {
  const found = await trace('booking', '1', '--source', `csv:${join(small.folder(), 'nowhere')}`)
  expect([found.code, last(found)]).toEqual([0, 'verdict: in every layer; the source was not read'])
  expect(found.stdout).toMatch(/^source {8}not_read {4}bookings, source folder .*nowhere does not exist$/m)
})

test('a wrong kind, a wrong key, and no warehouse', async () => {
  expect(await trace('bookng', '1')).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('the nearest is booking'),
  })
  const key = await trace('view', '7;19')
  expect([key.code, key.stderr]).toEqual([
    64,
    `error: '7;19' is no key of a view: the form is USER,LISTING,VIEWED_AT, the time in UTC, such as 7,19,2026-05-01T10:00:00Z
  try: rental-etl trace --help\n`,
  ])
  const none = await captureCommand(Trace, 'trace', 'booking', '1', '--home', join(small.folder(), 'none'))
  expect([none.code, none.stderr]).toEqual([66, expect.stringContaining('there is no warehouse')])
})

import { expect, test } from 'vitest'
import { createRunView } from '../../../src/lib/ui/run-view.js'
import { EVENTS, FAILED, stateOf } from '../../support/run-states.js'

async function written(
  mode: 'lines' | 'silent',
  events: typeof EVENTS,
  { isTTY = true, ...options }: { detaches?: boolean; ended?: boolean; isTTY?: boolean } = {},
): Promise<string[]> {
  let text = ''
  const write = (chunk: string): boolean => {
    text += chunk
    return true
  }
  const stream = { write, isTTY } as unknown as NodeJS.WriteStream
  const view = await createRunView(mode, {
    ...{ stream, source: 'sample', detaches: false, clock: { now: () => new Date(0) } },
    ...options,
  })
  for (const event of events) view.onEvent(event, stateOf(events))
  await view.close(stateOf(events))
  return text.split('\n').slice(0, -1)
}

test('a line for each event, without progress', async () => {
  expect(await written('lines', EVENTS)).toEqual([
    '02:10:00 run      run r-1 as of 2026-04-30, source sample; Ctrl-C stops the run cleanly',
    '02:10:00 extract  started, attempt 1',
    '02:10:02 extract  bookings: 1200 in, 1100 out, 100 unchanged',
    '02:10:03 extract  succeeded',
    '02:10:03 raw      started, attempt 1',
    '02:10:04 raw      stg_bookings: 1100 in, 1090 out, 1080 inserted, 10 updated, 4 superseded, 6 quarantined',
    '02:10:05 raw      succeeded',
    '02:10:05 curated  started, attempt 1',
    '02:10:06 curated  fact_bookings: 1090 in, 800 out, 290 filtered',
    '02:10:07 curated  succeeded',
    '02:10:07 run      run succeeded',
  ])
})

test('what goes wrong has its level', async () => {
  expect((await written('lines', FAILED)).slice(5)).toEqual([
    '02:10:04 raw      warn: trying again, attempt 2: the disk is slow',
    '02:10:04 raw      started, attempt 2',
    '02:10:05 raw      error: failed: the disk is full',
    '02:10:05 run      error: run failed',
  ])
})

test('what Ctrl-C does, unless the run is over', async () => {
  const first = async (options: { detaches?: boolean; ended?: boolean }) =>
    (await written('lines', EVENTS.slice(0, 1), options))[0]?.slice(42)
  expect(await first({ detaches: true })).toBe(', source sample; Ctrl-C leaves the run going on')
  expect(await first({ detaches: true, ended: true })).toBe(', source sample')
})

test('off a terminal with the date, and without what Ctrl-C does', async () => {
  expect((await written('lines', EVENTS, { isTTY: false })).slice(0, 3)).toEqual([
    '2026-05-01T02:10:00Z run      run r-1 as of 2026-04-30, source sample',
    '2026-05-01T02:10:00Z extract  started, attempt 1',
    '2026-05-01T02:10:02Z extract  bookings: 1200 in, 1100 out, 100 unchanged',
  ])
})

test('with JSON nothing is written', async () => {
  expect(await written('silent', EVENTS)).toEqual([])
})

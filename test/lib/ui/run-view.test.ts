import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/lib/core/run/events.js'
import { createRunView } from '../../../src/lib/ui/run-view.js'
import { at, EVENTS, FAILED, stateOf } from '../../support/run-states.js'

async function written(
  mode: 'lines' | 'silent',
  events: readonly RunEvent[],
  {
    columns = 200,
    isTTY = true,
    ...options
  }: { detaches?: boolean; ended?: boolean; color?: boolean; columns?: number; isTTY?: boolean } = {},
): Promise<string[]> {
  let text = ''
  const write = (chunk: string): boolean => {
    text += chunk
    return true
  }
  const stream = { write, columns, isTTY } as unknown as NodeJS.WriteStream
  const view = await createRunView(mode, {
    ...{ stream, source: 'sample', color: false, detaches: false, clock: { now: () => new Date(0) } },
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
    '02:10:02 extract  bookings: 1,200 rows in, 1,100 rows out, 100 unchanged',
    '02:10:03 extract  succeeded',
    '02:10:03 raw      started, attempt 1',
    '02:10:04 raw      stg_bookings: 1,100 rows in, 1,090 rows out, 1,080 inserted, 10 updated, 4 superseded, 6 quarantined, 2 nullified',
    '02:10:05 raw      succeeded',
    '02:10:05 curated  started, attempt 1',
    '02:10:06 curated  fact_bookings: 1,090 rows in, 800 rows out, 290 filtered',
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
    '2026-05-01T02:10:02Z extract  bookings: 1,200 rows in, 1,100 rows out, 100 unchanged',
  ])
})

test('with JSON nothing is written', async () => {
  expect(await written('silent', EVENTS)).toEqual([])
})

test('what data hold is written out, on a terminal lines keep to its width, and what goes wrong is in colour', async () => {
  const log = {
    type: 'log',
    at: at(1),
    layer: 'raw',
    level: 'warn',
    message: 'column \u001b[31mevil is not in the model',
  } as const
  expect(await written('lines', [log])).toEqual(['02:10:01 raw      warn: column \\u001b[31mevil is not in the model'])
  expect(await written('lines', [log], { color: true, columns: 40 })).toEqual([
    '\u001b[2m02:10:01\u001b[22m raw      \u001b[33mwarn:\u001b[39m column',
    '                  \\u001b[31mevil is not',
    '                  in the model',
  ])
})

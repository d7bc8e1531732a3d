import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { EventLog } from '../../../../../src/lib/adapters/local/home/event-log.js'
import { readEvents } from '../../../../../src/lib/adapters/local/home/run-files.js'
import type { RunEvent } from '../../../../../src/lib/core/run/events.js'
import { begun, closed } from '../../../../fakes/orchestrator.js'
import { collect } from '../../../../support/collect.js'
import { temporaryFolder } from '../../../../support/temporary.js'

const progress = (ms: number, rows: number, step = 'reading', table = 'bookings'): RunEvent => ({
  type: 'table_progress',
  at: new Date(Date.parse('2026-05-04T02:00:00.000Z') + ms).toISOString(),
  layer: 'extract',
  table,
  rows,
  step,
})

async function openLog(): Promise<{ log: EventLog; path: string }> {
  const path = join(await temporaryFolder(), 'events.jsonl')
  return { log: new EventLog(path, 'r-1', (error) => expect.unreachable(String(error))), path }
}

test('each event is a line on disk before anyone is told', async () => {
  const { log, path } = await openLog()
  log.append(begun('r-1'))
  expect(await readEvents({ events: path })).toEqual([begun('r-1')])
  log.write(closed())
  expect(await readEvents({ events: path })).toEqual([begun('r-1'), closed()])
  expect([log.events, log.closed, log.state.status]).toEqual([[begun('r-1')], false, 'succeeded'])
  log.publish(closed())
  expect(await collect(log.follow())).toEqual([begun('r-1'), closed()])
})

test('progress is kept a few times a second per table, and whenever the step changes', async () => {
  const { log } = await openLog()
  const events = [
    progress(0, 1),
    progress(100, 2),
    progress(100, 1, 'reading', 'apartments'),
    progress(150, 3, 'comparing'),
    progress(349, 4, 'comparing'),
    progress(350, 5, 'comparing'),
  ]
  for (const event of events) log.append(event)
  expect(log.events).toEqual([events[0], events[2], events[3], events[5]])
})

test('who follows is told as it comes', async () => {
  const { log } = await openLog()
  const following = collect(log.follow())
  log.append(begun('r-1'))
  await Promise.resolve()
  log.append(closed())
  expect(await following).toEqual([begun('r-1'), closed()])
})

test('a disk that takes no more is told once, and the run goes on to its end', async () => {
  const errors: unknown[] = []
  const path = join(await temporaryFolder(), 'events.jsonl')
  // The file's number is taken over by one that cannot be written.
  const probe = openSync(path, 'a')
  closeSync(probe)
  const log = new EventLog(path, 'r-1', (error) => errors.push((error as NodeJS.ErrnoException).code))
  closeSync(probe)
  expect(openSync(path, 'r')).toBe(probe)
  log.append(begun('r-1'))
  log.append(closed())
  expect(errors).toEqual(['EBADF'])
  expect(await readFile(path, 'utf8')).toBe('')
  expect(await collect(log.follow())).toEqual([begun('r-1'), closed()])
})

test('a run without a log has no events', async () => {
  expect(await readEvents({ events: join(await temporaryFolder(), 'events.jsonl') })).toEqual([])
})

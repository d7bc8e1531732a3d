import type { HistoryEvent } from '@aws-sdk/client-sfn'
import { expect, test } from 'vitest'
import { RunReader } from '../../../../../src/lib/adapters/aws/runs/run-reader.js'
import { EtlError } from '../../../../../src/lib/core/errors.js'
import { initialRun, type RunEvent, reduceRun } from '../../../../../src/lib/core/run/events.js'
import { emptyFlow } from '../../../../../src/lib/core/run/run.js'
import { FakeAws } from '../../../../fakes/aws-runs.js'
import {
  ABORTED,
  atSecond,
  CURATED,
  EXTRACT,
  failed,
  history,
  LOAD,
  noticed,
  SNAPSHOT,
  SUCCESS,
  started,
} from '../../../../fakes/histories.js'
import { requestOf } from '../../../../fakes/requests.js'
import { collect } from '../../../../support/collect.js'

const REQUEST = JSON.stringify(requestOf('r-1'))
const GOOD = history(started(REQUEST), SNAPSHOT, EXTRACT, LOAD, CURATED, SUCCESS)

/** A line of a job, a second after the events of that number, and a little. */
function say(aws: FakeAws, state: string, second: number, line: object): void {
  const timestamp = Date.parse(atSecond(second)) + 500
  const message = JSON.stringify(line)
  aws.lines.push({ logGroupName: '/aws-glue/jobs/output', logStreamName: `jr_${state}`, timestamp, message })
}

const done = (table: string, inserted = 0) => ({ event: 'table_done', flow: { ...emptyFlow(table), inserted } })
const log = (message: string) => ({ event: 'log', level: 'warn', message })

/** The history as it grows: so many more events with each look. */
function growing(aws: FakeAws, events: HistoryEvent[], step: number): RunReader {
  const shown = aws.begin('r-1', [], 'RUNNING').events
  aws.pageSize = 100
  let looked = 0
  aws.on['GetExecutionHistory'] = () => {
    shown.push(...events.slice(shown.length, ++looked * step))
  }
  return new RunReader(aws.options('2026-05-04T02:00:30.000Z'))
}

const kept = (aws: FakeAws): RunEvent[] =>
  (aws.files.get('runs/r-1/events.jsonl') ?? '')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent)

test.each([1, 2, 3, 7, 100])('the same events however they come, %i with each look', async (step) => {
  const aws = new FakeAws()
  say(aws, 'SnapshotRaw', 4, log('snapshot'))
  say(aws, 'ExtractRaw', 10, done('bookings'))
  say(aws, 'LoadRaw', 16, { event: 'table_progress', table: 'stg_bookings', rows: 3, step: 'loading' })
  say(aws, 'LoadRaw', 16, done('stg_bookings', 3))
  const events = await collect(growing(aws, GOOD, step).follow('r-1', {}))
  expect(events.map((event) => `${event.type} ${'layer' in event ? event.layer : ''}`)).toEqual([
    'run_started ',
    ...['layer_started extract', 'log extract', 'table_done extract', 'layer_succeeded extract'],
    ...['layer_started raw', 'table_progress raw', 'table_done raw', 'layer_succeeded raw'],
    ...['layer_started curated', 'layer_succeeded curated', 'run_closed '],
  ])
  expect(kept(aws)).toEqual(events)
  expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).sort())
})

test('why a job failed is what it said, also where that appears after its end', async () => {
  const aws = new FakeAws()
  const cause = { JobRunState: 'FAILED', ErrorMessage: 'SystemExit: 1' }
  const bad = history(started(REQUEST), LOAD.slice(0, 4), failed('States.TaskFailed', cause), noticed('LoadRaw', 'no'))
  const reader = growing(aws, bad, 100)
  let looks = 0
  aws.on['FilterLogEvents'] = () => {
    if (++looks === 2)
      say(aws, 'LoadRaw', 4, { event: 'failed', code: 'SOURCE_SCHEMA', message: 'no column id', suggestions: ['x'] })
  }
  const state = (await collect(reader.follow('r-1', {}))).reduce(reduceRun, initialRun(''))
  expect(state.error).toEqual({ code: 'SOURCE_SCHEMA', message: 'no column id', suggestions: ['x'], layer: 'raw' })
})

test('what was written after a stop does not count, whenever it is looked', async () => {
  const stopped = history(started(REQUEST), LOAD.slice(0, 4), ABORTED)
  const told: RunEvent[][] = []
  for (const step of [1, 100]) {
    const aws = new FakeAws()
    say(aws, 'LoadRaw', 4, log('before'))
    say(aws, 'LoadRaw', 5, log('after'))
    told.push(await collect(growing(aws, stopped, step).follow('r-1', {})))
  }
  expect(told[0]).toEqual(told[1])
  expect(told[0]?.map((event) => ('message' in event ? event.message : event.type))).toEqual([
    ...['run_started', 'layer_started', 'before', 'run_closed'],
  ])
})

test('counts whose lines are no longer kept are those that the jobs left', async () => {
  const aws = new FakeAws()
  aws.files.set('runs/r-1/raw.json', JSON.stringify({ tables: [{ table: 'stg_a', inserted: 1 }, { table: 'stg_b' }] }))
  say(aws, 'LoadRaw', 16, done('stg_a', 1))
  const events = await collect(growing(aws, GOOD, 100).follow('r-1', {}))
  const tables = events.flatMap((event) => (event.type === 'table_done' ? [[event.flow.table, event.at]] : []))
  expect(tables).toEqual([
    ['stg_a', '2026-05-04T02:00:16.500Z'],
    ['stg_b', atSecond(17)],
  ])
})

test('a look that fails is told once, and nothing is told twice or lost', async () => {
  const aws = new FakeAws()
  say(aws, 'ExtractRaw', 10, log('hello'))
  const io = new EtlError('not reached', { code: 'IO' })
  aws.failures['GetExecutionHistory'] = [undefined, io, io, undefined, io]
  aws.failures['FilterLogEvents'] = [io]
  const told: unknown[] = []
  const events = await collect(growing(aws, GOOD, 9).follow('r-1', { onTrouble: (error) => told.push(error) }))
  const other = new FakeAws()
  say(other, 'ExtractRaw', 10, log('hello'))
  expect(events).toEqual(await collect(growing(other, GOOD, 100).follow('r-1', {})))
  expect(told).toEqual([io, io, io])
})

test('keys that are over end the following', async () => {
  const aws = new FakeAws()
  const access = new EtlError('keys', { code: 'ACCESS' })
  aws.failures['GetExecutionHistory'] = [undefined, access]
  await expect(collect(growing(aws, GOOD, 3).follow('r-1', {}))).rejects.toBe(access)
})

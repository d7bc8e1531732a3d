import { expect, test } from 'vitest'
import { flowOf, parseJobLine } from '../../../../../src/lib/adapters/aws/runs/job-line.js'
import { emptyFlow } from '../../../../../src/lib/core/run/run.js'

test.each([
  [
    { event: 'table_done', layer: 'raw', flow: { table: 'stg_bookings', rows_in: 3 } },
    { event: 'table_done', flow: { ...emptyFlow('stg_bookings'), rows_in: 3 } },
  ],
  [
    { event: 'table_progress', layer: 'raw', table: 'bookings', rows: 7, step: 'reading' },
    { event: 'table_progress', table: 'bookings', rows: 7, step: 'reading' },
  ],
  [
    { event: 'log', level: 'warn', message: 'one' },
    { event: 'log', level: 'warn', message: 'one' },
  ],
  [
    { event: 'log', level: 'debug', message: 'mysql://u:geheim@db/x' },
    { event: 'log', level: 'info', message: 'mysql://u:***@db/x' },
  ],
  [
    { event: 'failed', code: 'SOURCE_SCHEMA', message: 'no column id', suggestions: ['rental-etl doctor'] },
    { event: 'failed', code: 'SOURCE_SCHEMA', message: 'no column id', suggestions: ['rental-etl doctor'] },
  ],
  [
    { event: 'failed', code: 'OF_TOMORROW', message: 'password=geheim' },
    { event: 'failed', code: 'JOB_FAILED', message: 'password=***', suggestions: [] },
  ],
])('a line of our job: %j', (line, meant) => {
  expect(parseJobLine(JSON.stringify(line))).toEqual(meant)
})

test.each([
  'INFO SparkContext: Running Spark version 3.5.4',
  '{"event":',
  '{"level":"INFO","message":"by another logger"}',
  '{"event":"constructor"}',
  '{"event":"toString","message":"x"}',
  '{"event":"table_done","flow":null}',
  '{"event":"table_done"}',
  '{"event":"table_progress","table":"x"}',
  '{"event":"log"}',
  '{"event":"failed","code":"IO"}',
  '',
])('a line of something else is none: %s', (line) => {
  expect(parseJobLine(line)).toBeUndefined()
})

test('what is no flow is none', () => {
  expect([flowOf(undefined), flowOf('x'), flowOf({ rows_in: 1 })]).toEqual([undefined, undefined, undefined])
})

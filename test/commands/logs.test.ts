import { expect, test } from 'vitest'
import Logs from '../../src/commands/logs.js'
import { captureCommand } from '../support/capture-command.js'
import { smallHome, steady } from '../support/small-home.js'

const { home, folder } = smallHome()
const logs = (...argv: string[]) => captureCommand(Logs, 'logs', ...argv, '--home', home())
const lines = async (...argv: string[]) => {
  const { stdout, stderr, code } = await logs(...argv)
  return [code, stderr, ...steady(stdout, folder()).split('\n').slice(0, -1)]
}

test('the newest run', async () => {
  expect(await lines()).toEqual([
    0,
    '',
    'TIME info  run      run second as of 2025-03-24',
    'TIME info  extract  started, attempt 1',
    'TIME error extract  failed: source folder FOLDER/nowhere does not exist',
    'TIME warn  run      notice: rental-etl: ExtractRaw failed',
    'TIME error run      run failed',
  ])
})

test('one layer of a run', async () => {
  expect(await lines('first', '--layer', 'curated')).toEqual([
    0,
    '',
    'TIME info  curated  started, attempt 1',
    'TIME info  curated  dim_listings: 3 rows in, 3 rows out, 3 inserted',
    'TIME info  curated  fact_bookings: 6 rows in, 5 rows out, 5 inserted, 1 filtered',
    'TIME info  curated  fact_user_views: 2 rows in, 2 rows out, 2 inserted',
    'TIME info  curated  dim_users: 3 rows in, 3 rows out, 3 inserted',
    'TIME info  curated  succeeded',
  ])
  expect(await lines('second', '--layer', 'raw')).toEqual([0, 'no lines: the log says nothing of raw\n'])
})

test('only what failed; nothing, where nothing did', async () => {
  const [code, next, ...shown] = await lines('--failed')
  expect(steady(String(next), folder()).split('\n')).toEqual([
    'next: rental-etl run --source csv:DIR --as-of 2025-03-24 --home FOLDER/home',
    'next: rental-etl config explain source --home FOLDER/home',
    'next: rental-etl resume --home FOLDER/home',
    '',
  ])
  expect([code, ...shown]).toEqual([
    0,
    'TIME info  extract  started, attempt 1',
    'TIME error extract  failed: source folder FOLDER/nowhere does not exist',
  ])
  expect(await lines('first', '--failed')).toEqual([0, 'no lines: no layer of this run failed\n'])
})

test('following a run that is over ends by itself', async () => {
  const all = await lines('first')
  expect(all.length).toBeGreaterThan(10)
  expect(await lines('first', '--follow')).toEqual(all)
})

test('as JSON', async () => {
  const { stdout, code } = await logs('second', '--failed', '--json')
  const { run_id, result } = JSON.parse(steady(stdout, folder()))
  expect([code, run_id, result]).toEqual([
    0,
    'second',
    {
      run_id: 'second',
      lines: [
        { at: 'TIME', layer: 'extract', level: 'info', message: 'started, attempt 1' },
        {
          at: 'TIME',
          layer: 'extract',
          level: 'error',
          message: 'failed: source folder FOLDER/nowhere does not exist',
        },
      ],
    },
  ])
})

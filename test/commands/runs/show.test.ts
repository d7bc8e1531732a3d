import { expect, test } from 'vitest'
import RunsShow from '../../../src/commands/runs/show.js'
import { newRequest } from '../../../src/lib/core/run/request.js'
import { captureCommand } from '../../support/capture-command.js'
import { smallHome, steady } from '../../support/small-home.js'

const { home, folder } = smallHome()
const show = (...argv: string[]) => captureCommand(RunsShow, 'runs:show', ...argv, '--home', home())

test('a run that succeeded', async () => {
  const { stdout, stderr, code } = await show('first')
  expect([code, stderr]).toEqual([0, ''])
  expect(steady(stdout, folder()).split('\n')).toEqual([
    'run first of csv:FOLDER/source (target local)',
    'extract               rows_in  rows_out',
    '────────────────────  ───────  ────────',
    'apartments                  3         3',
    'apartment_attributes        3         3',
    'bookings                    8         8',
    'user_viewing                2         2',
    '',
    'raw                       rows_in  inserted  quarantined',
    '────────────────────────  ───────  ────────  ───────────',
    'stg_apartments                  3         3            0',
    'stg_apartment_attributes        3         3            0',
    'stg_bookings                    8         6            2',
    'stg_user_viewing                2         2            0',
    '',
    'curated          rows_in  rows_out  inserted  filtered',
    '───────────────  ───────  ────────  ────────  ────────',
    'dim_listings           3         3         3         0',
    'fact_bookings          6         5         5         1',
    'fact_user_views        2         2         2         0',
    'dim_users              3         3         3         0',
    '',
    '✓ run first succeeded in N s, as of 2025-03-24',
    'ledger: 16 rows in = 14 rows out + 2 quarantined; unexplained 0',
    '',
  ])
})

test('a run that failed, and why', async () => {
  const { stdout, stderr, code } = await show('@failed')
  const next = steady(stderr, folder()).split('\n')
  expect([code, ...next]).toEqual([
    0,
    'next: rental-etl run --source csv:DIR --as-of 2025-03-24 --home FOLDER/home',
    'next: rental-etl config explain source --home FOLDER/home',
    'next: rental-etl resume --home FOLDER/home',
    '',
  ])
  expect(steady(stdout, folder()).split('\n')).toEqual([
    'run second of csv:FOLDER/nowhere (target local)',
    '✗ run second failed in N s, as of 2025-03-24',
    'layer extract: source folder FOLDER/nowhere does not exist',
    '',
  ])
})

test('as JSON', async () => {
  const { stdout, code } = await show('@-2', '--json')
  const { run_id, result } = JSON.parse(stdout)
  expect([code, run_id, result.status, result.source, result.target, result.request]).toEqual([
    0,
    'first',
    'succeeded',
    `csv:${folder()}/source`,
    'local',
    newRequest({ run_id: 'first', as_of: '2025-03-24', source: `csv:${folder()}/source`, source_given: true }),
  ])
})

test('a run that is not there, with the nearest', async () => {
  const { stderr, code } = await show('frist')
  expect([code, stderr.split('\n')[0]]).toEqual([66, 'error: there is no run frist; the nearest is first'])
})

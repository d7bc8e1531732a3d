import { expect, test, vi } from 'vitest'
import Schedule from '../../src/commands/schedule.js'
import { captureCommand } from '../support/capture-command.js'
import { workingFolder } from '../support/working-folder.js'

const schedule = (...argv: string[]) => captureCommand(Schedule, 'schedule', ...argv)

async function lines(...argv: string[]): Promise<string[]> {
  vi.useFakeTimers({ now: new Date('2026-05-01T02:00:00Z'), toFake: ['Date'] })
  try {
    const { stdout, stderr, code } = await schedule(...argv)
    expect([code, stderr]).toEqual([0, ''])
    return stdout.split('\n').slice(0, -1)
  } finally {
    vi.useRealTimers()
  }
}

test('the next three times, and lines for crontab that make the folder of the log', async () => {
  const folder = await workingFolder()
  expect(await lines()).toEqual([
    'next: 2026-05-02T02:00:00Z, 2026-05-03T02:00:00Z, 2026-05-04T02:00:00Z (UTC)',
    'to schedule it, add these lines with `crontab -e`:',
    'CRON_TZ=UTC',
    `0 2 * * * cd ${folder} && mkdir -p ${folder}/.rental-etl && rental-etl run --target local >> ${folder}/.rental-etl/cron.log 2>&1`,
  ])
})

test('what cron would not know is written down', async () => {
  const folder = await workingFolder()
  vi.stubEnv('RENTAL_ETL_HOME', 'my home')
  const [, , , line] = await lines('--source', 'csv:100%')
  const home = `'${folder}/my home'`
  expect(line).toBe(
    `0 2 * * * cd ${folder} && mkdir -p ${home} && rental-etl run --target local --home ${home} --source 'csv:${folder}/100\\%' >> '${folder}/my home/cron.log' 2>&1`,
  )
})

test('the schedule of the target', async () => {
  const yaml = 'targets:\n  nightly:\n    kind: local\n    home: wh\n    schedule: 30 4 1 * *\n'
  const folder = await workingFolder({ 'rental-etl.yml': yaml })
  expect(await lines('--target', 'nightly')).toEqual([
    'next: 2026-05-01T04:30:00Z, 2026-06-01T04:30:00Z, 2026-07-01T04:30:00Z (UTC)',
    'to schedule it, add these lines with `crontab -e`:',
    'CRON_TZ=UTC',
    `30 4 1 * * cd ${folder} && mkdir -p ${folder}/wh && rental-etl run --target nightly >> ${folder}/wh/cron.log 2>&1`,
  ])
})

test('a day that never comes', async () => {
  await workingFolder({ 'rental-etl.yml': 'targets:\n  local:\n    kind: local\n    schedule: 0 2 30 2 *\n' })
  expect((await lines())[0]).toBe('0 2 30 2 * never comes')
})

test('as JSON', async () => {
  const folder = await workingFolder()
  const { stdout, code } = await schedule('--json')
  const { result } = JSON.parse(stdout)
  expect([code, result.schedule, result.next_runs.length, result.crontab.split('\n')]).toEqual([
    0,
    '0 2 * * *',
    3,
    [
      'CRON_TZ=UTC',
      `0 2 * * * cd ${folder} && mkdir -p ${folder}/.rental-etl && rental-etl run --target local >> ${folder}/.rental-etl/cron.log 2>&1`,
    ],
  ])
})
